"""Where money goes outside the bank is read by its owner and its rail, and by nobody who steals the disk."""

import pytest
from cryptography.exceptions import InvalidTag
from django.contrib.admin import site
from django.db import connection

from apps.accounts.testing import kes, make_account
from apps.fraud import operations as fraud
from apps.fraud.errors import BadBlock, PaymentBlocked
from apps.kernel.clock import now
from apps.kernel.known import known_as
from apps.kernel.rotation import rotate_all
from apps.kernel.testing import on_disk
from apps.payments import operations
from apps.payments.models import BulkRow, Payee, Payment
from apps.payments.operations.bulk.check import figures
from apps.payments.tests.people import pay
from apps.users.models import StepUpChallenge
from apps.users.testing import make_staff

PHONE = "+254733000114"
NEWER = "newer:" + "QUFB" * 10 + "QUE="


@pytest.fixture
def place(db):
    return operations.place_outside(rail="airtime", kind="AIRTIME", asked={"phone": PHONE}, amount=kes("50"), at=now())


def begin(account, key="form-1"):
    there = operations.find_destination(
        rail="airtime", kind="AIRTIME", asked={"phone": PHONE}, amount=kes("50"), at=now()
    )
    return operations.start_by_rail(
        payer=account.owner, from_account=account, rail="airtime", kind="AIRTIME", destination=there,
        amount=kes("50"), key=key, at=now(),
    )  # fmt: skip


def test_a_payment_and_a_payee_tell_their_owner_alone(place):
    account = make_account(balance="1000")
    payment = begin(account)
    payee = operations.add_payee(owner=account.owner, where=place, nickname="Maria", at=now())
    operations.challenge(payment=payment, by=account.owner, at=now())
    for model in (Payment, Payee, StepUpChallenge):
        lies_there = on_disk(model)
        assert PHONE[-9:] not in lies_there
        assert "0733 000 114" not in lies_there
    for model, row in ((Payment, payment), (Payee, payee)):
        again = model.objects.get(pk=row.pk)
        assert (again.destination["phone"], again.payee_key) == (PHONE, known_as(f"airtime/{PHONE}"))
        assert again.payee_address == "0733 000 114"
    inside = Payment.objects.get(
        pk=operations.start(
            payer=account.owner, from_account=account, to=make_account().number, amount=kes("5"), key="in", at=now()
        ).pk
    )
    assert inside.destination == {}


def test_a_place_moved_to_another_payment_does_not_open(db):
    account = make_account(balance="1000")
    first, other = begin(account), begin(account, "form-2")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_payment SET destination = (SELECT destination FROM payments_payment WHERE id = %s)"
            " WHERE id = %s",
            [first.pk, other.pk],
        )
    with pytest.raises(InvalidTag):
        str(Payment.objects.get(pk=other.pk).destination)  # opened when it is read


def test_rows_of_a_batch_are_sealed_and_sealed_again_after_it_was_submitted(firm, pigeons, settings):
    bulk = firm.waiting([(PHONE, "Maria Wairimu", "100", ""), ("not a phone", "", "5", "")], leave_out_bad=True)
    assert PHONE[-9:] not in on_disk(BulkRow)
    before = figures(bulk)
    settings.FIELD_KEYS = [NEWER, *settings.FIELD_KEYS]
    done = dict(rotate_all())
    assert (done["payments_bulkrow.destination"], done["payments_bulkrow.payee_typed"]) == (1, 2)
    assert figures(bulk) == before, "who allowed it allowed the same"
    good, bad = bulk.rows.order_by("number")
    assert (good.destination, good.typed, bad.destination, bad.typed) == ({"phone": PHONE}, PHONE, {}, "not a phone")


def test_staff_block_and_find_a_place_by_what_it_is(place, rf):
    account, officer = make_account(balance="1000"), make_staff("COMPLIANCE_OFFICER")
    payee = operations.add_payee(owner=account.owner, where=place, nickname="Maria", at=now())
    books = site.get_model_admin(Payee)
    for term, found in ((f"airtime/{PHONE} ", [payee]), ("airtime/0733", []), ("airtime/+254733000115", [])):
        rows, _may_double = books.get_search_results(rf.get("/"), Payee.objects.all(), term)
        assert list(rows) == found
    with pytest.raises(BadBlock):
        fraud.block(kind="PAYEE", value="airtime/0733", why="x", until=None, by=officer, at=now())
    assert books.goes_to(payee) == f"phone: {PHONE}, network: Airtel"
    fraud.block(kind="PAYEE", value="airtime/0733 000 114", why="Told by the police", until=None, by=officer, at=now())
    with pytest.raises(PaymentBlocked):
        pay(begin(account))
