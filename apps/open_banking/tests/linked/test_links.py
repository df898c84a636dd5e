"""Accounts at other banks: linked with proof, read without being believed blindly, and taken away for good."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from apps.audit_trail.models import AuditLog
from apps.kernel import guarded, personal
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import TooMany
from apps.ledger.testing import assert_books_balance
from apps.open_banking import operations
from apps.open_banking.errors import BadOtherBank, LinkOver, OtherBankFailed, ReadJustNow
from apps.open_banking.linked import wire
from apps.open_banking.models import LinkedAccount, LinkedBank, LinkedLine, OtherBank
from apps.open_banking.operations import BankTerms, read_linked
from apps.open_banking.operations.link import address_of
from apps.open_banking.tests.linked.linking import link
from apps.open_banking.tests.stand_in import BANK, CLIENT, SECRET, account, balance, line
from apps.users.queries import system_user
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=2)


def test_links_reads_renews_and_forgets(bank, there, user, django_assert_max_num_queries):
    made = link(bank, there, user)
    held = LinkedAccount.objects.get(link=made)
    assert (made.status, held.label, held.masked_number, str(held.balance)) == (
        "ACTIVE", "Akiba", "•••• 4321", "KES 2,500.50")  # fmt: skip
    assert LinkedLine.objects.filter(account=held).count() == 3
    read = [headers for _method, path, headers in there.asked if "/obp/" in path]
    assert {one["x-fapi-customer-ip-address"] for one in read} == {"41.80.1.9"}
    row = LinkedBank.objects.get(pk=made.pk)
    assert (row.state_print, row.pending, row.refresh_token) == (None, None, "refresh-1")

    there.lines["acc-1"].append(line(9, amount="99.00"))
    there.balances = [balance(amount="-1.50")]
    again = operations.read_link(link=made, at=now() + timedelta(hours=7))
    assert LinkedLine.objects.filter(account=held).count() == 4
    held.refresh_from_db()
    assert (str(held.balance), LinkedBank.objects.get(pk=again.pk).refresh_token) == ("KES -1.50", "refresh-2")
    assert "x-fapi-customer-ip-address" not in there.asked[-1][2]

    operations.unlink(link=made, by=user, at=now())
    row.refresh_from_db()
    assert (row.status, row.refresh_token, row.ended_there_at is not None) == ("ENDED", None, True)
    assert there.asked[-1][:2] == ("DELETE", "/api/v1/consents/consent-1/")
    assert not LinkedAccount.objects.exists()
    assert operations.unlink(link=made, by=user, at=now()).ended_at == row.ended_at
    told = " ".join(str(one) for one in AuditLog.objects.values_list("after", flat=True))
    assert SECRET not in told
    assert "refresh-1" not in told
    assert_books_balance()


def test_keeps_no_secret_readable(linked, bank):
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_secret, refresh_token FROM open_banking_otherbank, open_banking_linkedbank")
        kept = b"".join(bytes(value) for value in cursor.fetchone())
    assert SECRET.encode() not in kept
    assert b"refresh-1" not in kept


def test_asks_the_network_outside_any_transaction_of_its_own(bank, there, user, monkeypatch):
    outer, seen, real = list(connection.savepoint_ids), [], guarded.exchange

    def exchange(*args, **kwargs):
        seen.append(list(connection.savepoint_ids) == outer)
        return real(*args, **kwargs)

    monkeypatch.setattr(guarded, "exchange", exchange)
    made = link(bank, there, user)
    operations.read_link(link=made, at=now() + timedelta(hours=7))
    operations.unlink(link=made, by=user, at=now())
    assert len(seen) > 12
    assert all(seen)


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        ({"state": "made-up"}, None),
        ({"issuer": "https://evil.example"}, "NOT_THEM"),
        ({"issuer": ""}, "NOT_THEM"),
        ({"code": "stolen"}, "REFUSED"),
        ({"code": "", "error": "access_denied"}, "DENIED"),
    ],
)
def test_refuses_an_answer_that_is_not_its_own(bank, there, user, change, trouble):
    begun = operations.begin_link(bank=bank, by=user, at=now())
    back = there.allow(address_of(begun)) | change
    with pytest.raises(OtherBankFailed if trouble else LinkOver) as no:
        operations.finish_link(**back, by=user, at=now())
    assert no.value.facts.get("trouble") == trouble
    row = LinkedBank.objects.get()
    assert row.status == ("ENDED" if trouble else "WAITING")
    assert not LinkedBank.objects.shown().exists()


@pytest.mark.parametrize(
    "claims", [{"nonce": "other"}, {"aud": "somebody"}, {"iss": "https://evil.example"}, {"exp": 1_600_000_000}]
)
def test_believes_no_identity_token_but_the_one_it_asked_for(bank, there, user, claims):
    there.claims = claims
    with pytest.raises(OtherBankFailed) as no:
        link(bank, there, user)
    assert no.value.facts["trouble"] == "NOT_THEM"
    assert not LinkedAccount.objects.exists()


def test_a_state_is_good_once_for_an_hour_and_for_one_customer(bank, there, user):
    begun = operations.begin_link(bank=bank, by=user, at=now())
    back = there.allow(address_of(begun))
    for wrong in ({"by": make_customer(), "at": now()}, {"by": user, "at": now() + timedelta(minutes=61)}):
        with pytest.raises(LinkOver):
            operations.finish_link(**back, **wrong)
    operations.finish_link(**back, by=user, at=now())
    with pytest.raises(LinkOver):
        operations.finish_link(**back, by=user, at=now())
    assert LinkedBank.objects.filter(status="ACTIVE").count() == 1


def test_linking_again_ends_the_link_before(bank, there, user, linked):
    link(bank, there, user)
    assert [*LinkedBank.objects.order_by("pk").values_list("status", flat=True)] == ["ENDED", "ACTIVE"]
    assert LinkedAccount.objects.count() == 1
    assert operations.end_links_there(at=now()) == 1
    assert operations.end_links_there(at=now()) == 0


_HUGE = b'{"accounts": [' + b" " * wire.MOST_BYTES + b"]}"
_LIES = [
    ("/my/accounts", (200, {"accounts": [account() | {"bank_id": "elsewhere"}]}), "UNREADABLE"),
    ("/my/accounts", (200, {"accounts": [account(f"a{nth}") for nth in range(51)]}), "UNREADABLE"),
    ("/my/accounts", (200, {"accounts": [account("../../me")] * 2}), "UNREADABLE"),
    ("/my/accounts", (200, {}), "UNREADABLE"),
    ("/my/accounts", (200, b"<html>"), "UNREADABLE"),
    ("/my/accounts", (200, b"[" * 100_000), "UNREADABLE"),
    ("/my/accounts", (200, _HUGE), "UNREADABLE"),
    ("/my/accounts", (302, None), "REFUSED"),
    ("/my/accounts", (429, {"code": 429}), "REFUSED"),
    ("/my/accounts", (503, b"busy"), "SILENT"),
    ("/my/accounts", (401, {"code": 401}), "CONSENT_ENDED"),
    *[("/balances", (200, {"accounts": [balance(amount=text)]}), "UNREADABLE")
      for text in ("NaN", "1e30", "1" + "0" * 30, "Infinity", "1.001", "", "١٢", 12.5, None)],
    ("/balances", (200, b'{"accounts": [{"account_id": "acc-1", "balances": [{"type": "x", "amount": NaN}]}]}'),
     "UNREADABLE"),
    *[("/balances", (200, {"accounts": [balance(currency=text)]}), "UNREADABLE") for text in ("kes", "XXX", "K€S", 7)],
    ("/balances", (200, {"accounts": []}), "UNREADABLE"),
    ("/transactions", (200, {"transactions": [line(1, currency="USD")]}), "UNREADABLE"),
    ("/transactions", (200, {"transactions": [line(1, completed="9999-12-31T23:59:59-14:00")]}), "UNREADABLE"),
    ("/transactions", (200, {"transactions": [line(1, completed="2099-01-01T00:00:00Z")]}), "UNREADABLE"),
    ("/transactions", (200, {"transactions": [line(nth) for nth in range(101)]}), "UNREADABLE"),
    ("/transactions", (200, {"transactions": [{"id": "x"}]}), "UNREADABLE"),
    ("/openid-configuration", (200, {"issuer": "https://evil.example"}), "NOT_THEM"),
    ("/oauth/token", (400, {"error": "invalid_grant"}), "CONSENT_ENDED"),
    ("/oauth/token", (200, {"access_token": "a", "token_type": "mac"}), "UNREADABLE"),
]  # fmt: skip


def refusal(link, at):
    """Why a read came to nothing; "" when it went well."""
    try:
        operations.read_link(link=link, by=link.user, at=at)
    except OtherBankFailed as no:
        return no.facts["trouble"] if str(no) else "wordless"
    return ""


def test_a_bank_that_lies_is_refused_in_words_and_nothing_of_it_is_kept(there, linked):
    at = now()
    for end, said, trouble in _LIES:
        at += MINUTES
        there.lies = {end: said}
        assert refusal(linked, at) == trouble, (end, str(said)[:100])
        row = LinkedBank.objects.get(pk=linked.pk)
        assert row.because == trouble
        assert row.status == ("BROKEN" if trouble in {"NOT_THEM", "CONSENT_ENDED"} else "ACTIVE")
        assert str(LinkedAccount.objects.get().balance) == "KES 2,500.50"
        assert LinkedLine.objects.count() == 3
        there.refresh = "kept"  # as if nothing had happened
        row.status, row.because, row.refresh_token, row.lease = "ACTIVE", "", "kept", None
        row.save()
    there.lies = {}
    operations.read_link(link=linked, by=linked.user, at=at + MINUTES)
    assert LinkedBank.objects.get(pk=linked.pk).because == ""


@pytest.mark.parametrize("end", ["token_endpoint", "jwks_uri", "authorization_endpoint"])
def test_goes_nowhere_but_to_the_bank_it_knows(bank, there, user, end):
    there.lies = {"/openid-configuration": (200, there.known() | {end: "http://169.254.169.254/x"})}
    with pytest.raises(OtherBankFailed) as no:
        operations.begin_link(bank=bank, by=user, at=now())
    assert no.value.facts["trouble"] == "NOT_THEM"
    assert not LinkedBank.objects.exists()
    for address in ("http://bank.example", "https://10.0.0.1", "https://bank.example/x", "file:///etc"):
        terms = BankTerms(name="X", address=address, bank_id="b", client_id="c", client_secret="s")
        with pytest.raises(BadOtherBank):
            operations.keep_other_bank(terms=terms, by=system_user(), at=now())


def test_endless_and_repeated_pages_end(there, linked):
    there.lines["acc-1"] = [line(nth) for nth in range(2500)]
    for expected in (2000, 2500):
        there.asked.clear()
        LinkedBank.objects.update(tried_at=None)
        operations.read_link(link=linked, by=linked.user, at=now())
        assert LinkedLine.objects.count() == expected
    there.asked.clear()
    there.lies = {"/transactions": (200, {"transactions": [line(nth) for nth in range(100)]})}
    operations.read_link(link=linked, by=linked.user, at=now() + MINUTES)
    assert len([1 for _method, path, _headers in there.asked if "/transactions" in path]) == 2


def test_a_bank_that_is_slow_holds_nobody(there, linked, monkeypatch):
    monkeypatch.setattr(guarded, "TOTAL", 0.2)
    there.wait = 0.5
    with pytest.raises(OtherBankFailed) as no:
        operations.read_link(link=linked, by=linked.user, at=now() + MINUTES)
    assert no.value.facts["trouble"] == "SILENT"
    assert LinkedBank.objects.get(pk=linked.pk).status == "ACTIVE"


def test_reads_four_times_a_day_by_itself_and_once_a_minute_on_a_tap(there, linked):
    with pytest.raises(ReadJustNow):
        operations.read_link(link=linked, by=linked.user, at=linked.tried_at)
    start = linked.tried_at + timedelta(days=1)
    read = 0
    for hour in range(22):
        read += operations.read_due_links(at=start + timedelta(hours=hour))
    assert read == 4
    assert operations.read_due_links(at=start + timedelta(hours=22)) == 0
    assert operations.read_link(link=linked, by=linked.user, at=start + timedelta(hours=23)).because == ""


def test_one_reader_at_a_time_uses_the_token_that_is_good_once(there, linked, monkeypatch):
    at, inner = now() + MINUTES, []
    real = read_linked.there.renew

    def renew(bank, token):
        with pytest.raises(ReadJustNow):
            operations.read_link(link=linked, by=linked.user, at=at + MINUTES)
        inner.append(token)
        return real(bank, token)

    monkeypatch.setattr(read_linked.there, "renew", renew)
    operations.read_link(link=linked, by=linked.user, at=at)
    assert inner == ["refresh-1"]


def test_what_was_taken_away_while_it_was_read_stays_away(there, linked, monkeypatch):
    real = read_linked.there.accounts

    def accounts(*args):
        found = real(*args)
        operations.unlink(link=linked, by=linked.user, at=now())
        return found

    monkeypatch.setattr(read_linked.there, "accounts", accounts)
    with pytest.raises(LinkOver):
        operations.read_link(link=linked, by=linked.user, at=now() + MINUTES)
    assert not LinkedAccount.objects.exists()
    assert LinkedBank.objects.get(pk=linked.pk).status == "ENDED"


def test_the_end_of_what_was_allowed_is_told_once(linked):
    late = linked.consent_until + timedelta(seconds=1)
    for _nth in range(2):
        with pytest.raises(LinkOver):
            operations.read_link(link=linked, at=late)
    row = LinkedBank.objects.get(pk=linked.pk)
    assert (row.status, row.because, row.refresh_token) == ("BROKEN", "EXPIRED", None)


def test_who_leaves_the_bank_leaves_nothing(there, linked):
    parts = {
        part.name: list(personal.rows_of(part, linked.user_id)) for part in personal.parts() if "linked" in part.name
    }
    assert [len(parts[name]) for name in ("linked_banks", "linked_accounts", "linked_lines")] == [1, 1, 3]
    assert "token" not in str(parts)
    step = next(one for one in personal.steps(at_once=True) if one.code == "open_banking.consents")
    step.act([linked.user_id], now())
    assert not LinkedAccount.objects.exists()
    assert LinkedBank.objects.get(pk=linked.pk).refresh_token is None
    assert operations.end_links_there(at=now()) == 1


def test_begins_ten_times_an_hour(bank, user, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"linking": "2/hour"}
    for _nth in range(2):
        operations.begin_link(bank=bank, by=user, at=now())
    assert LinkedBank.objects.count() == 1
    with pytest.raises(TooMany):
        operations.begin_link(bank=bank, by=user, at=now())


def test_is_kept_by_command(monkeypatch, there, capsys):
    monkeypatch.setenv("OTHER_BANK_SECRET", SECRET)
    call_command("other_bank", "keep", "Benki", address=there.root, bank_id=BANK, client_id=CLIENT)
    assert OtherBank.objects.get().client_secret == SECRET
    call_command("other_bank", "stop", "Benki", reason="Contract ended")
    assert not OtherBank.objects.get().is_active
    assert SECRET not in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_of_many_readers_one_spends_the_token(bank, there, user):
    made, at = link(bank, there, user), now() + MINUTES
    refusals, start = [], threading.Barrier(4)

    def reader():
        start.wait()
        try:
            operations.read_link(link=made, by=user, at=at)
        except DomainError as no:
            refusals.append(no.code)
        finally:
            connection.close()

    readers = [threading.Thread(target=reader) for _nth in range(4)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    assert refusals == ["read_just_now"] * 3
    assert there.refreshes == 2
    assert LinkedBank.objects.get().refresh_token == "refresh-2"
    assert LinkedLine.objects.count() == 3
