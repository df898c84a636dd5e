"""The standard lists: open for the right roles, for looking only; and every page strict, in both languages."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.staticfiles import finders

from apps.kernel.admin import Window
from apps.kernel.clock import local_date, now
from apps.ledger import operations as ledger
from apps.notifications.models import NotificationTemplate
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import Desk, enter, look
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


def lists():
    """Every standard list of the bank's own models: address and the admin behind it."""
    for model, window in admin.site._registry.items():
        if isinstance(window, Window):
            yield f"/workbench/{model._meta.app_label}/{model._meta.model_name}/", window


@pytest.fixture
def desk():
    return Desk()


def test_lists_open_for_the_right_role_and_offer_no_change(desk):
    auditor = make_staff("AUDITOR")
    client, seen = enter(auditor), 0
    for address, window in lists():
        answer = client.get(address)
        held = auditor.has_perm(window.sees)
        assert answer.status_code == (200 if held else 403) or address.startswith("/workbench/notifications/"), address
        if answer.status_code != 200:
            continue
        page, seen = answer.content.decode(), seen + 1
        assert faults_of(page) == [], address
        for offered in ('name="action"', "addlink", "deletelink", "_save", "action-select"):
            assert offered not in page, (address, offered)
        assert client.get(f"{address}add/").status_code == 403, address
    assert seen >= 25


def test_no_list_asks_the_database_for_each_of_its_rows():
    for address, window in lists():
        keys = {field.name for field in window.model._meta.concrete_fields if field.is_relation}
        shown = keys & set(window.list_display)
        assert shown <= set(window.list_select_related or ()), address


@pytest.mark.parametrize("role", ["ANALYST", "TELLER", "KYC_OFFICER"])
def test_lists_are_closed_to_roles_without_the_right(desk, role):
    user = make_staff(role)
    client = enter(user)
    shown = client.get("/workbench/data/").content.decode()
    for address, _window in lists():
        status = client.get(address).status_code
        assert status in {200, 403}
        assert (address in shown) is (status == 200), address
    assert client.get("/workbench/audit_trail/auditlog/").status_code == 403


def test_a_row_is_read_only_and_cannot_be_posted(desk):
    client = enter(make_staff("AUDITOR"))
    address = f"/workbench/accounts/account/{desk.account.pk}/"
    page = client.get(f"{address}change/").content.decode()
    assert faults_of(page) == []
    assert desk.account.number in page
    assert "/static/admin/js/" not in page, "Django's scripts break the policy and help nobody who only reads"
    assert "_save" not in page
    assert client.post(f"{address}change/", {"status": "CLOSED"}).status_code == 403
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    before = desk.account.status
    desk.account.refresh_from_db()
    assert desk.account.status == before
    client.post("/workbench/accounts/account/", {"action": "delete_selected", "_selected_action": desk.account.pk})
    desk.account.refresh_from_db()


def test_amounts_are_read_as_money_in_lists_and_rows(desk):
    client = enter(make_staff("AUDITOR"))
    slip = f"accounts/cashmovement/{desk.done.pk}/change/"
    for address in ("ledger/entry/", f"ledger/transfer/{desk.done.transfer_id}/change/", slip):
        page = client.get(f"/workbench/{address}").content.decode()
        assert "KES 500.00" in page, address
        assert "50000<" not in page, address


def test_what_was_done_to_a_row_is_read_in_the_audit_trail(desk):
    client = enter(make_staff("AUDITOR"))
    client.get(f"/workbench/accounts/account/{desk.account.pk}/change/")
    answer = client.get(f"/workbench/accounts/account/{desk.account.pk}/history/", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(f"/workbench/audit/?target=accounts.account%2F{desk.account.pk}", 302)]
    assert "kernel.row.viewed" in page
    assert f"accounts.account/{desk.account.pk}" in page


def test_lists_and_rows_keep_the_budget_of_sheets(desk):
    client = enter(make_staff("AUDITOR"))
    for address in ("data/", "accounts/account/", f"accounts/account/{desk.account.pk}/change/"):
        page = client.get(f"/workbench/{address}").content.decode()
        sheets = [finders.find(found) for found in re.findall(r'rel="stylesheet" href="/static/([^"?]+)', page)]
        assert len(sheets) >= 3, address
        assert sum(len(gzip.compress(Path(one).read_bytes())) for one in sheets) <= 12_000, address


def test_what_a_row_brings_along_can_be_scrolled_by_keys(desk):
    text = NotificationTemplate.objects.first()
    answer = enter(make_staff("SUPER_ADMIN")).get(f"/workbench/notifications/notificationtemplate/{text.pk}/change/")
    page = answer.content.decode()
    assert faults_of(page) == []
    assert '<div class="results" tabindex="0" role="group" aria-label="' in page


@pytest.mark.parametrize("query", ["q=%00", "q=" + "x" * 5000, "p=99999", "o=99", "zzz=1", "status__exact=NO", "e=1"])
def test_strange_questions_to_a_list_are_no_crash(desk, query):
    client = enter(make_staff("AUDITOR"))
    for address in ("/workbench/accounts/account/", "/workbench/users/user/", "/workbench/ledger/transfer/"):
        assert client.get(f"{address}?{query}").status_code < 500, (address, query)


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("users/user", "password__startswith=md5"),
        ("users/user", "password__regex=^m"),
        ("users/user", "phone_print__isnull=0"),
        ("users/user", "date_of_birth__gte=1990-01-01"),
        ("users/user", "created_at__year=99999999"),
        ("users/user", "status__regex=((("),
        ("notifications/message", "body__isnull=0"),
        ("mpesa/callback", "raw__icontains=2547"),
    ],
)
def test_a_list_is_asked_by_its_filters_alone_so_what_it_keeps_back_cannot_be_guessed(desk, address, asked):
    client = enter(make_staff("ADMIN"))
    assert client.get(f"/workbench/{address}/?{asked}").status_code == 400


def test_the_filters_a_list_offers_lead_somewhere(desk):
    client = enter(make_staff("SUPER_ADMIN"))
    for asked in (
        "accounts/account/?status__exact=ACTIVE",
        "users/user/?is_staff__exact=1",
        "users/staffmember/?branch__id__exact=1",
        "users/staffmember/?branch__isnull=True",
        "payments/settlement/?day__gte=2026-03-01&day__lt=2026-04-01",
    ):
        assert client.get(f"/workbench/{asked}").status_code == 200, asked


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_strict_whole_and_small(desk, language):
    users = [make_staff("ADMIN", limit_minor=1_000_000_00), desk.teller]
    for user in users:
        look(user, desk.customer)
        client = enter(user, kitbank_language=language)
        pages = [*desk.pages().items(), ("missing", "/workbench/teller/?account=1")]
        for name, address in pages:
            answer = client.get(address)
            page = answer.content.decode()
            assert answer.status_code in {200, 403, 404}, name
            assert faults_of(page) == [], name
            assert f'<html lang="{language}-KE"' in page, name
            assert len(gzip.compress(page.encode())) < 25_000, name
    stranger = enter(make_staff("AUDITOR"), kitbank_language=language)
    assert faults_of(stranger.get(desk.pages()["customer"]).content.decode()) == []


def test_speaks_kiswahili_at_the_desk(desk):
    client = enter(desk.teller, kitbank_language="sw")
    page = client.get("/workbench/").content.decode()
    for english in ("My work", "Approvals", "Lists", "Sign out", "in your till"):
        assert english not in page
    assert "Kasha" in page or "kasha" in page


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Reopen an accounting period"), ("sw", "Kufungua tena kipindi")]
)
def test_a_period_says_who_asked_to_reopen_it(desk, language, words):
    maker, day = make_staff("ADMIN"), local_date(now()) - timedelta(days=400)
    period = ledger.open_period(name="Old", first_on=day, last_on=day, by=maker, at=now())
    ledger.close_period(period=period, by=maker, at=now())
    client = enter(make_staff("AUDITOR"), kitbank_language=language)
    addresses = ("/workbench/ledger/period/", f"/workbench/ledger/period/{period.pk}/change/")
    assert not any("Late invoice" in client.get(address).content.decode() for address in addresses)
    asked = ledger.ask_reopening(period=period, reason="Late invoice", by=maker, at=now())
    for address in addresses:
        page = client.get(address).content.decode()
        assert faults_of(page) == []
        assert words in page
        assert f"{maker}, Late invoice" in page
    link = f"/workbench/approvals/{asked.pk}/"
    checker = enter(make_staff("ADMIN"), kitbank_language=language)
    assert "Late invoice" in checker.get(link).content.decode()
    assert checker.post(link, {"decision": "approve"}).status_code == 303
    period.refresh_from_db()
    assert period.status == "OPEN"
    assert "Late invoice" not in client.get(addresses[0]).content.decode()
