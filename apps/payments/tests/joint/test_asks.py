"""A business asks to be paid, by its name: any one who signs for it asks, reminds, takes back and shows its code."""

from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.testing import balance_of, business_account, kes, make_account, make_mandate
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import operations
from apps.payments.errors import TooManyRequests
from apps.payments.models import PaymentRequest
from apps.payments.operations.ask import payload
from apps.payments.rules import ke_qr
from apps.payments.tests.people import pay
from apps.users import operations as people
from apps.users.models import BusinessMember
from apps.users.testing import bearer, make_business, make_customer, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return make_account(make_customer(full_name="Otieno Ouma", phone="+254722000114"), balance="5000")


def ask(account, by, *, phone="0722 000 114", amount="350", key="r1"):
    return operations.ask_for_payment(
        by=by, phone=phone, amount=kes(amount), into_account=account, note="Gate", key=key, at=now()
    )


def begin(request, payer, key="p1"):
    return operations.pay_request(request=request, by=payer.owner, from_account=payer, key=key, at=now())


def test_is_paid_into_its_account_and_whoever_is_asked_reads_its_name(account, firm, second, customer):
    request = ask(account, second)
    deliver_events()
    assert any("Welders Ltd asks you for KES 350.00" in sent.body for sent in messages_to(customer.owner.phone))
    assert (request.asker, request.from_name) == (firm.party, "Welders Ltd")
    payment = pay(begin(request, customer))
    request.refresh_from_db()
    assert (payment.status, request.status) == ("COMPLETED", "PAID")
    assert (balance_of(account), balance_of(customer)) == ("50350.00", "4650.00")
    made = AuditLog.objects.get(action="payments.request.made")
    assert (made.actor_id, made.customer_id) == (second.pk, firm.party_id)
    assert_books_balance()


def test_those_who_sign_keep_each_others_and_hear_of_a_no(account, firm, second, customer):
    request = ask(account, second)
    assert list(PaymentRequest.objects.kept_by(firm.created_by)) == [request]
    operations.cancel_request(request=request, by=firm.created_by, at=now())
    other = ask(account, firm.created_by, key="r2")
    operations.decline_request(request=other, by=customer.owner, at=now())
    deliver_events()
    told = [sent.body for sent in messages_to(firm.created_by.phone)]  # what is written to a business its owners read
    assert any("KES 350.00" in text and "Gate" in text for text in told)


def heard(person, words):
    return [sent.body for sent in messages_to(person.phone) if words in sent.body]


def test_who_made_it_hears_how_it_ended_beside_the_owners_each_once(account, firm, second, customer):
    third = make_member(firm, "SIGNATORY")
    paid, declined = ask(account, second), ask(account, firm.created_by, key="r2", amount="70")
    pay(begin(paid, customer))
    operations.decline_request(request=declined, by=customer.owner, at=now())
    assert (paid.made_by, declined.made_by) == (second, firm.created_by)
    deliver_events()
    assert len(heard(second, "paid the KES 350.00 you asked for")) == 1
    assert len(heard(firm.created_by, "paid the KES 350.00 you asked for")) == 1
    assert len(heard(firm.created_by, "KES 70.00")) == 1, "an owner who made it hears it once"
    assert heard(second, "KES 70.00") == heard(third, "KES") == []
    later = ask(account, second, key="r3", amount="80")
    operations.decline_request(request=later, by=customer.owner, at=now())
    deliver_events()
    assert len(heard(second, "KES 80.00")) == len(heard(firm.created_by, "KES 80.00")) == 1


def test_who_made_it_and_left_hears_nothing_more(account, firm, second, customer):
    paid, declined = ask(account, second), ask(account, second, key="r2", amount="70")
    member = BusinessMember.objects.get(business=firm, user=second)
    people.remove_member(member=member, by=firm.created_by, at=now())
    pay(begin(paid, customer))
    operations.decline_request(request=declined, by=customer.owner, at=now())
    deliver_events()
    assert heard(second, "KES 350.00") == heard(second, "KES 70.00") == []
    assert len(heard(firm.created_by, "KES 350.00")) == len(heard(firm.created_by, "KES 70.00")) == 1


def test_a_new_request_says_who_made_it_whoever_writes_it(account, second, customer):
    row = ask(account, second)
    row.pk, row.public_id, row.key, row.made_by = None, uuid4(), "past", None
    with pytest.raises(IntegrityError, match="a new request says who made it"), transaction.atomic():
        row.save()
    PaymentRequest.objects.update(made_by=None)  # as those of before it was kept
    operations.decline_request(request=PaymentRequest.objects.get(), by=customer.owner, at=now())
    deliver_events()
    assert heard(second, "KES 350.00") == []


@pytest.mark.parametrize("who", ["VIEWER", "stranger", "left", "asked"])
def test_nobody_else_asks_reminds_or_takes_back(who, account, firm, second, customer):
    request = ask(account, firm.created_by)
    if who == "left":
        people.remove_member(
            member=BusinessMember.objects.get(business=firm, user=second), by=firm.created_by, at=now()
        )
    person = {"left": second, "asked": customer.owner}.get(who) or (
        make_member(firm, "VIEWER") if who == "VIEWER" else make_customer()
    )
    for refused in (
        partial(ask, account, person, key="r2"),
        partial(operations.remind, request=request, by=person, at=now()),
        partial(operations.cancel_request, request=request, by=person, at=now()),
        partial(operations.ask_by_qr, account=account, amount=None, by=person, at=now()),
    ):
        with pytest.raises(NotFound):
            refused()
    assert list(PaymentRequest.objects.kept_by(person)) == []
    assert PaymentRequest.objects.get().status == "OPEN"


def test_one_who_signs_may_be_asked_by_it_and_pays_as_anybody(account, second):
    mine = make_account(second, balance="1000")
    request = ask(account, second, phone=str(second.phone))
    assert request.is_asked_of(second)
    pay(begin(request, mine))
    assert (balance_of(account), balance_of(mine)) == ("50350.00", "650.00")


def test_its_code_says_its_name_and_leads_to_its_account(account, second, customer):
    code = operations.ask_by_qr(account=account, amount=kes("40"), by=second, at=now())
    read = ke_qr.read(payload(code))
    assert (read.payee.number, "Welders Ltd") == (account.number, read.name)
    pay(
        operations.start(payer=customer.owner, from_account=customer, to=payload(code), amount=None, key="q1", at=now())
    )
    assert balance_of(account) == "50040.00"


def test_whoever_signs_finds_its_codes_in_the_list_and_nobody_else_does(client, account, firm, second, customer):
    asked = {"account": account.pk, "amount": {"amount": "40.00", "currency": "KES"}}
    path, sent = "/api/v1/qr-codes/", {"content_type": "application/json"}
    made = client.post(path, asked, headers=bearer(second), **sent).json()
    for who in (second, firm.created_by):
        assert [one["id"] for one in client.get(path, headers=bearer(who)).json()["results"]] == [made["id"]]
        assert client.get(f"{path}{made['id']}/", headers=bearer(who)).json()["payload"] == made["payload"]
    assert client.get(path, headers=bearer(customer.owner)).json()["results"] == []


@pytest.mark.django_db(transaction=True)
def test_two_who_sign_do_not_ask_one_phone_more_often_than_the_business_may():
    firm = make_business()
    second = make_member(firm, "SIGNATORY")
    account = business_account(firm, balance="0")
    make_mandate(firm, firm.created_by, second)
    make_customer(phone="+254722000114")
    acts = [partial(ask, account, by, key=f"r{nth}") for nth, by in enumerate((firm.created_by, second) * 3)]
    refused = refusals(at_once(*acts))
    assert [type(no) for no in refused] == [TooManyRequests] * 3
    assert PaymentRequest.objects.filter(asker=firm.party).count() == 3
