"""A payment is asked back of another bank by two people; what the bank answers is kept, what it sends is booked."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.testing import balance_of
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.money import Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.notifications.testing import messages_to
from apps.payments import iso20022 as iso
from apps.payments.banks import wire
from apps.payments.errors import NotToRecall
from apps.payments.models import BankOrder, Channel, PaymentRecall
from apps.payments.operations import banks
from apps.payments.operations.banks import recall
from apps.payments.tests.banks.desk import sound
from apps.payments.tests.banks.orders import sent
from apps.payments.tests.test_iso20022 import schema
from apps.users import operations as people
from apps.users.errors import Connected
from apps.users.testing import bearer, make_customer, make_staff
from simulators.providers.interbank import wire as theirs


def manager(limit_minor=1_000_000_00):
    return make_staff("BRANCH_MANAGER", limit_minor=limit_minor)


def ask(payment, *, by=None, reason="DUPL"):
    order = BankOrder.objects.select_related("payment").get(payment=payment)
    maker = by or manager()
    return banks.ask_recall(
        order=order, reason=reason, words="Paid twice", why="The customer called", by=maker, at=now()
    )


def recalled(payment):
    approvals.approve(approval=ask(payment), by=manager(), at=now())
    return PaymentRecall.objects.select_related("order__payment").get()


def work():
    for _round in range(2):
        banks.work_with_recalls(at=now())


def test_what_the_other_bank_sends_back_is_the_payers_again_with_the_reason(payer, others):
    payment = sent(payer)
    before = balance_of(payer)
    row = recalled(payment)
    assert row.status == "ASKED"
    work()
    row.refresh_from_db()
    assert (row.status, balance_of(payer)) == ("ACCEPTED", before)
    banks.hear_news(channel=Channel.PESALINK, at=now())
    payment.refresh_from_db()
    assert payment.status == "REVERSED"
    assert payment.came_back.reason == "FOCR"
    assert payment.failed_because == "It was called back."
    assert float(balance_of(payer)) == float(before) + float(payment.amount.amount)
    deliver_events()
    assert payment.reference in messages_to(str(payer.owner.phone))[-1].body
    sound()
    with pytest.raises(NotToRecall):
        ask(payment)


def test_who_is_connected_with_the_payer_does_not_recall(payer, others):
    payment, cousin = sent(payer), manager()
    people.declare_connection(staff=cousin, customer=payer.owner, kind="FAMILY", by=cousin, at=now())
    with pytest.raises(Connected):
        approvals.approve(approval=ask(payment), by=cousin, at=now())
    assert not PaymentRecall.objects.exists()


def test_a_second_person_recalls_no_more_than_they_may_decide(payer, others):
    payment = sent(payer)
    with pytest.raises(NotAllowed, match="own approval limit"):
        approvals.approve(approval=ask(payment), by=manager(payment.amount.minor - 1), at=now())
    assert not PaymentRecall.objects.exists()


def test_a_refusal_is_kept_and_it_may_be_asked_again(payer, others):
    others.plan("KEEP", reason="NOAS")
    payment = sent(payer)
    row = recalled(payment)
    work()
    row.refresh_from_db()
    assert (row.status, row.answer) == ("REFUSED", "NOAS")
    payment.refresh_from_db()
    assert payment.status == "COMPLETED"
    approvals.approve(approval=ask(payment), by=manager(), at=now())
    assert PaymentRecall.objects.count() == 2


def test_while_it_is_not_decided_nothing_changes_and_it_is_not_asked_twice(payer, others):
    others.plan("SILENT")
    payment = sent(payer)
    first, second = ask(payment), ask(payment)
    checker = manager()
    results = at_once(
        *[lambda one=one: approvals.approve(approval=one, by=checker, at=now()) for one in (first, second)]
    )
    assert len(refusals(results)) == 1
    work()
    assert PaymentRecall.objects.get().status == "SENT"
    payment.refresh_from_db()
    assert payment.status == "COMPLETED"


def test_a_lost_line_keeps_it_waiting_and_the_case_counts_once(payer, others, settings):
    payment = sent(payer)
    row = recalled(payment)
    there = settings.INTERBANK_URLS
    settings.INTERBANK_URLS = dict.fromkeys(there, "http://127.0.0.1:9")
    work()
    row.refresh_from_db()
    assert row.status == "ASKED"
    settings.INTERBANK_URLS = there
    document = recall._document(row, now())
    wire.recall(Channel.PESALINK, document)
    wire.recall(Channel.PESALINK, document)
    banks.hear_news(channel=Channel.PESALINK, at=now())
    payment.refresh_from_db()
    assert payment.status == "REVERSED"
    sound()


def test_refuses_who_may_not_and_what_is_not_there_yet(payer, others):
    others.plan("PENDING")
    payment = sent(payer)
    if payment.status != "COMPLETED":
        with pytest.raises(NotToRecall):
            ask(payment)
    with pytest.raises(NotAllowed):
        ask(payment, by=make_customer())
    with pytest.raises(NotToRecall):
        ask(payment, reason="XXXX")
    assert not PaymentRecall.objects.exists()


def test_by_api_it_waits_for_a_second_person(payer, others, client):
    payment = sent(payer)
    path, body = f"/api/v1/admin/payments/{payment.public_id}/recall/", {"code": "DUPL", "reason": "Called"}
    asked = client.post(path, body, content_type="application/json", headers=bearer(manager()))
    assert (asked.status_code, PaymentRecall.objects.exists()) == (202, False)
    refused = client.post(path, body, content_type="application/json", headers=bearer(payer.owner))
    assert refused.status_code == 403
    recalled(payment)
    shown = client.get("/api/v1/admin/recalls/", headers=bearer(manager())).json()["results"]
    assert [row["payment"] for row in shown] == [payment.reference]


@given(st.text(max_size=200), st.integers(1, 10**14))
def test_writes_what_the_schema_takes_whatever_the_words(words, minor):
    asked = iso.Recall(
        "KB-" + "0" * 32, "KB-K1", "pacs.008.001.08", "K1", uuid.uuid4(), Money(minor, "KES"),
        "CUST", words,
    )  # fmt: skip
    written = iso.write_camt056(
        recall=asked, made_at=now(), ours=iso.Bank("KITBKENA", "99"), theirs=iso.Bank("PESLKENA")
    )
    schema("camt.056.001.12").validate(written.decode())


@pytest.mark.parametrize(("status", "reason"), [("CNCL", ""), ("RJCR", "CUST"), ("PDCR", "")])
def test_reads_the_answer_the_schema_takes(status, reason):
    row = {"id": "KB-1", "uetr": str(uuid.uuid4()), "reference": "K1", "status": status, "reason": reason}
    raw = theirs.camt029(row)
    schema("camt.029.001.14").validate(raw)
    told = iso.read_camt029(raw.encode())
    assert (told.case, told.end_to_end_id, told.status, told.reason) == ("KB-1", "K1", status, reason)
    assert (told.is_accepted, told.is_refused) == (status == "CNCL", status == "RJCR")
    for broken in (raw.replace(f"<Conf>{status}", "<Conf>ABCD"), raw.replace("camt.029", "camt.030"), raw[:-20]):
        with pytest.raises(iso.Unreadable):
            iso.read_camt029(broken.encode())
