"""Payees, scheduled payments and requests on the pages: named first, proven once, and said in plain words."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.testing import balance_of, give, kes, make_account
from apps.kernel.clock import local_date, now
from apps.kernel.known import known_as
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.models import Payee, Payment, PaymentRequest, SplitBill, StandingOrder
from apps.payments.testing import begin_payment, confirmed, make_shop
from apps.portals.testing import faults_of, sign_in
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


class Two:
    """Somebody with money, somebody they know, and a browser for each."""

    def __init__(self):
        self.mine = make_account(make_customer(full_name="Achieng Otieno"), balance="5000")
        self.theirs = make_account(make_customer(full_name="Baraka Mwangi", phone="+254722000114"), balance="5000")
        self.browser, self.other = sign_in(self.mine.owner), sign_in(self.theirs.owner)

    def post(self, address, **fields):
        page = self.browser.get(address).content.decode()
        key = re.search(r'name="idempotency_key" value="([^"]+)"', page)
        return self.browser.post(address, ({"idempotency_key": key[1]} if key else {}) | fields)

    def prove(self, address, browser=None, account=None):
        """Ask for a code on the page, and type it."""
        browser, owner = browser or self.browser, (account or self.mine).owner
        if "/pay/confirm/" not in address:
            assert browser.post(re.sub("confirm$", "code", address), {"way": "SMS"}).status_code == 303
        return browser.post(address, {"code": code_sent_to(str(owner.phone))})

    def save(self):
        begun = self.post("/pay/payees/add", to="0722 000 114", nickname="Baraka rent")
        return self.prove(begun.headers["Location"])


@pytest.fixture
def two():
    return Two()


def text(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_shop_that_was_paid_is_neither_kept_nor_scheduled(two):
    shop = make_shop(two.theirs)
    paid = confirmed(begin_payment(two.mine, shop.till, "100"))
    refused = two.browser.post(f"/pay/done/{paid.public_id}/save")
    assert refused.status_code == 404
    assert "A shop is not kept" in text(refused)
    assert 'name="amount"' not in two.browser.get(f"/pay/scheduled/new?again={paid.public_id}").content.decode()
    assert not Payee.objects.exists()


def test_a_payee_is_named_proven_paid_in_one_tap_renamed_and_removed(two):
    begun = two.post("/pay/payees/add", to="0722 000 114", nickname="Baraka rent")
    asked = text(two.browser.get(begun.headers["Location"]))
    assert "Baraka M." in asked
    assert "Baraka rent" not in text(two.browser.get("/pay/payees"))
    kept = two.prove(begun.headers["Location"])
    payee = Payee.objects.get()
    assert kept.headers["Location"] == reverse("customer:payee", args=[payee.public_id])
    assert "Baraka rent" in text(two.browser.get("/pay/send"))
    form = text(two.browser.get(f"/pay/send?saved={payee.public_id}"))
    assert "0722 ••• 114" in form
    sent = two.post(
        f"/pay/send?saved={payee.public_id}", saved=str(payee.public_id), amount="100", from_account=str(two.mine.pk)
    )
    assert Payment.objects.get().to_account_id == two.theirs.pk
    two.prove(sent.headers["Location"])
    assert balance_of(two.theirs) == "5100.00"
    place = reverse("customer:payee", args=[payee.public_id])
    assert two.browser.post(place, {"nickname": "Landlord"}).status_code == 303
    assert two.browser.post(f"{place}/remove").status_code == 303
    assert "Landlord" not in text(two.browser.get("/pay/payees"))
    assert_books_balance()


def test_wrong_codes_and_bad_names_add_nobody(two):
    begun = two.post("/pay/payees/add", to="0722 000 114", nickname="B").headers["Location"]
    two.browser.post(re.sub("confirm$", "code", begun), {"way": "SMS"})
    answer = two.browser.post(begun, {"code": "000000"})
    assert answer.status_code == 422
    assert "not the right code" in text(answer)
    for fields in ({"to": "0799 999 999", "nickname": "X"}, {"to": "0722 000 114", "nickname": ""}):
        assert two.post("/pay/payees/add", **fields).status_code == 422
    assert not Payee.objects.saved().exists()


def test_whoever_was_just_paid_is_kept_without_another_proof(two):
    payment = operations.start(
        payer=two.mine.owner, from_account=two.mine, to=two.theirs.number, amount=kes("10"), key="k", at=now()
    )
    operations.challenge(payment=payment, by=two.mine.owner, at=now())
    two.prove(reverse("customer:confirm", args=[payment.public_id]))
    done = reverse("customer:done", args=[payment.public_id])
    assert "Save this payee" in text(two.browser.get(done))
    saved = two.browser.post(f"{done}/save")
    assert saved.headers["Location"] == reverse("customer:payee", args=[Payee.objects.saved().get().public_id])
    assert "Save this payee" not in text(two.browser.get(done))
    assert two.other.post(f"{done}/save").status_code == 404


def test_a_standing_order_is_set_up_from_a_payee_seen_skipped_paused_and_ended(two):
    two.save()
    payee = Payee.objects.get()
    start = local_date(now()) + timedelta(days=40)
    assert "Baraka rent" in text(two.browser.get("/pay/scheduled/new"))
    address = f"/pay/scheduled/new?saved={payee.public_id}"
    fields = {
        "saved": str(payee.public_id),
        "amount": "500",
        "from_account": str(two.mine.pk),
        "cadence": "MONTHLY",
        "starts_on": str(start),
        "day": "31",
        "day_off": "SAME_DAY",
    }
    wrong = two.post(address, **fields | {"times": "3", "until": str(start + timedelta(days=90))})
    assert (wrong.status_code, StandingOrder.objects.count()) == (422, 0)
    assert "not both" in text(wrong)
    begun = two.post(address, **fields)
    assert begun.status_code == 303, text(begun)
    order = StandingOrder.objects.get()
    asked = text(two.browser.get(begun.headers["Location"]))
    assert "Baraka M." in asked
    assert "Every month, day 31" in asked
    assert order.status == "AWAITING_CONFIRMATION"
    place = two.prove(begun.headers["Location"]).headers["Location"]
    order.refresh_from_db()
    assert order.status == "ACTIVE"
    assert "Next dates" in text(two.browser.get(place))
    for _twice in range(2):
        assert two.browser.post(f"{place}/skip", {"due_on": str(order.next_due_on)}).status_code == 303
    assert order.runs.count() == 1
    assert two.browser.post(f"{place}/skip", {"due_on": "nonsense"}).status_code == 409
    for act, status in (("pause", "PAUSED"), ("resume", "ACTIVE"), ("cancel", "CANCELLED")):
        assert two.browser.post(f"{place}/{act}").status_code == 303
        order.refresh_from_db()
        assert order.status == status
    assert two.browser.post(f"{place}/pause").status_code == 409
    assert two.other.post(f"{place}/cancel").status_code == 404
    assert "Left out" in text(two.browser.get(place))


def test_a_request_is_seen_in_the_inbox_and_paid(two):
    asked = two.post("/pay/requests/new", phone="0722000114", amount="350", note="Lunch", into_account=str(two.mine.pk))
    request = PaymentRequest.objects.get()
    assert asked.headers["Location"] == reverse("customer:request", args=[request.public_id])
    mine = text(two.browser.get(asked.headers["Location"]))
    assert "0722 000 114" in mine
    assert "Baraka" not in mine, "a request tells nobody's name"
    assert "Achieng O." in text(two.other.get("/inbox"))
    assert "1 request to pay waits" in text(two.other.get("/pay"))
    place = reverse("customer:request", args=[request.public_id])
    page = two.other.get(place).content.decode()
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
    begun = two.other.post(place, {"idempotency_key": key, "from_account": str(two.theirs.pk)})
    done = two.prove(begun.headers["Location"], two.other, two.theirs)
    assert done.status_code == 303
    assert "Paid" in text(two.browser.get(place))
    assert balance_of(two.mine) == "5350.00"
    again = two.other.post(place, {"idempotency_key": "b" * 32, "from_account": str(two.theirs.pk)})
    assert again.status_code == 409
    assert_books_balance()


def test_the_page_says_the_same_for_a_phone_nobody_here_has(two):
    said = []
    for phone in ("0722000114", "0799000114"):
        answer = two.post("/pay/requests/new", phone=phone, amount="5", into_account=str(two.mine.pk))
        page = text(two.browser.get(answer.headers["Location"]))
        said.append(re.sub(r"07[0-9 ]{8,}", "", page))
    assert said[0] == said[1]


def test_a_request_is_declined_reminded_of_or_taken_back_by_the_right_one(two):
    give(two.mine, "1")
    for nth in range(3):
        operations.ask_for_payment(
            by=two.mine.owner,
            phone="0722000114",
            amount=kes("5"),
            into_account=two.mine,
            key=str(nth),
            at=now() - timedelta(days=2),
        )
    first, second, third = PaymentRequest.objects.order_by("pk")

    def act(row, verb):
        return f"/pay/requests/{row.public_id}/{verb}"

    stranger = sign_in(make_customer())
    for verb in ("decline", "block", "remind", "cancel"):
        assert stranger.post(act(first, verb)).status_code == 404
    assert two.browser.post(act(first, "decline")).status_code == 404
    assert two.other.post(act(first, "cancel")).status_code == 404
    assert two.other.post(act(first, "decline")).status_code == 303
    assert two.browser.post(act(second, "remind")).status_code == 303
    assert two.browser.post(act(second, "remind")).status_code == 429
    assert two.browser.post(act(second, "cancel")).status_code == 303
    assert two.other.post(act(third, "block")).status_code == 303
    assert list(PaymentRequest.objects.order_by("pk").values_list("status", flat=True)) == [
        "DECLINED",
        "CANCELLED",
        "DECLINED",
    ]


@pytest.mark.parametrize(
    ("phones", "shares", "own"),
    [
        ("0722 000 114\n0799 000 111", ["33.34", "33.33"], "33.33"),
        ("0722 000 114 = 60\n0799 000 111=15.50", ["60.00", "15.50"], "24.50"),
    ],
)
def test_a_bill_is_split_in_equal_or_given_parts(two, phones, shares, own):
    fields = {"amount": "100", "note": "Dinner", "phones": phones, "with_me": "on", "into_account": str(two.mine.pk)}
    begun = two.post("/pay/requests/split", **fields)
    assert begun.status_code == 303, text(begun)
    bill = SplitBill.objects.get()
    assert [f"{share.amount.amount:f}" for share in bill.shares.order_by("pk")] == shares
    assert f"{bill.own.amount:f}" == own
    assert "KES 0.00" in text(two.browser.get(begun.headers["Location"])).replace("\u00a0", " ")
    wrong = two.post("/pay/requests/split", **fields | {"phones": "0722 000 114 = 101"})
    assert wrong.status_code == 422
    assert "more than the bill" in text(wrong)


@pytest.mark.parametrize(
    ("way", "fields", "key"),
    [
        ("mobile", {"phone": "0733 000 999"}, "mpesa/+254733000999"),
        ("bill", {"paybill": "888880", "account": "W-1201"}, "paybill/888880/W-1201"),
        ("till", {"till": "300584"}, "till/300584"),
    ],
)
def test_a_payee_outside_the_bank_fills_the_page_that_pays_them(two, way, fields, key):
    address = f"/pay/payees/add/{way}"
    begun = two.post(address, nickname="Maji", **fields)
    assert begun.status_code == 303, text(begun)
    two.prove(begun.headers["Location"])
    payee = Payee.objects.saved().get()
    assert payee.payee_key == known_as(key)
    page = two.browser.get(f"/pay/{way}").content.decode()
    assert f"/pay/{way}?saved={payee.public_id}" in page.replace("&amp;", "&")
    filled = two.browser.get(f"/pay/{way}?saved={payee.public_id}").content.decode()
    for value in fields.values():
        assert f'value="{value}"' in filled, "as people write it"
    assert two.post("/pay/payees/add/bill", nickname="X", paybill="1", account="1").status_code == 422
