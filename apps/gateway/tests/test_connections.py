"""Connections to providers: what the bank truly calls, whether it answers, and switching it off."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from apps.gateway import operations, subscribers, traffic
from apps.gateway.api import connections
from apps.gateway.models import ExternalApiConnection
from apps.kernel import breaker, http, providers
from apps.kernel.clock import now
from apps.kernel.events import read
from apps.kernel.models import OutboxEvent, ProviderState
from apps.kernel.testing import at_once
from apps.notifications.models import Alert
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/api-gateway/external-api-connections/"
GIVEN = {
    "name": "parcels",
    "base_url": "https://api.parcels.example/v1",
    "auth_kind": "BEARER",
    "credentials": "s3cret",
}


@pytest.fixture
def daraja(server, monkeypatch):
    """A provider the bank is set up with, that stands on this machine."""
    monkeypatch.setattr(providers, "_known", {})
    providers.declare("daraja", "M-Pesa", lambda: server.url)
    providers.declare("iprs", "Registry of people", lambda: "")  # not connected
    operations.keep_built_in(at=now())
    return ExternalApiConnection.objects.get()


@pytest.fixture
def boss():
    return make_staff("ADMIN")


def ask(who, method, path="", body=None):
    send = getattr(Client(headers=bearer(who)), method)
    return send(f"{PLACE}{path}", body, content_type="application/json") if body is not None else send(f"{PLACE}{path}")


def shown(name="daraja"):
    return ExternalApiConnection.objects.with_state().get(name=name)


def call(server):
    return http.send("daraja", "POST", server.url, content=b"{}")


def hear():
    """Let the gateway hear what the breaker told, twice each, as it may."""
    for row in OutboxEvent.objects.filter(name=breaker.ProviderBroke.name).order_by("pk"):
        for _nth in range(2):
            subscribers.tell_of_silence(read(row.name, row.payload))


def test_every_provider_the_bank_calls_is_declared():
    assert {one.name for one in providers.declared()} == {
        "daraja", "africastalking", "africastalking_voice", "africastalking_airtime", "exchangerate", "metropol",
        "iprs", "brs", "interbank-pesalink", "interbank-bank", "interbank-abroad",
    }  # fmt: skip
    assert all(str(one.label) and isinstance(one.address(), str) for one in providers.declared())


def test_shows_what_true_calls_found_and_tells_staff_once_when_a_provider_breaks(daraja, server, boss):
    call(server)
    traffic.write_waiting()
    assert shown().circuit == "CLOSED"
    assert shown().last_ok_at == shown().last_tried_at is not None
    was_ok, server.status = shown().last_ok_at, 503
    for nth in range(breaker.FAILURES):
        assert shown().circuit == "CLOSED", nth
        call(server)
    traffic.write_waiting()
    hear()
    assert (shown().circuit, shown().failures, shown().last_error) == ("OPEN", 5, "HTTP 503")
    assert shown().last_ok_at == was_ok < shown().last_tried_at
    told = OutboxEvent.objects.filter(name="gateway.connection.broke")
    assert {row.payload["provider"] for row in told} == {"daraja"}
    assert [(row.user_id, "M-Pesa" in row.message) for row in Alert.objects.filter(code="gateway.connection_down")] == [
        (boss.pk, True)
    ]
    with pytest.raises(breaker.ProviderResting):
        call(server)
    ProviderState.objects.update(open_until=now() - timedelta(seconds=1))
    assert shown().circuit == "HALF_OPEN"
    call(server)
    assert shown().circuit == "OPEN"  # the one that tried has failed: told before, so not again
    assert OutboxEvent.objects.filter(name=breaker.ProviderBroke.name).count() == 1
    ProviderState.objects.update(open_until=now() - timedelta(seconds=1))
    server.status = 200
    call(server)
    assert (shown().circuit, shown().failures) == ("CLOSED", 0)


def test_nothing_is_sent_where_people_switched_it_off(daraja, server, boss):
    one = f"{daraja.public_id}/"
    assert ask(boss, "patch", one, {"is_active": False}).json()["is_active"] is False
    with pytest.raises(breaker.ProviderOff) as no:
        call(server)
    assert (no.value.status, no.value.code, server.got) == (503, "provider_switched_off", [])
    assert operations.probe_due(at=now()) == 0
    operations.keep_built_in(at=now())
    assert not ExternalApiConnection.objects.get().is_active
    cache.clear()
    assert "Switched off" in Client().get("/developers/status").content.decode()
    assert ask(boss, "patch", one, {"is_active": True}).status_code == 200
    assert call(server).status_code == 200
    for body in ({"base_url": "https://evil.example"}, {"auth_kind": "BEARER"}, {"credentials": "x"}):
        assert ask(boss, "patch", one, body).json()["code"] == "connection_is_built_in"
    assert ask(boss, "delete", one).json()["code"] == "connection_is_built_in"
    assert ExternalApiConnection.objects.get().base_url == server.url


def test_staff_add_change_and_take_away_and_credentials_are_never_told(boss, settings):
    settings.WEBHOOKS_TO_LOOPBACK = False
    made = ask(boss, "post", "", GIVEN)
    assert (made.status_code, made.json()["circuit"], made.json()["has_credentials"]) == (201, "CLOSED", True)
    assert "s3cret" not in made.content.decode() + ask(boss, "get").content.decode()
    row = ExternalApiConnection.objects.get()
    assert row.credentials == "s3cret"
    assert ask(boss, "post", "", GIVEN).json()["code"] == "connection_name_taken"
    assert ask(boss, "post", "", GIVEN | {"name": "daraja"}).json()["code"] == "connection_name_taken"
    for change in (
        {"base_url": "http://api.parcels.example"}, {"base_url": "https://10.0.0.7/"}, {"base_url": "https://127.0.0.1"},
        {"base_url": "https://core.internal"}, {"base_url": "https://u:p@parcels.example"}, {"name": "Parcels!"},
        {"credentials": "a b"}, {"auth_kind": "PROVIDER"}, {"auth_kind": "NONE"},
    ):  # fmt: skip
        answer = ask(boss, "post", "", GIVEN | {"name": "other"} | change)
        assert (answer.status_code, answer.json()["code"]) == (422, "connection_not_possible"), change
    assert ask(boss, "post", "", GIVEN | {"name": "other", "auth_kind": "MAGIC"}).status_code == 400
    one = f"{row.public_id}/"
    assert ask(boss, "patch", one, {"auth_kind": "API_KEY"}).status_code == 422  # a token is no key: name it anew
    changed = ask(boss, "patch", one, {"auth_kind": "API_KEY", "credentials": "k2"}).json()
    assert (changed["auth_kind"], changed["has_credentials"]) == ("API_KEY", True)
    auditor, customer = make_staff("AUDITOR"), make_customer()
    assert (ask(auditor, "get", one).status_code, ask(auditor, "patch", one, {}).status_code) == (200, 403)
    assert (ask(customer, "get").status_code, ask(customer, "delete", one).status_code) == (403, 403)
    assert ask(boss, "delete", one).status_code == 204
    assert not ExternalApiConnection.objects.exists()


def test_the_database_keeps_no_credentials_of_what_the_bank_is_set_up_with(daraja):
    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalApiConnection.objects.update(auth_kind="BEARER")


def test_looks_at_those_nobody_called_and_counts_each_try(daraja, server, boss):
    ask(boss, "post", "", GIVEN | {"base_url": server.url})
    at = now()
    assert operations.probe_due(at=at) == 2
    assert operations.probe_due(at=at + timedelta(minutes=4)) == 0
    assert len(server.got) == 2
    assert [headers.get("Authorization") for headers, _body in server.got] == [None, "Bearer s3cret"]
    assert {row.last_ok_at for row in ExternalApiConnection.objects.all()} == {at}
    server.status = 500
    for nth in range(1, breaker.FAILURES + 2):
        assert operations.probe_due(at=at + timedelta(minutes=6 * nth)) == 0
    assert [shown(name).circuit for name in ("daraja", "parcels")] == ["OPEN", "OPEN"]
    assert len(server.got) == 2 + 2 * breaker.FAILURES  # then both rest
    ExternalApiConnection.objects.filter(name="parcels").update(base_url="http://127.0.0.1:1/")
    ProviderState.objects.all().delete()
    operations.probe_due(at=at + timedelta(hours=2))
    assert shown("parcels").last_error == "ConnectError"


@pytest.mark.django_db(transaction=True)
def test_of_two_jobs_one_asks(daraja, server):
    act = partial(operations.probe_due, at=now())
    assert sorted(at_once(act, act)) == [0, 1]
    assert len(server.got) == 1


def test_credentials_that_are_kept_go_to_no_other_host(boss):
    there = ask(boss, "post", body=GIVEN).json()["id"]
    for elsewhere in ("https://elsewhere.example/v1", "https://api.parcels.example:8443/v1"):
        moved = ask(boss, "patch", f"{there}/", {"base_url": elsewhere})
        assert (moved.status_code, "credentials again" in moved.json()["detail"]) == (422, True), elsewhere
    assert shown("parcels").base_url == GIVEN["base_url"]
    assert ask(boss, "patch", f"{there}/", {"base_url": "https://api.parcels.example/v2"}).status_code == 200
    anew = {"base_url": "https://elsewhere.example/v1", "credentials": "another"}
    assert ask(boss, "patch", f"{there}/", anew).status_code == 200
    assert shown("parcels").credentials == "another"


def test_what_staff_added_becomes_the_banks_own_without_their_credentials_once_the_bank_is_set_up_with_it(
    daraja, server, boss
):
    assert ask(boss, "post", body=GIVEN).status_code == 201
    providers.declare("parcels", "Parcels", lambda: server.url)
    operations.keep_built_in(at=now())
    row = shown("parcels")
    assert (row.base_url, row.is_built_in, row.auth_kind, row.credentials) == (server.url, True, "PROVIDER", None)
    operations.probe_due(at=now())
    assert [headers.get("Authorization") for headers, _body in server.got] == [None, None]


def test_a_change_of_the_address_does_not_switch_on_what_a_colleague_switched_off_meanwhile(boss, monkeypatch):
    one = f"{ask(boss, 'post', body=GIVEN).json()['id']}/"

    def later():
        row, moment = shown("parcels"), now()
        if row.is_active:
            terms = operations.ConnectionTerms(base_url=row.base_url, auth_kind=row.auth_kind, is_active=False)
            operations.change_connection(connection=row, terms=terms, by=boss, at=moment)
        return moment

    monkeypatch.setattr(connections, "now", later)
    changed = ask(boss, "patch", one, {"base_url": "https://api.parcels.example/v2"}).json()
    assert (changed["base_url"], changed["is_active"]) == ("https://api.parcels.example/v2", False)
    assert ProviderState.objects.get(name="parcels").is_off
