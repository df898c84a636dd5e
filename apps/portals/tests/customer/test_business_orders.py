"""Standing orders of a business on the pages and by API: the same operations."""

from datetime import timedelta

import pytest

from apps.accounts.signing import SOME, Band
from apps.accounts.testing import balance_of, business_account, make_account, make_mandate
from apps.kernel.clock import local_date, now
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.models import JointOrder, StandingOrder
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter, look
from apps.users import operations as people
from apps.users.testing import bearer, make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db
JSON = "application/json"


def today() -> str:
    """Asked for at each use: a run may pass midnight."""
    return str(local_date(now()))


@pytest.fixture
def firm():
    return make_business(make_customer(kyc_tier="TIER_2"))


@pytest.fixture
def second(firm):
    return make_member(firm, "SIGNATORY")


@pytest.fixture
def account(firm, second):
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second)
    return account


def words(answer):
    return answer.content.decode()


def at(firm, path=""):
    return f"/settings/businesses/{firm.pk}{path}"


def terms(account, **more):
    return {
        "from_account": account.pk, "amount": "2500", "cadence": "MONTHLY", "starts_on": today(), "reach": "HERE",
        "day_off": "SAME_DAY", "note": "Rent", "idempotency_key": "ab" * 16,
    } | more  # fmt: skip


def prove(browser, page, user):
    assert browser.post(f"{page}/code", {"way": "SMS"}).status_code == 303
    return browser.post(page, {"code": code_sent_to(str(user.phone))})


@pytest.mark.parametrize("language", ["en", "sw"])
def test_is_set_up_signed_by_two_paid_and_stopped_on_its_pages(firm, second, account, language):
    payee = make_account()
    browser, hers = sign_in(firm.created_by, kitbank_language=language), sign_in(second, kitbank_language=language)
    assert faults_of(words(browser.get(at(firm, "/orders/new")))) == []
    wrong = browser.post(at(firm, "/orders/new"), terms(account, to="", day="40"))
    assert wrong.status_code == 422
    assert faults_of(words(wrong)) == []
    begun = browser.post(at(firm, "/orders/new"), terms(account, to=payee.number))
    page = begun.headers["Location"]
    shown = words(browser.get(page))
    assert faults_of(shown) == []
    assert second.full_name in shown, "who is missing"
    assert prove(browser, page, firm.created_by).status_code == 303
    assert StandingOrder.objects.get().status == "AWAITING_CONFIRMATION"
    waiting = words(hers.get(at(firm, "/money")))
    assert ("1 waits for your signature" in waiting) is (language == "en")
    assert ("1 of 2 signatures" in waiting) is (language == "en")
    assert faults_of(waiting) == []
    assert prove(hers, page, second).status_code == 303
    assert StandingOrder.objects.get().status == "ACTIVE"
    shown = words(hers.get(page))
    assert f'action="{page}/skip"' in shown
    assert faults_of(shown) == []
    viewer = words(sign_in(make_member(firm, "VIEWER")).get(page))
    assert f'action="{page}/' not in viewer
    assert "instead=" not in viewer
    assert sign_in(make_customer()).get(page).status_code == 404
    run = operations.pay_order(order_id=StandingOrder.objects.get().pk, at=now() + timedelta(hours=7))
    assert (run.status, balance_of(payee)) == ("PAID", "2500.00")
    paid = words(hers.get(page))
    assert at(firm, f"/payments/{run.payment.public_id}") in paid
    assert hers.get(at(firm, f"/payments/{run.payment.public_id}")).status_code == 200
    due_on = str(StandingOrder.objects.get().next_due_on)
    assert hers.post(f"{page}/skip", {"due_on": "x"}).status_code == 409
    assert hers.post(f"{page}/skip", {"due_on": due_on}).status_code == 303
    assert hers.post(f"{page}/end", {"reason": ""}).status_code == 303
    assert JointOrder.objects.get().status == "STOPPED"
    over = words(browser.get(page))
    assert second.full_name in over
    assert faults_of(over) == []
    assert f'action="{page}/' not in over


def test_is_changed_by_another_that_takes_its_place_once_signed(firm, second, account):
    payee, browser, hers = make_account(), sign_in(firm.created_by), sign_in(second)
    page = browser.post(at(firm, "/orders/new"), terms(account, to=payee.number)).headers["Location"]
    assert hers.post(f"{page}/end", {"reason": ""}).status_code == 422
    for one, who in ((browser, firm.created_by), (hers, second)):
        prove(one, page, who)
    old = StandingOrder.objects.get()
    link = at(firm, f"/orders/new?instead={old.public_id}")
    assert link in words(browser.get(page))
    form = words(browser.get(link))
    assert 'value="2,500.00"' in form
    assert faults_of(form) == []
    more = terms(account, amount="3000", instead=old.public_id, idempotency_key="cd" * 16)
    other = browser.post(at(firm, "/orders/new"), more).headers["Location"]
    assert page in words(browser.get(other))
    old.refresh_from_db()
    assert old.status == "ACTIVE"
    for one, who in ((browser, firm.created_by), (hers, second)):
        assert prove(one, other, who).status_code == 303
    old.refresh_from_db()
    new = StandingOrder.objects.get(status="ACTIVE")
    assert (old.status, new.amount_minor, new.payee_key) == ("CANCELLED", 300_000, old.payee_key)
    assert browser.get(at(firm, f"/orders/new?instead={old.public_id}")).status_code == 404


def test_shows_that_it_lacks_signatures_since_one_left_and_takes_another(firm, second, account):
    third, payee = make_member(firm, "SIGNATORY"), make_account()
    make_mandate(firm, firm.created_by, second, third, bands=[Band(None, SOME, 2)])
    browser, hers, thirds = sign_in(firm.created_by), sign_in(second), sign_in(third)
    page = browser.post(at(firm, "/orders/new"), terms(account, to=payee.number)).headers["Location"]
    for one, who in ((browser, firm.created_by), (hers, second)):
        prove(one, page, who)
    assert f'action="{page}"' not in words(thirds.get(page))
    people.remove_member(member=firm.members.get(user=second), by=second, at=now())
    shown = words(thirds.get(page))
    assert "does not sign any more" in shown
    assert "Nothing is paid until more have signed it" in shown
    assert "1 waits for your signature" in words(thirds.get(at(firm, "/money")))
    assert prove(thirds, page, third).status_code == 303
    run = operations.pay_order(order_id=StandingOrder.objects.get().pk, at=now() + timedelta(hours=7))
    assert (run.status, balance_of(payee)) == ("PAID", "2500.00")


def test_does_the_same_by_api(firm, second, account, client):
    payee, base = make_account(), f"/api/v1/businesses/{firm.pk}/standing-orders/"
    mine, hers = bearer(firm.created_by), bearer(second)

    def post(path, body, hand, **more):
        return client.post(base + path, body, content_type=JSON, headers=hand | more)

    body = {"from_account": account.pk, "to": payee.number, "amount": {"amount": "2500.00", "currency": "KES"},
            "cadence": "MONTHLY", "starts_on": today(), "day_off": "SAME_DAY"}  # fmt: skip
    assert post("", body | {"phone": "0712 345 678"}, mine).status_code == 400
    made = post("", body, mine, **{"Idempotency-Key": "one"})
    assert made.status_code == 201
    assert post("", body, mine, **{"Idempotency-Key": "one"}).json()["id"] == made.json()["id"]
    shown = made.json()
    assert (shown["status"], shown["signatures_needed"], len(shown["missing"])) == ("WAITING", 2, 2)
    one = f"{shown['id']}/"
    for user, hand in ((firm.created_by, mine), (second, hers)):
        asked = post(f"{one}challenge/", {}, hand)
        assert asked.status_code == 201
        proof = {"challenge": asked.json()["challenge"], "code": code_sent_to(user.phone)}
        signed = post(f"{one}sign/", proof, hand).json()
    assert (signed["status"], signed["order"]["status"], signed["missing"]) == ("SIGNED", "ACTIVE", [])
    assert [each["counts"] for each in signed["signed_by"]] == [True, True]
    changed = post("", body | {"amount": {"amount": "3000.00", "currency": "KES"}, "instead_of": shown["id"]}, hers)
    assert changed.json()["replaces"] == shown["id"]
    assert client.get(base + one, headers=bearer(make_member(firm, "VIEWER"))).status_code == 200
    assert client.get(base + one, headers=bearer(make_customer())).status_code == 404
    assert post(f"{one}skip/", {"due_on": today()}, bearer(make_customer())).status_code == 404
    skipped = post(f"{one}skip/", {"due_on": today()}, hers).json()
    assert skipped["order"]["runs"][0]["status"] == "SKIPPED"
    assert post(f"{one}end/", {}, mine).json()["status"] == "STOPPED"
    assert post(f"{one}challenge/", {}, mine).status_code == 409
    assert client.get("/api/v1/standing-orders/", headers=mine).json()["results"] == []
    assert client.get(f"/api/v1/standing-orders/{shown['id']}/", headers=mine).status_code == 404
    assert len(client.get(base, headers=mine).json()["results"]) == 2


def test_asks_the_database_no_more_for_more_orders(firm, account, client, django_assert_max_num_queries):
    payee, hand, base = make_account(), bearer(firm.created_by), f"/api/v1/businesses/{firm.pk}/standing-orders/"
    browser = sign_in(firm.created_by)
    for nth in range(6):
        body = {"from_account": account.pk, "to": payee.number, "amount": {"amount": f"{nth + 1}", "currency": "KES"},
                "cadence": "MONTHLY", "starts_on": today()}  # fmt: skip
        assert client.post(base, body, content_type=JSON, headers=hand).status_code == 201
    with django_assert_max_num_queries(18):
        assert len(client.get(base, headers=hand).json()["results"]) == 6
    with django_assert_max_num_queries(30):
        assert browser.get(at(firm, "/money")).status_code == 200


def test_stands_at_the_workbench_as_standing_orders_do(firm, second, account):
    payee, browser, hers = make_account(), sign_in(firm.created_by), sign_in(second)
    page = browser.post(at(firm, "/orders/new"), terms(account, to=payee.number)).headers["Location"]
    staff = make_staff("SUPPORT_AGENT")
    desk, its_page = enter(staff), f"/workbench/customer/{firm.party_id}/"
    look(staff, firm.party)
    assert "Every month" not in words(desk.get(its_page)), "it waits for signatures"
    for one, who in ((browser, firm.created_by), (hers, second)):
        prove(one, page, who)
    assert "Every month · Active" in words(desk.get(its_page))
    people.remove_member(member=firm.members.get(user=second), by=second, at=now())
    operations.pay_order(order_id=StandingOrder.objects.get().pk, at=now() + timedelta(hours=7))
    assert "too few can sign" in words(desk.get(its_page))
    assert its_page in words(desk.get("/workbench/queues/standing-orders/"))
