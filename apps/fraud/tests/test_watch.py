"""What the look sees besides the account, and what is blocked."""

from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.testing import kes, make_account
from apps.fraud import operations
from apps.fraud.errors import BadBlock, BadChange, BlockedAlready
from apps.fraud.models import BlockedItem, FlaggedTransaction, FraudCheck
from apps.fraud.operations.review import ReasonNeeded
from apps.fraud.tests.test_screen import spend
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.context import Asker, asked_by
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, refusals
from apps.kyc.models import ListedParty, ListVersion, ScreeningHit, WatchList
from apps.users.models import Device, Session, User
from apps.users.testing import bearer, make_customer, make_staff

JSON = "application/json"


@pytest.fixture
def officer(db):
    return make_staff("COMPLIANCE_OFFICER")


def paid(account, amount, to=None, *, is_new=False, at=None, reference="payments/x", may_ask=False):
    return operations.screen(
        reference=reference,
        user_id=account.owner_id,
        account_id=account.pk,
        amount=kes(amount),
        kind="P2P_TRANSFER",
        is_new_recipient=is_new,
        at=at or now(),
        payee=f"accounts/{to.pk}" if to else "",
        payee_account_id=to.pk if to else None,
        may_ask=may_ask,
    )


def facts_of_last():
    return FraudCheck.objects.latest("pk").facts


def stay_of(user, *, seen):
    device = Device.objects.create(
        user=user, fingerprint=f"{seen:%s}" * 4, name="Phone", first_seen_at=seen, last_seen_at=seen
    )
    return Session.objects.create(
        user=user, device=device, door="API", token_id="t", created_at=seen, last_used_at=seen,
        expires_at=now() + timedelta(days=1),
    )  # fmt: skip


@pytest.mark.django_db
def test_what_is_not_known_is_missing():
    assert paid(make_account(), "60000", is_new=True).reasons == ("LARGE_TO_NEW",)
    facts = facts_of_last()
    assert not {"usual", "device_age_hours", "minutes_since_sim_change", "payee_age_days"} & set(facts)
    assert (facts["payments_known"], facts["is_blocked"], facts["customer_age_days"]) == (0, False, 0)


@pytest.mark.django_db
def test_a_large_amount_from_a_new_device_is_looked_at():
    account = make_account()
    User.objects.filter(pk=account.owner_id).update(created_at=now() - timedelta(days=100))
    for hours, action in ((2, "REVIEW"), (30, "ALLOW")):
        stay = stay_of(account.owner, seen=now() - timedelta(hours=hours))
        with asked_by(Asker(stay=str(stay.pk))):
            assert paid(account, "20000").action == action
            assert facts_of_last()["device_age_hours"] == hours
            assert paid(account, "19999").action == "ALLOW"
    with asked_by(Asker(stay=str(stay_of(make_customer(), seen=now()).pk))):
        assert paid(account, "20000").action == "ALLOW", "another's stay says nothing of this customer"


@pytest.mark.django_db
def test_knows_the_kind_the_hour_and_what_repeats():
    account, payee = make_account(balance="900000"), make_account()
    morning = now().replace(hour=6, minute=30)  # 9:30 in Nairobi
    spend(account, payee, 6, at=morning - timedelta(days=2))
    spend(account, payee, 3, amount="240000", at=morning - timedelta(hours=1))
    assert paid(account, "239000", payee, at=morning).reasons[-1] == "STRUCTURING"
    facts = facts_of_last()
    assert (facts["hour"], facts["payments_known"], facts["repeats_in_a_day"]) == (9, 9, 3)
    assert facts["payments_at_this_hour"] == 9
    assert facts["usual_of_kind"] == facts["usual"] == 8_006_667  # of 6 times 100 and 3 times 240,000
    paid(account, "239000", payee, at=morning + timedelta(hours=12), reference="payments/y")
    assert facts_of_last()["payments_at_this_hour"] == 0


@pytest.mark.django_db
def test_sees_an_account_that_gathers_and_passes_on():
    mule, end = make_account(), make_account()
    for nth in range(8):
        payer = make_account(balance="1000")
        accounts.post(
            reference=f"in/{nth}", kind="P2P_TRANSFER", narrative="",
            movements=[
                accounts.out_of(payer, kes("1000"), "x"),
                accounts.into(mule, kes("1000"), "x", counterparty=f"Payer {nth}"),
            ],
            at=now() - timedelta(hours=3),
        )  # fmt: skip
    victim = make_account(balance="1000")
    assert paid(victim, "1000", mule).action == "ALLOW"
    spend(mule, end, 1, amount="7000")
    said = paid(victim, "1000", mule)
    assert (facts_of_last()["payers_in_a_day"], facts_of_last()["payee_passed_on_percent"]) == (8, 88)
    assert (said.action, said.reasons) == ("REVIEW", ("MULE",))


@pytest.mark.django_db
def test_remembers_a_payee_that_was_fraud(officer):
    payer, other, payee = make_account(), make_account(), make_account()
    paid(payer, "600000", payee, is_new=True)
    flag = FlaggedTransaction.objects.select_related("user").get()
    assert paid(other, "100", payee).action == "ALLOW"
    operations.confirm_fraud(flag=flag, note="Stolen phone", by=officer, at=now())
    assert paid(other, "100", payee, reference="payments/y").reasons == ("PAYEE_FRAUD",)
    assert paid(other, "100", payee, at=now() + timedelta(days=181)).reasons == ()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "status", "action"),
    [("SANCTIONS", "OPEN", "REVIEW"), ("SANCTIONS", "CONFIRMED", "BLOCK"), ("SANCTIONS", "CLEARED", "ALLOW"),
     ("PEP", "CONFIRMED", "ALLOW")],
)  # fmt: skip
def test_lists_hold_and_stop_payer_and_payee(officer, kind, status, action):
    payer, payee = make_account(), make_account()
    of = WatchList.objects.create(code="T", name="T", kind=kind, format="CSV", source="x")
    version = ListVersion.objects.create(
        watch_list=of, number=1, published_on=now().date(), sha256="0" * 64, parties=1, added=1, changed=0, removed=0,
        loaded_by=officer, loaded_at=now(),
    )  # fmt: skip
    party = ListedParty.objects.create(
        watch_list=of, uid="1", kind="PERSON", name="X", print="p", whole_print="p", since=version
    )
    decided = {"decided_by": officer, "decided_at": now(), "reason": "Looked"} if status != "OPEN" else {}
    hit = ScreeningHit.objects.create(
        user=payee.owner, watch_list=of, uid="1", party=party, listed_name="X", score="0.9", birth="SAME",
        status=status, user_print="p", party_print="p", found_at=now(), **decided,
    )  # fmt: skip
    assert paid(payer, "100", payee, may_ask=True).action == action
    ScreeningHit.objects.filter(pk=hit.pk).update(user=payer.owner)
    assert paid(payer, "100", make_account(), reference="payments/z", may_ask=True).action == action
    assert not FlaggedTransaction.objects.filter(asks_customer=True).exists(), "a customer's yes says nothing of lists"


@pytest.mark.django_db
def test_a_change_of_password_or_sim_is_known(officer):
    account = make_account()
    operations.note_password_change(user_id=account.owner_id, at=now() - timedelta(hours=3))
    operations.note_password_change(user_id=account.owner_id, at=now() - timedelta(days=3))  # heard late
    assert paid(account, "50000", is_new=True).reasons == ("LARGE_TO_NEW", "NEW_PASSWORD")
    assert facts_of_last()["hours_since_password_change"] == 3
    told = {"customer": account.owner, "by": officer, "at": now()}
    with pytest.raises(BadChange):
        operations.note_sim_change(changed_at=now() + timedelta(hours=1), **told)
    with pytest.raises(NotAllowed):
        operations.note_sim_change(changed_at=now(), **told | {"by": make_staff("TELLER")})
    assert paid(account, "5000", reference="payments/a").action == "ALLOW"
    operations.note_sim_change(changed_at=now() - timedelta(minutes=90), **told)
    assert paid(account, "5000", reference="payments/b").reasons == ("SIM_SWAP",)
    assert facts_of_last()["minutes_since_sim_change"] == 90


@pytest.mark.django_db
def test_what_is_blocked_is_stopped_until_its_time_is_over_or_it_is_lifted(officer):
    payer, payee = make_account(), make_account()
    soon = now() + timedelta(days=2)
    item = operations.block(kind="PAYEE", value=f"accounts/{payee.pk}", why="Mule", until=soon, by=officer, at=now())
    said = paid(payer, "10", payee)
    assert (said.action, said.reasons) == ("BLOCK", ("BLOCKED",))
    assert OutboxEvent.objects.filter(name="fraud.transaction.blocked").count() == 1
    assert paid(payer, "10", make_account()).action == "ALLOW"
    assert paid(payer, "10", payee, at=soon).action == "ALLOW"
    asked = operations.ask_lift(item=item, why="Cleared up", by=officer, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officer, at=now())
    assert paid(payer, "10", payee).action == "BLOCK"
    approvals.approve(approval=asked, by=make_staff("COMPLIANCE_OFFICER"), at=now())
    assert paid(payer, "10", payee).action == "ALLOW"
    with pytest.raises(IllegalMove):
        operations.ask_lift(item=item, why="Again", by=officer, at=now())
    operations.block(kind="IP", value="203.000.113.7".replace("000", "0"), why="x", until=None, by=officer, at=now())
    with asked_by(Asker(ip_address="203.0.113.7")):
        assert paid(payer, "10").action == "BLOCK"
    stay = stay_of(payer.owner, seen=now() - timedelta(days=9))
    operations.block(kind="DEVICE", value=stay.device.fingerprint, why="x", until=None, by=officer, at=now())
    with asked_by(Asker(stay=str(stay.pk))):
        assert paid(payer, "10").action == "BLOCK"


@pytest.mark.django_db
def test_blocks_only_what_can_be_blocked_with_a_reason_and_the_right(officer):
    good = {"kind": "IP", "value": "203.0.113.7", "why": "x", "until": None, "by": officer, "at": now()}
    for change, error in [
        ({"value": "here"}, BadBlock),
        ({"kind": "NAME"}, BadBlock),
        ({"kind": "PAYEE", "value": " "}, BadBlock),
        ({"until": now() - timedelta(days=1)}, BadBlock),
        ({"why": " "}, ReasonNeeded),
        ({"by": make_staff("TELLER")}, NotAllowed),
    ]:
        with pytest.raises(error):
            operations.block(**good | change)
    assert not BlockedItem.objects.exists()
    first = operations.block(**good | {"until": now() + timedelta(days=1)})
    with pytest.raises(BlockedAlready):
        operations.block(**good)
    operations.block(**good | {"at": now() + timedelta(days=2)})
    first.refresh_from_db()
    assert first.lifted_because == "Its time was over"


@pytest.mark.django_db(transaction=True)
def test_two_who_block_the_same_at_once_block_it_once():
    one, other = make_staff("COMPLIANCE_OFFICER"), make_staff("COMPLIANCE_OFFICER")
    same = {"kind": "IP", "value": "203.0.113.7", "why": "x", "until": None, "at": now()}
    tried = at_once(lambda: operations.block(**same, by=one), lambda: operations.block(**same, by=other))
    assert [type(no) for no in refusals(tried)] == [BlockedAlready]
    assert BlockedItem.objects.count() == 1


def test_staff_block_and_lift_by_api(client, officer):
    sent = {"content_type": JSON, "headers": bearer(officer)}
    body = {"kind": "IP", "value": "203.0.113.7", "why": "Three takeovers"}
    made = client.post("/api/v1/fraud/blocked/", body, **sent)
    assert made.status_code == 201
    assert client.post("/api/v1/fraud/blocked/", body, **sent).status_code == 409
    assert (
        client.get("/api/v1/fraud/blocked/", headers=bearer(officer)).json()["results"][0]["why"] == "Three takeovers"
    )
    path = f"/api/v1/fraud/blocked/{made.json()['id']}/lift/"
    assert client.post(path, {"why": "Shared"}, **sent).status_code == 202
    customer = make_customer()
    told = client.post("/api/v1/fraud/sim-changes/", {"user": customer.pk, "changed_at": now().isoformat()}, **sent)
    assert told.status_code == 204
    for path in ("/api/v1/fraud/blocked/", "/api/v1/fraud/sim-changes/"):
        refused = client.post(path, body, content_type=JSON, headers=bearer(make_staff("TELLER")))
        assert refused.status_code == 403


# ---- was this you? ----
