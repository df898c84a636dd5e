"""The recipient book: new payees are proven, known ones are known, each stands in it once, nobody reads another's."""

from datetime import timedelta
from functools import partial

import pytest

from apps.accounts.testing import balance_of, give, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.fx.testing import set_rates
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.money import Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import operations, queries
from apps.payments.errors import AlreadySaved, BadNickname, PayeeNotFound, ToYourself
from apps.payments.models import Payee
from apps.payments.tests.people import answer, pay, save
from apps.users.errors import StepUpRequired
from apps.users.models import User
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    return make_account(balance="50000"), make_account(make_customer(full_name="Grace Achieng Odhiambo"))


def begin(payer, payee, **more):
    where = operations.place_here(to=payee.number, owner=payer.owner, at=now())
    return operations.add_payee(owner=payer.owner, where=where, nickname=more.pop("nickname", "Grace"), at=now())


def send(payer, payee, amount="100", key="k"):
    return operations.start(
        payer=payer.owner, from_account=payer, to=payee.number, amount=kes(amount), key=key, at=now()
    )


def saved(payer):
    return Payee.objects.owned_by(payer.owner).saved()


def test_somebody_new_is_kept_once_it_was_proven_for_exactly_them(two):
    payer, payee = two
    row = begin(payer, payee)
    assert not saved(payer).exists()
    other = begin(payer, make_account(), nickname="Other")
    theirs = operations.challenge_payee(payee=other, by=payer.owner, at=now())
    for wrong in (None, theirs.pk, answer(payer.owner, theirs, now())):
        with pytest.raises(StepUpRequired):
            operations.confirm_payee(payee=row, challenge_id=wrong, by=payer.owner, at=now())
    assert not saved(payer).exists()
    asked = operations.challenge_payee(payee=row, by=payer.owner, at=now())
    proof = answer(payer.owner, asked, now())
    kept = operations.confirm_payee(payee=row, challenge_id=proof, by=payer.owner, at=now())
    assert operations.confirm_payee(payee=row, challenge_id=None, by=payer.owner, at=now()).pk == kept.pk
    assert (kept.payee_name, kept.nickname, saved(payer).get().pk) == ("Grace A. O.", "Grace", row.pk)
    deliver_events()
    assert "Grace A. O." in messages_to(payer.owner.phone)[-1].body
    assert AuditLog.objects.filter(action="payments.payee.added").count() == 1


def test_somebody_paid_before_is_kept_at_once_and_both_know_each_other(two):
    payer, payee = two
    done = pay(send(payer, payee))
    row = operations.add_payee(owner=payer.owner, where=operations.place_of(done), nickname="Grace", at=now())
    assert row.saved_at is not None
    assert queries.saved_payee(payer.owner, done.payee_key) == row
    assert begin_refused(payer, payee).facts["payee"] == str(row.public_id)


def begin_refused(payer, payee):
    with pytest.raises(AlreadySaved) as no:
        begin(payer, payee)
    return no.value


def test_a_proof_runs_out(two):
    payer, payee = two
    row = begin(payer, payee)
    with pytest.raises(IllegalMove):
        operations.challenge_payee(payee=row, by=payer.owner, at=now() + timedelta(minutes=16))


def test_saving_does_not_spare_a_first_large_payment_its_moment(two):
    payer, payee = two
    save(payer.owner, payee)
    held = pay(send(payer, payee, "12000"))
    assert (held.status, held.held_because, balance_of(payee)) == ("HELD", "NEW_PAYEE", "0.00")
    operations.let_go_on(payment=held, at=held.held_until)
    give(payer, "10000")
    assert pay(send(payer, payee, "12000", key="again")).status == "COMPLETED"
    assert_books_balance()


def test_a_first_large_payment_is_large_by_its_worth(db):
    payer, payee = (make_account(product="USD_CURRENT", balance="500") for _nth in range(2))
    set_rates(USD="130")
    User.objects.update(kyc_tier="TIER_3")
    payer.owner.refresh_from_db()
    held, small = (
        pay(operations.start(
            payer=payer.owner, from_account=payer, to=payee.number, amount=Money.of(amount, "USD"), key=amount, at=now()
        ))
        for amount in ("77", "76")
    )  # fmt: skip
    assert (held.status, held.held_because, small.status) == ("HELD", "NEW_PAYEE", "COMPLETED")


def test_is_renamed_removed_and_added_again(two):
    payer, payee = two
    row = save(payer.owner, payee)
    operations.rename_payee(payee=row, nickname="  Auntie   Grace ", by=payer.owner, at=now())
    assert saved(payer).get().nickname == "Auntie Grace"
    operations.remove_payee(payee=row, by=payer.owner, at=now())
    assert not saved(payer).exists()
    assert Payee.objects.filter(pk=row.pk).exists(), "history stays"
    with pytest.raises(NotFound):
        operations.remove_payee(payee=row, by=payer.owner, at=now())
    again = save(payer.owner, payee, at=now() + timedelta(minutes=2))
    assert again.pk != row.pk


@pytest.mark.parametrize("nickname", ["", "   ", "x" * 41, "a\u202eb"])
def test_refuses_names_nobody_could_read(two, nickname):
    payer, payee = two
    with pytest.raises(BadNickname):
        begin(payer, payee, nickname=nickname)
    assert not Payee.objects.exists()


def test_refuses_oneself_nobody_and_codes(two):
    payer, _payee = two
    place = partial(operations.place_here, owner=payer.owner, at=now())
    with pytest.raises(ToYourself):
        place(to=payer.owner.phone)
    with pytest.raises(PayeeNotFound):
        place(to="0799 999 999")
    with pytest.raises(PayeeNotFound):
        place(to="00020101021129")


def test_nobody_touches_the_book_of_another(two):
    payer, payee = two
    row = save(payer.owner, payee)
    for act in (
        partial(operations.rename_payee, nickname="Mine"),
        operations.remove_payee,
        operations.challenge_payee,
        partial(operations.confirm_payee, challenge_id=None),
    ):
        with pytest.raises(NotFound):
            act(payee=row, by=payee.owner, at=now())
    assert saved(payer).get().nickname == "Mama"


@pytest.mark.django_db(transaction=True)
def test_confirmed_in_two_windows_at_once_it_stands_there_once():
    payer, payee = make_account(balance="50000"), make_account()
    rows = [begin(payer, payee)]
    twin = Payee.objects.get(pk=rows[0].pk)
    twin.payee_address = str(twin.payee_address)  # opened, for it is bound to the row
    twin.pk, twin.public_id, twin._state.adding = None, make_customer().public_id, True
    twin.save()
    acts = []
    for row in (*rows, twin):
        at = now() + timedelta(minutes=len(acts))
        asked = operations.challenge_payee(payee=row, by=payer.owner, at=at)
        proof = answer(payer.owner, asked, at)
        acts.append(partial(operations.confirm_payee, payee=row, challenge_id=proof, by=payer.owner, at=at))
    results = at_once(*acts)
    assert [type(no) for no in refusals(results)] == [AlreadySaved]
    assert saved(payer).count() == 1
