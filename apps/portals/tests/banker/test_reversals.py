"""Money that goes back, at the desk: found by its receipt, sent back once, undone by two, refused with where to go."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, make_account
from apps.fx.testing import set_rates
from apps.kernel import approvals
from apps.kernel.clock import local_date, month_bounds, now
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.kyc.operations import ask_tier
from apps.ledger import operations as ledger
from apps.ledger.testing import assert_books_balance
from apps.payments import operations as payments
from apps.payments.models import Payment, Refund
from apps.payments.testing import confirmed
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import Desk, enter, pay
from apps.users.models import CustomerView
from apps.users.testing import bearer, make_staff

pytestmark = pytest.mark.django_db
QUEUE = "/workbench/queues/reversals/"


@pytest.fixture
def paid():
    payer, payee = make_account(balance="90010"), make_account()
    pay(payer, payee, "10")  # a large first payment would be held for a moment
    return pay(payer, payee, "30000")


def words(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return page


def page_of(payment):
    return f"{QUEUE}{Payment.objects.get(pk=payment.pk).transfer_id}/"


def sent_back(client, payment, amount, *, reason="Paid twice"):
    key = re.findall(r'name="key" value="(\w+)"', words(client.get(page_of(payment))))[0]
    return {"act": "back", "amount": amount, "reason": reason, "key": key}


def test_a_payment_in_dollars_goes_back_in_dollars():
    set_rates()
    payer, payee = (make_account(balance="100", product="USD_CURRENT") for _side in "ab")
    asked = {"from_account": payer, "to": payee.number, "amount": Money.of("20", "USD"), "key": "gift", "at": now()}
    paid = confirmed(payments.start(payer=payer.owner, **asked))
    client = enter(make_staff("BRANCH_MANAGER"))
    assert client.post(page_of(paid), sent_back(client, paid, "20.01")).status_code == 422
    assert client.post(page_of(paid), sent_back(client, paid, "12.50")).status_code == 303
    row = Refund.objects.get()
    assert (str(row.amount), row.status) == ("USD 12.50", "WAITING"), "another person decides on other currencies"
    approvals.approve(approval=row.approval, by=make_staff("BRANCH_MANAGER", limit_minor=10**7), at=now())
    assert (balance_of(payer), balance_of(payee)) == ("92.50", "107.50")
    assert_books_balance()


def test_finds_a_payment_by_its_receipt_and_writes_the_look_down(paid):
    user = make_staff("BRANCH_MANAGER")
    client = enter(user)
    assert client.get(QUEUE, {"q": f" {paid.reference.lower()} "}).headers["Location"] == page_of(paid)
    shown = words(client.get(page_of(paid)))
    assert paid.payer.full_name in shown
    assert "Undo all of it" not in shown  # a branch manager does not reverse in the books
    seen = CustomerView.objects.filter(viewer=user).values_list("customer", flat=True)
    assert set(seen) == {paid.payer_id, paid.to_account.owner_id}
    nothing = client.get(QUEUE, {"q": "ZZZZ"})
    assert nothing.status_code == 422
    assert "No money moved under that number" in words(nothing)
    assert client.get(f"{QUEUE}999999999/").status_code == 404


def test_sends_a_part_back_at_once_and_a_form_sent_twice_once(paid):
    client = enter(make_staff("BRANCH_MANAGER"))
    form = sent_back(client, paid, "400")
    for _nth in range(2):
        assert client.post(page_of(paid), form).headers["Location"] == page_of(paid)
    assert (balance_of(paid.from_account), balance_of(paid.to_account)) == ("60400.00", "29610.00")
    assert "Some of this payment was sent back" in words(enter(make_staff("ADMIN")).get(page_of(paid)))
    assert paid.reference in words(client.get(QUEUE))
    refused = client.post(page_of(paid), sent_back(client, paid, "29600.01"))
    assert refused.status_code == 422
    assert "is left to refund" in words(refused)
    assert_books_balance()


def test_a_large_one_waits_in_the_queue_and_moves_when_another_agrees(paid):
    client, other = enter(make_staff("BRANCH_MANAGER")), make_staff("BRANCH_MANAGER", limit_minor=30_000_00)
    client.post(page_of(paid), sent_back(client, paid, "30000"))
    assert Refund.objects.get().status == "WAITING"
    assert balance_of(paid.from_account) == "60000.00"
    asked = Approval.objects.get()
    assert f"/workbench/approvals/{asked.pk}/" in words(enter(other).get(QUEUE))
    approvals.approve(approval=asked, by=other, at=now())
    assert balance_of(paid.from_account) == "90000.00"


def test_asks_to_undo_all_of_it_with_its_fee_and_two_decide(paid):
    client = enter(make_staff("ADMIN"))
    assert "Undo all of it" in words(client.get(page_of(paid)))
    empty = client.post(page_of(paid), {"act": "undo", "undo-reason": ""})
    assert empty.status_code == 422
    assert faults_of(empty.content.decode()) == []
    asked = client.post(page_of(paid), {"act": "undo", "undo-reason": "Sent by a fault of ours"})
    row = Approval.objects.get()
    assert asked.headers["Location"] == f"/workbench/approvals/{row.pk}/"
    approvals.approve(approval=row, by=make_staff("ADMIN", limit_minor=90_000_00), at=now())
    assert (balance_of(paid.from_account), balance_of(paid.to_account)) == ("90000.00", "10.00")
    shown = words(client.get(page_of(paid)))
    assert "has a reversal" in shown
    assert "Send the payment back" not in shown


def test_who_may_not_reverse_asks_for_nothing_however_the_form_is_sent(paid):
    client = enter(make_staff("BRANCH_MANAGER"))
    answer = client.post(page_of(paid), {"act": "undo", "undo-reason": "Try"})
    assert "do not hold the right" in answer.content.decode()
    assert not Approval.objects.exists()


def test_a_slip_of_the_counter_is_found_and_undone_as_well():
    desk, client = Desk(), enter(make_staff("ADMIN"))
    place = f"{QUEUE}{desk.done.transfer_id}/"
    assert client.get(QUEUE, {"q": desk.done.receipt}).headers["Location"] == place
    shown = words(client.get(place))
    assert "Send the payment back" not in shown
    assert "Undo all of it" in shown
    asked = ledger.ask_reversal(
        transfer_id=desk.done.transfer_id, reason="Wrong account", by=make_staff("ADMIN"), at=now()
    )
    approvals.approve(approval=asked, by=make_staff("ADMIN", limit_minor=100_000_00), at=now())
    teller = enter(desk.teller)
    slip = words(teller.get(f"/workbench/teller/receipt/{desk.done.receipt}/"))
    assert "<h1>Taken back</h1>" in slip, "a slip printed anew does not say that it is done"
    assert "Taken back" in words(teller.get("/workbench/teller/till/"))


def test_limits_that_wait_are_listed_to_who_may_see_them():
    customer = make_account().owner
    asked = ask_tier(person=customer, tier="TIER_2", reason="Papers seen", by=make_staff("KYC_OFFICER"), at=now())
    line = f"/workbench/approvals/{asked.pk}/"
    assert line in words(enter(make_staff("KYC_OFFICER")).get("/workbench/queues/limits/"))
    assert line not in words(enter(make_staff("TELLER")).get("/workbench/queues/limits/"))


class TestInterestPaidWrongly:
    """Found by its transfer or its line, taken back by two, seen as such afterwards."""

    @pytest.fixture
    def paid(self):
        account = make_account(balance="100000", product="SAVINGS", at=now() - timedelta(days=70))
        last = month_bounds(month_bounds(local_date(now()))[0] - timedelta(days=1))[1]
        accounts.accrue(day=last, at=now())
        accounts.pay_month(day=last, at=now())
        return account.interest_payments.get()

    def test_is_taken_back_by_two(self, paid):
        maker, second = make_staff("ADMIN"), make_staff("SUPER_ADMIN", limit_minor=1_000_000_00)
        desk, there = enter(maker), f"{QUEUE}{paid.transfer_id}/interest/"
        found = desk.get(QUEUE, {"q": f"INTEREST/{paid.paid_for}/{paid.account_id}"})
        assert found.headers["Location"] == f"{QUEUE}{paid.transfer_id}/"
        assert there in words(desk.get(f"{QUEUE}{paid.transfer_id}/"))
        assert paid.account.masked_number in words(desk.get(there))
        assert CustomerView.objects.filter(viewer=maker, customer=paid.account.owner).exists()
        for wrong in ({"owed": "-1"}, {"owed": str(paid.gross.amount)}, {"owed": "much"}, {"reason": ""}):
            answer = desk.post(there, {"owed": "0", "reason": "Wrong rate"} | wrong)
            assert answer.status_code == 422
            assert 'role="alert"' in words(answer)
        assert not Approval.objects.exists()
        answer = desk.post(there, {"owed": "0", "reason": "Wrong rate"})
        asked = Approval.objects.get()
        assert answer.headers["Location"] == f"/workbench/approvals/{asked.pk}/"
        assert desk.post(there, {"owed": "0", "reason": "Again"}).status_code == 409
        waits = words(desk.get(there))
        assert f"{maker}: Wrong rate" in waits
        assert "<form" not in waits.split("<main")[1].split("</main")[0]
        decides = enter(second)
        seen = words(decides.get(f"/workbench/approvals/{asked.pk}/"))
        for said in ("Interest taken back", str(paid.gross), str(paid.tax), "Wrong rate"):
            assert said in seen
        assert decides.post(f"/workbench/approvals/{asked.pk}/", {"decision": "approve"}).status_code == 303
        assert balance_of(paid.account) == "100000.00"
        after = words(desk.get(there))
        assert f"asked for by {maker}, allowed by {second}" in after
        assert "<form" not in after.split("<main")[1].split("</main")[0]
        assert desk.post(there, {"owed": "0", "reason": "Again"}).status_code == 409
        assert_books_balance()

    def test_by_api_too_and_only_with_the_right(self, paid):
        address = f"/api/v1/admin/interest/{paid.transfer_id}/take-back/"
        body = {"owed": {"amount": "1.00", "currency": "KES"}, "reason": "Wrong rate"}
        send = {"content_type": "application/json"}
        for role in ("TELLER", "BRANCH_MANAGER", "AUDITOR"):
            who = make_staff(role)
            assert Client().post(address, body, headers=bearer(who), **send).status_code == 403
            assert enter(who).post(f"{QUEUE}{paid.transfer_id}/interest/", {}).status_code == 403
        officer = bearer(make_staff("ADMIN"))
        assert (
            Client().post("/api/v1/admin/interest/999999/take-back/", body, headers=officer, **send).status_code == 404
        )
        too_much = body | {"owed": {"amount": "99999.00", "currency": "KES"}}
        assert Client().post(address, too_much, headers=officer, **send).json()["code"] == "bad_interest_back"
        answer = Client().post(address, body, headers=officer, **send)
        assert (answer.status_code, answer.json()) == (
            202,
            {"approval": Approval.objects.get().pk, "status": "PENDING"},
        )

    def test_in_kiswahili(self, paid):
        page = words(enter(make_staff("ADMIN", language="sw")).get(f"{QUEUE}{paid.transfer_id}/interest/"))
        assert "Riba iliyolipwa kimakosa" in page
