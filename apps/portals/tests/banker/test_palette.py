"""Finding anything: exact numbers first, only what the role may see, and no text that breaks it."""

import re
import uuid

import pytest
from django.urls import reverse

from apps.accounts.testing import kes, make_account
from apps.kernel.clock import local_date, now
from apps.payments import operations as payments
from apps.payments.testing import begin_payment, confirmed, make_shop
from apps.portals.banker.places import GROUPS
from apps.portals.tests.banker.desk import Desk, enter
from apps.users.models.staff import Role
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def find(client, text, **headers):
    answer = client.get("/workbench/go/", {"q": text}, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_finds_by_name_phone_id_and_account(desk):
    client, address = enter(desk.teller), f"/workbench/customer/{desk.customer.pk}/"
    number = desk.account.number
    spaced = f"{number[:4]} {number[4:]}"
    for text in ("Nyambura", "kimathi", "0712345908", "+254 712 345 908", desk.customer.id_number, number, spaced):
        assert address in find(client, text), text
    assert "0712345908" not in find(client, "Nyambura").replace('value="', ""), "a phone is masked in a list"


def test_finds_a_payment_and_a_receipt(desk):
    payee = make_account(make_customer())
    payment = payments.start(
        payer=desk.customer,
        from_account=desk.account,
        to=payee.number,
        amount=kes("120"),
        key=uuid.uuid4().hex,
        at=now(),
    )
    client = enter(desk.teller)
    assert f"/workbench/customer/{desk.customer.pk}/" in find(client, payment.reference.lower())
    assert f"/workbench/teller/receipt/{desk.done.receipt}/" in find(client, desk.done.receipt.lower())
    support = enter(make_staff("SUPPORT_AGENT"))
    found = find(support, desk.done.receipt)
    assert f"/workbench/customer/{desk.customer.pk}/" in found
    assert "/workbench/teller/" not in found


def test_a_role_without_names_finds_pages_only(desk):
    client = enter(make_staff("ANALYST"))
    for text in ("Nyambura", desk.account.number, desk.done.receipt, "0712345908"):
        assert "Nothing found" in find(client, text)
    assert 'href="/workbench/approvals/"' in find(client, "appro")


def test_staff_are_not_customers(desk):
    assert "Nothing found" in find(enter(desk.teller), desk.teller.full_name)


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "\u202emoja\u202c", "سالم", "'; drop table users; --", "<script>alert(1)</script>",
     '"quoted"', "%", "_", "\\", "\ud7ff\ufffd", "0" * 40, "+", "@", "a@b", "😀"],
)  # fmt: skip
def test_no_text_breaks_it(desk, text):
    page = find(enter(desk.teller), text)
    assert "<script>alert" not in page
    assert "Kimathi" not in page


@pytest.mark.parametrize("text", ["\0", "a\0b"])
def test_text_that_no_keyboard_writes_is_refused_as_a_whole(desk, text):
    assert enter(desk.teller).get("/workbench/go/", {"q": text}).status_code == 400


def test_no_words_show_the_pages(desk):
    page = find(enter(desk.teller), "  ")
    assert 'href="/workbench/teller/"' in page


def test_answers_a_part_to_htmx_with_few_queries(desk, django_assert_max_num_queries):
    client = enter(desk.teller)
    for _nth in range(12):
        make_customer()
    with django_assert_max_num_queries(16):
        page = find(client, "Achieng", **{"HX-Request": "true"})
    assert "<html" not in page
    assert page.count("/workbench/customer/") == 8
    whole = find(client, "Achieng", **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole


def test_finds_a_shop_and_what_it_was_paid_out(desk):
    shop = make_shop(desk.account)
    confirmed(begin_payment(make_account(balance="100"), shop.till, "50"))
    payments.pay_out_merchants(day=local_date(now()), at=now())
    row = shop.settlements.get()
    client = enter(desk.teller)
    for text in (shop.till, "achieng"):
        assert f"/payments/merchant/{shop.pk}/change/" in find(client, text)
    assert f"/payments/settlement/{row.pk}/change/" in find(client, row.reference.lower())
    assert shop.till not in find(enter(make_staff("ANALYST")), "achieng")
    assert client.get(reverse("admin:payments_merchant_change", args=[shop.pk])).status_code == 200
    assert client.get(reverse("admin:payments_settlement_change", args=[row.pk])).status_code == 200


def test_every_place_is_listed_and_found_by_whoever_may_open_it():
    everybody = [make_staff(role) for role in Role.values]
    seen = set()
    for user in everybody:
        client = enter(user)
        shown = client.get("/workbench/").content.decode().partition("</nav>")[0]
        found = find(client, "").partition("</nav>")[2]
        for _title, places in GROUPS:
            for place in places:
                link, may = f'href="{place.address}"', place.is_open_to(user)
                assert (link in shown) is (may and not place.inside), (user, place)
                assert (link in found) is may, (user, place)
                if may and place.name not in seen:
                    assert client.get(place.address).status_code == 200, (user, place)
                    seen.add(place.name)
    assert seen == {place.name for _title, places in GROUPS for place in places}


def test_a_place_is_marked_on_its_own_page_and_those_inside_by_the_one_around_them(desk):
    client = enter(make_staff("SUPER_ADMIN"))
    for _title, places in GROUPS:
        for place in places:
            if not place.inside:
                nav = client.get(place.address).content.decode().partition("</nav>")[0]
                (marked,) = re.findall(r'href="([^"]+)"[^>]* aria-current="page"', nav)
                assert marked == place.address
