"""The screen looks at what the account did, and a person's decision is made once."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import transaction

from apps.accounts import operations as accounts
from apps.accounts.testing import give, kes, make_account
from apps.fraud import operations, rules
from apps.fraud.models import FlaggedTransaction, FraudCheck, FraudRule
from apps.fraud.operations.review import ReasonNeeded
from apps.fraud.testing import switch_rule
from apps.fx.testing import set_rates
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.money import Money
from apps.kernel.testing import at_once, refusals
from apps.users.models import StaffConnection
from apps.users.testing import make_staff


def screened(account, amount: str, *, is_new: bool = False, at=None, reference: str = "payments/x"):
    return operations.screen(
        reference=reference,
        user_id=account.owner_id,
        account_id=account.pk,
        amount=kes(amount),
        kind="P2P_TRANSFER",
        is_new_recipient=is_new,
        at=at or now(),
    )


def spend(account, payee, times: int, amount: str = "100", at=None):
    for nth in range(times):
        accounts.post(
            reference=f"spend/{amount}/{nth}/{account.pk}",
            kind="P2P_TRANSFER",
            narrative="",
            movements=[accounts.out_of(account, kes(amount), "x"), accounts.into(payee, kes(amount), "x")],
            at=at or now(),
        )


@pytest.mark.django_db
def test_looks_at_what_the_account_paid_lately(django_assert_num_queries):
    account, payee = make_account(balance="1000000"), make_account()
    spend(account, payee, 6, at=now() - timedelta(hours=1))
    assert screened(account, "100").reasons == ()
    assert screened(account, "501").reasons == ("UNUSUAL_AMOUNT",)
    spend(account, payee, 6, amount="101")
    with django_assert_num_queries(2):  # the look in its turn, and the check
        assert screened(account, "100").reasons == ("VELOCITY",)
    check = FraudCheck.objects.latest("pk")
    assert (check.action, check.reasons, check.model_version) == ("ALLOW", ["VELOCITY"], rules.VERSION)
    assert check.rule_versions == dict.fromkeys(FraudRule.objects.values_list("code", flat=True), 1)
    assert (check.facts["sent_in_ten_minutes"], check.facts["amount"]) == (6, 100_00)
    switch_rule("VELOCITY", "sent_in_ten_minutes >= 100", "0.35")
    assert screened(account, "100").reasons == ()
    assert FraudCheck.objects.latest("pk").rule_versions["VELOCITY"] == 2


@pytest.mark.django_db
def test_a_rule_switched_off_no_longer_counts_and_a_later_version_wins():
    account = make_account(balance="10")
    assert screened(account, "60000", is_new=True).reasons == ("LARGE_TO_NEW",)
    switch_rule("LARGE_TO_NEW", "is_new_recipient and amount >= KES 100000", "0.25")
    assert screened(account, "60000", is_new=True).reasons == ()
    switch_rule("LARGE_TO_NEW", "amount >= KES 0.01", "1", is_active=False)
    assert screened(account, "600000", is_new=True).reasons == ("LARGE_AMOUNT",)


@pytest.mark.django_db
def test_rules_are_handed_out_once_and_a_change_that_was_taken_back_is_forgotten(monkeypatch):
    account, handed = make_account(balance="10"), []
    screen = import_module("apps.fraud.operations.screen")  # its name in the package is the operation
    read = screen._read
    monkeypatch.setattr(screen, "_read", lambda written: (handed.append(written), read(written))[1])
    monkeypatch.setattr(screen, "_latest", [("", ())])
    assert screened(account, "60000", is_new=True).reasons == ("LARGE_TO_NEW",)
    assert screened(account, "60000", is_new=True).reasons == ("LARGE_TO_NEW",)
    assert len(handed) == 1
    with transaction.atomic():
        switch_rule("LARGE_TO_NEW", "amount >= KES 0.01", "1", is_active=False)
        assert screened(account, "60000", is_new=True).reasons == ()
        transaction.set_rollback(True)
    assert screened(account, "60000", is_new=True).reasons == ("LARGE_TO_NEW",)
    assert len(handed) == 3
    FraudRule.objects.create(
        code="LATER", expression="amount > KES 1", weight="0.1", sentence_en="x", sentence_sw="x",
        valid_from=now() + timedelta(days=1),
    )  # fmt: skip
    assert screened(account, "60000", is_new=True).reasons == ("LARGE_TO_NEW",)
    assert len(handed) == 3
    assert "LATER" in screened(account, "60000", is_new=True, at=now() + timedelta(days=2)).reasons


@pytest.mark.django_db
def test_a_payment_in_dollars_is_measured_by_what_it_is_worth():
    set_rates()
    account = make_account()
    asked = {"user_id": account.owner_id, "account_id": account.pk, "kind": "P2P_TRANSFER", "at": now()}
    for dollars, reasons in (("3000", ()), ("4000", ("LARGE_AMOUNT",))):  # 390,000 and 520,000 shillings
        found = operations.screen(
            reference=f"payments/{dollars}", amount=Money.of(dollars, "USD"), is_new_recipient=False, **asked
        )
        assert found.reasons == reasons
        assert FraudCheck.objects.get(pk=found.check_id).facts["amount"] == int(dollars) * 100


@pytest.mark.django_db
def test_what_is_held_opens_one_case_and_is_told():
    account = make_account(balance="10")
    give(account, "5")
    held = screened(account, "600000", is_new=True)
    assert (held.action, held.reasons) == ("REVIEW", ("LARGE_AMOUNT", "LARGE_TO_NEW"))
    assert FlaggedTransaction.objects.get().reference == "payments/x"
    assert OutboxEvent.objects.filter(name="fraud.transaction.flagged").count() == 1


@pytest.fixture
def flag(db):
    account = make_account()
    screened(account, "600000", is_new=True)
    return FlaggedTransaction.objects.select_related("user").get()


def test_a_decision_needs_the_right_a_reason_and_another_person(flag):
    officer = make_staff("COMPLIANCE_OFFICER")
    with pytest.raises(NotAllowed):
        operations.clear(flag=flag, note="fine", by=make_staff("TELLER"), at=now())
    with pytest.raises(ReasonNeeded):
        operations.clear(flag=flag, note="  ", by=officer, at=now())
    FlaggedTransaction.objects.filter(pk=flag.pk).update(user=officer)
    flag.refresh_from_db()
    with pytest.raises(NotAllowed):
        operations.clear(flag=flag, note="mine", by=officer, at=now())


def test_neither_who_would_be_paid_nor_who_knows_them_lets_it_through(flag):
    officer, payee = make_staff("COMPLIANCE_OFFICER"), make_account()
    FlaggedTransaction.objects.filter(pk=flag.pk).update(payee=f"accounts/{payee.pk}")
    flag.refresh_from_db()
    known = StaffConnection.objects.create(
        staff=officer, customer=payee.owner, kind="FAMILY", declared_by=officer, declared_at=now()
    )
    for decide in (operations.clear, operations.confirm_fraud):
        with pytest.raises(NotAllowed):
            decide(flag=flag, note="fine", by=officer, at=now())
    FlaggedTransaction.objects.filter(pk=flag.pk).update(
        status="CONFIRMED", reviewed_by=flag.user, reviewed_at=now(), note="x", asks_customer=True, customer_said="NO"
    )
    with pytest.raises(NotAllowed):
        operations.judge_payee(flag=flag, is_fraud=False, note="fine", by=officer, at=now())
    StaffConnection.objects.filter(pk=known.pk).update(ended_at=now(), ended_by=make_staff("COMPLIANCE_OFFICER"))
    operations.judge_payee(flag=flag, is_fraud=False, note="fine", by=officer, at=now())


def test_staff_decide_by_api(client, flag):
    from apps.users.testing import bearer

    officer = make_staff("COMPLIANCE_OFFICER")
    listed = client.get("/api/v1/admin/transactions/flagged/?status=OPEN", headers=bearer(officer)).json()["results"]
    assert [row["reasons"] for row in listed] == [["LARGE_AMOUNT", "LARGE_TO_NEW"]]
    path, body = f"/api/v1/admin/transactions/{flag.pk}/review/", {"decision": "CONFIRM", "note": "Stolen phone"}
    sent = {"content_type": "application/json", "headers": bearer(officer)}
    assert client.put(path, {"decision": "CONFIRM"}, **sent).status_code == 400
    assert client.post(path, body, **sent).json()["status"] == "CONFIRMED"
    assert client.put(path, body, **sent).status_code == 409
    assert client.put(path, body, content_type="application/json", headers=bearer(flag.user)).status_code == 403
    assert OutboxEvent.objects.filter(name="fraud.transaction.blocked").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_decide_once():
    account = make_account()
    with transaction.atomic():
        screened(account, "600000", is_new=True)
    one, other = make_staff("COMPLIANCE_OFFICER"), make_staff("COMPLIANCE_OFFICER")
    row = FlaggedTransaction.objects.select_related("user").get()
    tried = at_once(
        lambda: operations.clear(flag=row, note="ok", by=one, at=now()),
        lambda: operations.confirm_fraud(
            flag=FlaggedTransaction.objects.select_related("user").get(), note="no", by=other, at=now()
        ),
    )
    assert [type(no) for no in refusals(tried)] == [IllegalMove]
