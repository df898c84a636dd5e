"""A day agrees with M-Pesa's statement, or says where not; what no callback told of is booked once."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations, tasks
from apps.mpesa.api.reconciliation import EXAMPLE
from apps.mpesa.errors import AlreadySettled, BadStatement
from apps.mpesa.models import MpesaTransaction, PaymentReconciliation, ReconciliationBreak, StatementRow
from apps.mpesa.tests.test_statement import row, sheet
from apps.payments import tasks as carrying
from apps.users.queries import system_user
from apps.users.testing import bearer, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
PAYER = "254733000222"


def posted(purpose: str) -> str:
    held = ledger.gl(purpose, "KES")
    return f"{balances([held.id])[held.id].posted.amount:f}"


def run(text, *, by=None, day=None):
    at = now()
    return operations.reconcile(day=day or local_date(at), statement=text, by=by or system_user(), at=at)


def today_s(*args, **facts):
    return row(*args, when=f"{local_date(now()):%d-%m-%Y} 00:00:01", **facts)


def breaks():
    return [
        (one.kind, one.receipt, one.ours_minor, one.theirs_minor, one.resolved_at is None)
        for one in ReconciliationBreak.objects.order_by("pk")
    ]


def statement_of(safaricom, dates=""):
    day = f"{local_date(now())}"
    answer = safaricom.web.get("/daraja/statement/174379.csv", params={"account": "all", "day": day, "dates": dates})
    assert answer.status_code == 200
    return answer.content.decode("utf-8")


@pytest.fixture
def officer(transactional_db):
    return make_staff("BRANCH_MANAGER")


@pytest.fixture
def busy_day(safaricom, account, top_up, pay_out):
    """A top-up, two payouts, a payment to the paybill whose confirmation is lost, and money from nobody we know."""
    operations.register_addresses()
    safaricom.answer(top_up(), pin="1234")
    pay_out()
    safaricom.work()
    pay_out("BILL_PAYMENT", "300", key="form-2", paybill="888880", account="CHARGE")
    safaricom.work()
    safaricom.plan("c2b", callback="NEVER")
    safaricom.pay(PAYER, 700, account.number)
    safaricom.pay(PAYER, 800, "ROSE")
    return safaricom


@pytest.mark.parametrize("dates", ["", "iso"])
def test_a_whole_day_with_a_lost_callback_and_a_foreign_receipt(busy_day, account, dates):
    before = balance_of(account)
    made = run(statement_of(busy_day, dates))
    assert [one[0] for one in breaks()] == ["MISSING_HERE", "MISSING_HERE"]
    assert all(one.note.startswith("Booked from") for one in ReconciliationBreak.objects.all())
    assert (made.status, made.matched) == ("RESOLVED", 5)
    assert (made.ours_in, made.ours_out) == (made.theirs_in, made.theirs_out) == (kes("3000"), kes("800"))
    assert balance_of(account) == f"{float(before) + 700:.2f}"
    assert posted("suspense:receipts") == "800.00"
    truth = sum(one["charge_cents"] for one in busy_day.truth()["transactions"])
    assert made.charges_minor == truth > 0
    assert posted("mpesa:charges") == f"{truth / 100:.2f}"
    assert_books_balance()


def test_the_same_statement_again_changes_nothing_and_a_longer_one_only_adds(busy_day, account):
    text = statement_of(busy_day)
    first = run(text)
    seen = (breaks(), balance_of(account), posted("mpesa:charges"), OutboxEvent.objects.count())
    assert run(text).pk == first.pk
    assert (breaks(), balance_of(account), posted("mpesa:charges"), OutboxEvent.objects.count()) == seen
    second = run(text + "\r\n")
    assert second.pk != first.pk
    assert (second.status, second.matched) == ("RESOLVED", 5) or second.status == "MATCHED"
    assert (breaks(), balance_of(account), posted("mpesa:charges")) == seen[:3]
    assert_books_balance()


def test_two_who_bring_it_at_once_book_it_once(busy_day, account, officer):
    text, before = statement_of(busy_day), float(balance_of(account))
    results = at_once(lambda: run(text), lambda: run(text, by=officer), lambda: run(text + "\r\n"))
    assert refusals(results) == []
    assert len({one.pk for one in results}) == PaymentReconciliation.objects.count() == 3
    assert sum(is_open for *_rest, is_open in breaks()) <= 1
    assert (balance_of(account), posted("suspense:receipts")) == (f"{before + 700:.2f}", "800.00")
    truth = sum(one["charge_cents"] for one in busy_day.truth()["transactions"])
    assert posted("mpesa:charges") == f"{truth / 100:.2f}"
    assert_books_balance()


def test_a_lost_prompt_is_booked_for_its_owner(safaricom, account, top_up):
    safaricom.plan("stk", callback="NEVER")
    push = top_up()
    safaricom.answer(push, pin="1234")
    run(statement_of(safaricom))
    push.refresh_from_db()
    assert (push.status, balance_of(account)) == ("COMPLETED", "6500.00")
    safaricom.tell()
    assert balance_of(account) == "6500.00"
    assert_books_balance()


def test_a_payout_nobody_told_of_is_a_break_until_it_is_told(safaricom, account, pay_out):
    payment = pay_out()
    carrying.sweep_payments()
    text = statement_of(safaricom)
    made = run(text)
    assert made.status == "OPEN"
    assert breaks()[0][0] == "MISSING_HERE"
    assert OutboxEvent.objects.filter(name="mpesa.reconciliation.broke").count() == 1
    safaricom.tell()
    payment.refresh_from_db()
    assert payment.status == "COMPLETED"
    assert run(text + "\r\n").status == "MATCHED"
    made.refresh_from_db()
    assert (made.status, breaks()[0][-1]) == ("RESOLVED", False)
    assert OutboxEvent.objects.filter(name="mpesa.reconciliation.broke").count() == 1
    assert_books_balance()


def test_what_m_pesa_does_not_know_and_what_it_tells_otherwise_wait_for_a_person(safaricom, account, top_up, officer):
    push = top_up()
    safaricom.answer(push, pin="1234")
    safaricom.tell()
    push.refresh_from_db()
    made = run(sheet())
    assert breaks() == [("MISSING_THERE", push.receipt, 1500_00, None, True)]
    run(sheet(today_s(push.receipt, "1,400.00")))
    assert breaks()[1:] == [("AMOUNT_DIFFERS", push.receipt, 1500_00, 1400_00, True)]
    assert breaks()[0][-1] is False
    assert (balance_of(account), posted("mpesa:settlement")) == ("6500.00", "1500.00")
    found = ReconciliationBreak.objects.get(resolved_at=None)
    for by, note in ((make_staff("TELLER"), "seen"), (account.owner, "seen"), (officer, "  ")):
        with pytest.raises(NotAllowed):
            operations.resolve_break(found=found, note=note, by=by, at=now())
    settle = [
        lambda: operations.resolve_break(found=found, note="Asked M-Pesa: 1,500", by=officer, at=now()),
        lambda: operations.resolve_break(found=found, note="Me too", by=make_staff("BRANCH_MANAGER"), at=now()),
    ]
    assert [type(no) for no in refusals(at_once(*settle))] == [AlreadySettled]
    assert set(PaymentReconciliation.objects.values_list("status", flat=True)) == {"RESOLVED"}
    again = run(sheet(today_s(push.receipt, "1,400.00")) + "\r\n")
    assert (again.status, len(breaks())) == ("RESOLVED", 2), "what a person settled stays settled"
    made.refresh_from_db()
    assert_books_balance()


@pytest.mark.parametrize("whose", ["own", "anyone"])
def test_what_a_person_brings_is_compared_and_books_nothing(officer, whose):
    own = make_account(officer if whose == "own" else None, balance="10")
    text = sheet(today_s("SKL7H2M0QX", "9,000.00").replace("ROSE", own.number))
    made = run(text, by=officer)
    assert (made.status, balance_of(own), StatementRow.objects.get().is_booked_from_here) == ("OPEN", "10.00", False)
    assert MpesaTransaction.objects.count() == 0
    run(text)  # fetched, it is M-Pesa's own word
    assert balance_of(own) == "9010.00"
    assert breaks()[0][-1] is False
    assert_books_balance()


def test_refuses_other_people_other_days_and_other_files(officer, account):
    yesterday = local_date(now()) - timedelta(days=1)
    for by in (account.owner, make_staff("TELLER")):
        with pytest.raises(NotAllowed):
            run(sheet(), by=by)
    with pytest.raises(BadStatement, match="Choose the right day"):
        run(sheet(today_s(paid="5")), by=officer, day=yesterday)
    with pytest.raises(BadStatement, match="has not come"):
        run(sheet(), by=officer, day=yesterday + timedelta(days=2))
    for text in ("", "hello", "\ud800", sheet(today_s(paid="x")), "%(why)s"):
        with pytest.raises(BadStatement, match="Export one day"):
            run(text, by=officer)
    assert (PaymentReconciliation.objects.count(), StatementRow.objects.count()) == (0, 0)


def test_an_empty_day_agrees(officer):
    assert (run(sheet(), by=officer).status, breaks()) == ("MATCHED", [])


def test_asks_the_database_no_more_for_more_rows(officer, django_assert_max_num_queries):
    receipts = [f"SKL7H2M{n:03d}" for n in range(300)]
    text = sheet(*[today_s(one, out="-10") for one in receipts])
    with django_assert_max_num_queries(40):
        made = run(text, by=officer)
    assert (made.theirs_out_count, made.status) == (300, "OPEN")


def test_fetches_yesterdays_statement_where_there_is_an_address(safaricom, settings):
    tasks.reconcile_yesterday()
    assert PaymentReconciliation.objects.count() == 0
    settings.DARAJA_STATEMENT_ADDRESS = f"{settings.DARAJA_URL}/statement/174379.csv?account=all"
    tasks.reconcile_yesterday()
    tasks.reconcile_yesterday()
    made = PaymentReconciliation.objects.get()
    assert (made.day, made.status) == (local_date(now()) - timedelta(days=1), "MATCHED")
    settings.DARAJA_STATEMENT_ADDRESS = f"{settings.DARAJA_URL}/nowhere.csv"
    tasks.reconcile_yesterday()
    assert PaymentReconciliation.objects.count() == 1


def test_a_day_whose_statement_could_not_be_fetched_is_compared_the_day_after(safaricom, settings, monkeypatch):
    there = f"{settings.DARAJA_URL}/statement/174379.csv?account=all"
    today = now()

    def days_later(days, address):
        settings.DARAJA_STATEMENT_ADDRESS = address
        monkeypatch.setattr(tasks, "now", lambda: today + timedelta(days=days))
        tasks.reconcile_yesterday()

    days_later(-9, there)
    for nth in range(-8, -4):
        days_later(nth, f"{settings.DARAJA_URL}/nowhere.csv")
    days_later(-4, there)
    found = PaymentReconciliation.objects.order_by("day").values_list("day", flat=True)
    first = local_date(today) - timedelta(days=10)
    assert list(found) == [first + timedelta(days=nth) for nth in range(6)]


@pytest.mark.parametrize("is_first", [True, False])
def test_what_m_pesa_took_back_itself_is_not_booked_but_shown(account, is_first):
    """The payer called Safaricom: nobody told us of the payment, nor that it is gone again."""
    came = today_s("SKL7H2M0QX", "700.00").replace("ROSE", account.number)
    went = today_s("SKL7H2M0QY", out="-700.00", details="Pay Bill Reversal").replace(",,ROSE", ",SKL7H2M0QX,ROSE")
    made = run(sheet(came, went) if is_first else sheet(went, came))
    assert (made.status, balance_of(account)) == ("OPEN", "5000.00")
    assert sorted(one[1] for one in breaks()) == ["SKL7H2M0QX", "SKL7H2M0QY"]
    assert_books_balance()


def test_a_line_told_twice_brings_its_money_once(account):
    line = today_s("SKL7H2M0QX", "700.00").replace("ROSE", account.number)
    made = run(sheet(line, line))
    assert (made.status, balance_of(account)) == ("RESOLVED", "5700.00")
    assert_books_balance()


class TestByApi:
    path = "/api/v1/mpesa/reconciliations/"

    def post(self, client, by, path, **body):
        return client.post(path, body, content_type="application/json", headers=bearer(by))

    def test_brings_a_statement_sees_what_differs_and_settles_it(self, client, officer):
        today = str(local_date(now()))
        text = sheet(today_s("SKL7H2M0QX", out="-70.00"))
        made = self.post(client, officer, self.path, day=today, statement=text)
        assert made.status_code == 201, made.content
        body = made.json()
        assert (body["status"], body["theirs_out"]["amount"]) == ("OPEN", "70.00")
        one = body["breaks"][0]
        assert (one["kind"], one["ours"], one["theirs"]["amount"]) == ("MISSING_HERE", None, "-70.00")
        assert self.post(client, officer, self.path, day=today, statement=text).json()["id"] == body["id"]
        listed = client.get(self.path, headers=bearer(officer)).json()["results"]
        assert [row["id"] for row in listed] == [body["id"]]
        path = f"{self.path}{body['id']}/resolve/"
        settle = {"break": one["id"], "note": "A fee of theirs"}
        assert self.post(client, officer, path, **{**settle, "note": " "}).status_code == 400
        assert self.post(client, officer, path, **{**settle, "break": body["id"]}).status_code == 404
        assert self.post(client, officer, path, **settle).json()["note"] == "A fee of theirs"
        assert self.post(client, officer, path, **settle).status_code == 409
        assert client.get(f"{self.path}{body['id']}/", headers=bearer(officer)).json()["status"] == "RESOLVED"

    def test_is_for_staff_with_the_right(self, client, account):
        for by in (account.owner, make_staff("TELLER")):
            assert client.get(self.path, headers=bearer(by)).status_code == 403
            assert self.post(client, by, self.path, day="2026-01-01", statement=EXAMPLE).status_code == 403
        assert client.get(self.path).status_code == 401

    def test_its_examples_work_and_nonsense_is_refused(self, client, officer):
        assert self.post(client, officer, self.path, day="2026-01-01", statement=EXAMPLE).status_code == 201
        for body in ({}, {"day": "x", "statement": EXAMPLE}, {"day": "2026-01-01"}, {"day": "2026-01-01", "x": 1}):
            assert self.post(client, officer, self.path, **body).status_code == 400
        assert self.post(client, officer, self.path, day="2026-01-01", statement="hello").status_code == 422
        assert self.post(client, officer, self.path, day="9999-12-31", statement=EXAMPLE).status_code == 422
