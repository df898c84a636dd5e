"""Money that came in goes back to its payer: by two people, once, booked when M-Pesa says so; and doubt is decided."""

import json
from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, kes
from apps.kernel import approvals, breaker
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import ProviderState
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger import verification
from apps.ledger.errors import InsufficientFunds
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations, rules, tasks
from apps.mpesa.errors import AlreadyPlaced, NotToDecide, NotToSendBack
from apps.mpesa.models import Callback, Kind, MpesaTransaction
from apps.mpesa.operations.send_back import not_sent_back
from apps.notifications.testing import messages_to
from apps.payments import tasks as carrying
from apps.payments.models import Payment
from apps.users.testing import bearer, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
PAYER = "254733000222"
HAS = 50_000_00  # what every phone of the stand-in starts with, in cents


def officer():
    return make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)


def suspense() -> str:
    held = ledger.gl("suspense:receipts", "KES")
    return f"{balances([held.id])[held.id].posted.amount:f}"


def wallet(safaricom) -> int:
    return sum(row["cents"] for row in safaricom.truth()["accounts"] if row["owner"] == PAYER)


@pytest.fixture
def paid(safaricom, account):
    """A person paid 700 to our paybill: onto an account, or into suspense."""

    def pay(reference: str) -> MpesaTransaction:
        operations.register_addresses()
        safaricom.pay(PAYER, 700, reference)
        safaricom.tell()
        return MpesaTransaction.objects.get()

    return pay


def send_back(row: MpesaTransaction) -> MpesaTransaction:
    asked = operations.ask_to_send_back(row=row, reason="Paid to the wrong bank", by=officer(), at=now())
    approvals.approve(approval=asked, by=officer(), at=now())
    return MpesaTransaction.objects.get(kind=Kind.REVERSAL, status="INITIATED")


def later(safaricom) -> None:
    """A minute passes without news, and M-Pesa is asked."""
    ProviderState.objects.all().delete()
    MpesaTransaction.objects.update(sent_at=now() - timedelta(minutes=11), asked_at=None)
    tasks.ask_about_silence()
    safaricom.tell()


def test_goes_back_from_an_account(safaricom, account, paid):
    row = paid(account.number)
    send_back(row)
    assert (balance_of(account), accounts_available(account)) == ("5700.00", "5000.00")
    safaricom.work()
    row.refresh_from_db()
    back = row.reversals.get()
    assert (row.status, back.status, balance_of(account)) == ("REVERSED", "COMPLETED", "5000.00")
    assert wallet(safaricom) == HAS
    deliver_events()
    assert "sent back to M-Pesa" in messages_to(account.owner.phone)[-1].body
    assert_books_balance()


def accounts_available(account) -> str:
    held = balances([account.ledger_account_id])[account.ledger_account_id]
    return f"{held.available.amount:f}"


def test_goes_back_from_suspense_and_cannot_be_placed_meanwhile(safaricom, account, paid):
    row = paid("ROSE")
    send_back(row)
    with pytest.raises(AlreadyPlaced):
        operations.place(row=row, account=account, reason="She called", by=officer(), at=now())
    safaricom.work()
    row.refresh_from_db()
    assert (row.status, row.in_suspense, suspense(), wallet(safaricom)) == ("REVERSED", False, "0.00", HAS)
    assert_books_balance()


@pytest.mark.parametrize("code", ["1", "11", "21", "2001", "2006", "8006", "R000002"])
def test_a_refusal_leaves_it_where_it_was(safaricom, account, paid, code):
    row = paid(account.number)
    safaricom.plan("reversal", result_code=code)
    send_back(row)
    safaricom.work()
    row.refresh_from_db()
    assert (row.status, row.reversals.get().status) == ("COMPLETED", "FAILED")
    assert accounts_available(account) == "5700.00"
    assert send_back(row)
    assert_books_balance()


@pytest.mark.parametrize("fate", ["RESET", "GARBAGE", "HTTP_500"])
def test_a_lost_answer_is_never_asked_again(safaricom, account, paid, fate):
    row = paid(account.number)
    safaricom.plan("reversal", sync=fate, sync_done=True, callback="NEVER", times=1)
    back = send_back(row)
    safaricom.work()
    later(safaricom)
    back.refresh_from_db()
    assert (back.status, accounts_available(account), wallet(safaricom)) == ("CHECKING", "5000.00", HAS)
    asked = operations.ask_to_decide(
        row=back, went=True, receipt="SBK7H2M0QX", reason="The portal shows it", by=officer(), at=now()
    )
    approvals.approve(approval=asked, by=officer(), at=now())
    row.refresh_from_db()
    assert (row.status, balance_of(account)) == ("REVERSED", "5000.00")
    assert_books_balance()


def test_silence_is_asked_about(safaricom, account, paid):
    row = paid(account.number)
    safaricom.plan("reversal", callback="NEVER", times=1)
    send_back(row)
    safaricom.work()
    later(safaricom)
    row.refresh_from_db()
    assert (row.status, balance_of(account)) == ("REVERSED", "5000.00")
    assert_books_balance()


def test_told_twice_it_counts_once(safaricom, account, paid):
    row = paid(account.number)
    safaricom.plan("reversal", callback="DUPLICATE")
    send_back(row)
    safaricom.work()
    safaricom.tell()
    assert balance_of(account) == "5000.00"
    assert not Callback.objects.filter(outcome="DISPUTED").exists()
    assert_books_balance()


def test_what_was_spent_does_not_go_back(safaricom, account, paid):
    row = paid(account.number)
    accounts.set_aside(account=account, amount=kes("5500"), cost=kes("0"), reference="spent", limited=False, at=now())
    asked = operations.ask_to_send_back(row=row, reason="Wrong bank", by=officer(), at=now())
    with pytest.raises(InsufficientFunds):
        approvals.approve(approval=asked, by=officer(), at=now())
    assert not MpesaTransaction.objects.filter(kind=Kind.REVERSAL).exists()
    assert_books_balance()


def test_needs_two_people_neither_of_them_the_payer(account, paid):
    row = paid(account.number)
    maker = officer()
    with pytest.raises(NotAllowed):
        operations.ask_to_send_back(row=row, reason="x", by=make_staff("TELLER"), at=now())
    asked = operations.ask_to_send_back(row=row, reason="Wrong bank", by=maker, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=maker, at=now())
    assert accounts_available(account) == "5700.00"


def test_four_who_send_it_back_at_once_do_so_once(account, paid):
    row = paid(account.number)
    asked = [operations.ask_to_send_back(row=row, reason="Wrong bank", by=officer(), at=now()) for _nth in range(4)]
    people = [officer() for _one in asked]
    pairs = zip(asked, people, strict=True)
    tried = at_once(*[lambda one=one, by=by: approvals.approve(approval=one, by=by, at=now()) for one, by in pairs])
    assert [type(no) for no in refusals(tried)] == [NotToSendBack] * 3
    assert accounts_available(account) == "5000.00"


def test_a_place_and_a_return_at_once_leave_one(account, paid):
    row = paid("ROSE")
    asked = operations.ask_to_send_back(row=row, reason="Nobody's", by=officer(), at=now())
    by, placer = officer(), officer()
    tried = at_once(
        lambda: approvals.approve(approval=asked, by=by, at=now()),
        lambda: operations.place(row=row, account=account, reason="Hers", by=placer, at=now()),
    )
    assert len(refusals(tried)) <= 1
    going, placed = MpesaTransaction.objects.filter(kind=Kind.REVERSAL), balance_of(account) == "5700.00"
    if placed:  # then a return takes it from the account
        assert accounts_available(account) == ("5000.00" if going.exists() else "5700.00")
    assert_books_balance()


def test_only_doubt_is_decided_and_money_out_comes_back_when_it_did_not_go(safaricom, account, pay_out):
    safaricom.plan("b2b", sync="RESET", sync_done=False, callback="NEVER", times=1)
    payment = pay_out("MERCHANT_PAYMENT", "300", till="300584")
    safaricom.work()
    payment.refresh_from_db()
    row = MpesaTransaction.objects.get()
    assert payment.status == "CHECKING"
    no = {"row": row, "went": False, "receipt": "", "reason": "The portal has none", "by": officer(), "at": now()}
    with pytest.raises(NotToDecide):  # a moment ago: M-Pesa may still say
        operations.ask_to_decide(**no)
    MpesaTransaction.objects.update(sent_at=now() - timedelta(minutes=11))
    row.refresh_from_db()
    with pytest.raises(NotToDecide):
        operations.ask_to_decide(**no | {"went": True})
    asked = operations.ask_to_decide(
        row=row, went=False, receipt="", reason="The portal has no such payment", by=officer(), at=now()
    )
    approvals.approve(approval=asked, by=officer(), at=now())
    payment.refresh_from_db()
    assert (payment.status, accounts_available(account)) == ("FAILED", "5000.00")
    row.refresh_from_db()
    with pytest.raises(NotToDecide):
        operations.ask_to_decide(row=row, went=False, receipt="", reason="again", by=officer(), at=now())
    Payment.objects.update(sent_at=now() - timedelta(minutes=2))
    carrying.ask_about_silence()
    assert_books_balance()


def test_staff_ask_by_api(client, account, paid):
    row = paid(account.number)
    path = f"/api/v1/mpesa/transactions/{row.public_id}/reverse/"
    sent = {"content_type": "application/json", "headers": bearer(officer())}
    assert client.post(path, {"reason": "Wrong bank"}, **sent).status_code == 202
    customer = {"content_type": "application/json", "headers": bearer(account.owner)}
    assert client.post(path, {"reason": "mine"}, **customer).status_code == 403
    decide = f"/api/v1/mpesa/transactions/{row.public_id}/decide/"
    assert client.post(decide, {"went": False, "reason": "x"}, **sent).status_code == 409


@pytest.mark.parametrize("where", ["account", "suspense"])
def test_success_told_after_a_refusal_is_shown_to_a_person_and_books_nothing(safaricom, account, paid, where):
    row = paid(account.number if where == "account" else "ROSE")
    safaricom.plan("reversal", result_code="21")
    back = send_back(row)
    safaricom.work()
    if where == "suspense":
        operations.place(row=row, account=account, reason="She called", by=officer(), at=now())
    told = {"Result": {"ResultCode": 0, "ResultDesc": "ok", "TransactionID": "SBK7H2M0QX", "ConversationID": ""}}
    kept = operations.receive(product="reversal", about=back.public_id, raw=json.dumps(told), at=now())
    assert operations.apply_callback(callback_id=kept.pk, at=now()).outcome == "DISPUTED"
    row.refresh_from_db()
    assert (row.status, balance_of(account)) == ("COMPLETED", "5700.00")
    assert verification.verify([name for name in verification.names() if name.startswith("mpesa.")]) == []
    assert_books_balance()


def test_a_return_held_back_by_a_rest_never_left_and_its_money_is_free_again(account):
    row = receipt_of(account.number)
    back = send_back(row)
    breaker.switch("daraja", is_off=True)
    tasks.sweep_mpesa()
    back.refresh_from_db()
    assert (back.status, back.result_code, accounts_available(account)) == ("FAILED", "not_reached", "5700.00")
    assert_books_balance()


def receipt_of(reference: str) -> MpesaTransaction:
    """700 that a person paid to our paybill, as its confirmation tells it; M-Pesa itself is not there."""
    told = rules.Received("SKL7H2M0QX", 700_00, reference, "174379", "Wafula", "2547 ***** 222")
    return operations.confirm_c2b(told=told, at=now())


def test_what_came_of_a_return_given_up_is_no_riddle_while_another_is_under_way():
    """The first was said to have failed, a second begun; then the first turns out to have gone."""
    row = receipt_of("whose is it")
    first = send_back(row)
    not_sent_back(first, code="1", text="Not carried out", at=now())
    second = send_back(row)
    said = {"Result": {"ResultCode": 0, "ResultDesc": "Done", "TransactionID": "SKL7H2M0QY", "ConversationID": "AG_1"}}
    kept = operations.receive(product="reversal", about=first.public_id, raw=json.dumps(said), at=now())
    kept = operations.apply_callback(callback_id=kept.pk, at=now())
    assert kept.outcome == "DISPUTED"
    second.refresh_from_db()
    assert (second.status, suspense()) == ("INITIATED", "700.00")
