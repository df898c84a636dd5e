"""Rates are believed only when nothing about them is odd; a refusal is kept, audited and told, and good rates stand."""

from datetime import timedelta
from decimal import Decimal

import pytest
import respx
from django.db import DatabaseError, transaction

from apps.audit_trail.models import AuditLog
from apps.fx import operations, ports, queries, tasks
from apps.fx.errors import NotAcceptable, RatesStale
from apps.fx.exchangerate_api import ExchangeRateApi
from apps.fx.models import ExchangeRate, RefusedFeed
from apps.fx.rules import BadFeed, Feed
from apps.fx.testing import TABLE, Told, set_rates
from apps.kernel import approvals, http
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval, OutboxEvent, ProviderState
from apps.kernel.testing import deliver_events
from apps.notifications.models import Alert
from apps.users.testing import make_staff
from simulators.testing import client_of, running

SOUND = {
    "USD": "1",
    "KES": "131",
    "EUR": "0.9",
    "GBP": "0.78",
    "UGX": "3700",
    "TZS": "2600",
    "RWF": "1400",
    "ZAR": "18",
}


@pytest.fixture
def provider(monkeypatch):
    def tell(told):
        monkeypatch.setattr(ports, "_providers", [told])
        return told

    return tell


@pytest.fixture
def feed(tmp_path, settings):
    """The simulator beside the bank, and its control."""
    with running(tmp_path / "simulators") as server, client_of(server) as web:
        settings.EXCHANGERATE_URL = f"{server.address}/exchangerate"

        def lie(**plan):
            assert web.post("/control/fx/", json=plan).status_code == 200

        yield lie


@pytest.mark.django_db
def test_the_adapter_fetches_from_the_stand_in_and_every_currency_has_its_shillings(feed):
    found = operations.refresh_rates(at=now())
    assert set(found.table) == {"KES", "USD", "EUR", "GBP", "UGX", "TZS", "RWF", "ZAR"}
    assert Decimal("125") < found.table["USD"] < Decimal("134")
    assert (found.source, found.is_stale) == ("exchangerate", False)
    assert OutboxEvent.objects.get(name="fx.rates.updated").payload["currencies"] == 7
    assert AuditLog.objects.filter(action="fx.rates.updated").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "because"),
    [
        ("ZERO", "NOT_A_RATE"), ("NEGATIVE", "NOT_A_RATE"), ("NAN", "NOT_A_RATE"), ("JUMP", "JUMP"),
        ("MISSING", "MISSING"), ("WRONG_BASE", "WRONG_BASE"), ("OUTDATED", "OUTDATED"), ("HTML", "NOT_JSON"),
        ("CUT", "NOT_JSON"), ("QUOTA", "ERROR"), ("HTTP_500", "ERROR"), ("TIMEOUT", "NOT_REACHED"),
    ],
)  # fmt: skip
def test_a_lying_provider_never_replaces_good_rates_and_staff_hear_of_it_once(feed, fault, because):
    admin, teller = make_staff("ADMIN"), make_staff("TELLER")
    at = now() + timedelta(minutes=90)  # the feed is of today, and may be minutes old
    good = operations.refresh_rates(at=now())
    feed(fault=fault)
    for minutes in (30, 20):
        assert operations.refresh_rates(at=at - timedelta(minutes=minutes)) is None
    held = queries.rates(at)
    assert (held.table, held.fetched_at, held.is_stale) == (good.table, good.fetched_at, True)
    assert [row.because for row in RefusedFeed.objects.all()] == [because] * 2
    assert AuditLog.objects.filter(action="fx.feed.refused").count() == 2
    deliver_events()
    assert [alert.user_id for alert in Alert.objects.filter(code="fx.feed_refused")] == [admin.pk]
    assert teller.pk != admin.pk


@pytest.mark.django_db
def test_the_key_travels_in_a_header_and_never_in_an_address(settings):
    settings.EXCHANGERATE_URL, settings.EXCHANGERATE_API_KEY = "http://127.0.0.1:9", "very-secret"
    with respx.mock(base_url="http://127.0.0.1:9") as wire:
        asked = wire.get("/v6/latest/USD").respond(403, json={"result": "error", "error-type": "inactive-account"})
        with pytest.raises(BadFeed, match="inactive-account"):
            ExchangeRateApi().latest("USD")
    request = asked.calls.last.request
    assert request.headers["Authorization"] == "Bearer very-secret"
    assert "very-secret" not in str(request.url)


@pytest.mark.django_db
def test_a_provider_that_fails_five_times_is_left_alone(settings):
    settings.EXCHANGERATE_URL = "http://127.0.0.1:9"
    with respx.mock(base_url="http://127.0.0.1:9") as wire:
        asked = wire.get("/v6/latest/USD").respond(500)
        for _nth in range(7):
            operations.refresh_rates(at=now())
        assert asked.call_count == 5
    assert ProviderState.objects.get(name="exchangerate").open_until
    assert (
        list(RefusedFeed.objects.order_by("pk").values_list("because", flat=True))
        == ["ERROR"] * 5 + ["NOT_REACHED"] * 2
    )


@pytest.mark.django_db
def test_no_transaction_is_open_while_the_provider_is_asked(provider, django_capture_on_commit_callbacks):
    from django.db import connection

    depth = len(connection.savepoint_ids)

    class Looks(Told):
        def latest(self, base):
            assert len(connection.savepoint_ids) == depth
            return super().latest(base)

    told = provider(Looks(SOUND))
    assert operations.refresh_rates(at=now()) is not None
    assert told.asked == 1


@pytest.mark.django_db
def test_the_task_fetches_every_hour_and_waits_five_minutes_after_a_refusal(provider, monkeypatch):
    told, start = provider(Told(SOUND)), now()
    for minutes, asked in ((0, 1), (1, 1), (59, 1), (60, 2), (61, 2)):
        monkeypatch.setattr(tasks, "now", lambda m=minutes: start + timedelta(minutes=m))
        tasks.refresh_rates()
        assert told.asked == asked
    told.fails = http.NoAnswer("nothing came")
    for minutes, asked in ((120, 3), (121, 3), (124, 3), (125, 4)):
        monkeypatch.setattr(tasks, "now", lambda m=minutes: start + timedelta(minutes=m))
        tasks.refresh_rates()
        assert told.asked == asked


@pytest.mark.django_db
def test_rates_are_told_for_a_day_with_their_age_and_then_no_more():
    at = now()
    set_rates(at)
    assert not queries.rates(at + timedelta(minutes=59)).is_stale
    stale = queries.rates(at + timedelta(hours=24))
    assert (stale.is_stale, stale.age) == (True, timedelta(hours=24))
    with pytest.raises(RatesStale):
        queries.rates(at + timedelta(hours=24, seconds=1))


@pytest.mark.django_db
def test_a_bank_without_rates_says_so():
    with pytest.raises(RatesStale):
        queries.rates(now())


@pytest.mark.django_db
def test_rates_and_refusals_are_written_once():
    set_rates()
    with pytest.raises(DatabaseError), transaction.atomic():
        ExchangeRate.objects.update(rate=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        ExchangeRate.objects.all().delete()


# ---- a jump that is true ----


@pytest.fixture
def jumped(db, provider):
    set_rates(now() - timedelta(hours=2))
    provider(Told(SOUND | {"KES": "170"}))
    assert operations.refresh_rates(at=now()) is None
    return RefusedFeed.objects.get()


def test_two_people_may_believe_a_jump(jumped):
    asker, checker = make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    approval = operations.ask_to_accept(refused=jumped, reason="The central bank let it float", by=asker, at=now())
    assert queries.rates(now()).table["USD"] == TABLE["USD"]
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=asker, at=now())
    approvals.approve(approval=approval, by=checker, at=now())
    held = queries.rates(now())
    assert (held.table["USD"], held.fetched_at) == (Decimal("170"), jumped.received_at)
    assert AuditLog.objects.filter(action="fx.feed.accepted", actor_id=checker.pk).count() == 1
    with pytest.raises(NotAcceptable):
        operations.ask_to_accept(refused=jumped, reason="Again", by=asker, at=now())


def test_a_feed_that_was_overtaken_is_not_accepted_any_more(jumped):
    asker, checker = make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    approval = operations.ask_to_accept(refused=jumped, reason="It floats", by=asker, at=now())
    set_rates(now(), USD="131")
    with pytest.raises(NotAcceptable):
        approvals.approve(approval=approval, by=checker, at=now())
    assert queries.rates(now()).table["USD"] == Decimal("131")
    assert Approval.objects.get().status == "PENDING"


def test_only_a_jump_may_be_believed_and_only_by_those_who_may(jumped):
    with pytest.raises(NotAllowed):
        operations.ask_to_accept(refused=jumped, reason="Why not", by=make_staff("BRANCH_MANAGER"), at=now())
    lie = RefusedFeed.objects.create(source="x", because="NOT_A_RATE", detail="zero", received_at=now())
    with pytest.raises(NotAcceptable):
        operations.ask_to_accept(refused=lie, reason="Why not", by=make_staff("ADMIN"), at=now())
    with pytest.raises(NotAcceptable):
        operations.ask_to_accept(refused=jumped, reason="Old", by=make_staff("ADMIN"), at=now() + timedelta(hours=25))


@pytest.mark.django_db
@pytest.mark.parametrize("base", ["U\0SD", "U\ud800D"])
def test_a_base_that_no_table_can_hold_is_refused_and_kept(provider, base):
    told = provider(Told(SOUND))
    told.latest = lambda _asked: Feed(base, now(), {code: Decimal(rate) for code, rate in SOUND.items()})
    assert operations.refresh_rates(at=now()) is None
    assert RefusedFeed.objects.get().because == "WRONG_BASE"
