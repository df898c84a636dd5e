"""A business from its papers to a payment signed by two, on the pages and by API: the same operations."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import Account, Mandate, Statement
from apps.accounts.operations import fall_asleep, make_month_statements
from apps.accounts.signing import SOME, Band
from apps.accounts.testing import balance_of, business_account, give, make_account, make_known, make_mandate
from apps.fraud.testing import switch_rule
from apps.kernel.clock import local_date, month_bounds, now
from apps.kyc.models import BusinessPerson, VerificationWorkflow
from apps.kyc.testing import BUSINESS_PIN, member_of, picture
from apps.notifications.testing import code_sent_to
from apps.payments import operations as payments
from apps.payments.models import JointPayment, Payment
from apps.payments.subscribers import STOPPED
from apps.portals.testing import faults_of, sign_in
from apps.users.models import User
from apps.users.testing import bearer, make_business, make_customer, make_member

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def firm():
    return make_business(make_customer(kyc_tier="TIER_2"))


@pytest.fixture
def browser(firm):
    return sign_in(firm.created_by)


SAID = {
    "en": {
        "sent": "Signed, and sent.",
        "looked at": "We are looking at this payment before it goes.",
        "back": "All of it, with the fee, is back in your account.",
        "why": "The bank stopped this payment after looking at it.",
    },
    "sw": {
        "sent": "Umetia saini, na yametumwa.",
        "looked at": "Tunaangalia malipo haya kabla hayajaenda.",
        "back": "pamoja na ada, imerudi kwenye akaunti yako.",
        "why": "Benki ilisimamisha malipo haya baada ya kuyaangalia.",
    },
}


def at(firm, path=""):
    return f"/settings/businesses/{firm.pk}{path}"


def photo():
    return SimpleUploadedFile("photo.jpg", picture(size=(320, 200)), content_type="image/jpeg")


def words(answer):
    return answer.content.decode()


def test_shows_the_bank_who_it_is_page_by_page(firm, browser):
    assert "Begin" in words(browser.get(at(firm, "/kyc")))
    assert browser.post(at(firm, "/kyc")).status_code == 303
    assert firm.created_by.full_name in words(browser.get(at(firm, "/kyc/people")))
    me = at(firm, f"/kyc/people/{member_of(firm, firm.created_by)}")
    assert browser.post(me, {"nationality": "KE"}).status_code == 422
    said = {"is_director": "on", "is_owner": "on", "share": "60", "nationality": "KE"}
    assert browser.post(me, said).headers["Location"] == at(firm, "/kyc")
    stranger = said | {"share": "40", "full_name": "Baraka Mwangi", "born_on": "1980-05-01", "id_kind": "NATIONAL_ID",
                       "id_number": "28456712"}  # fmt: skip
    assert browser.post(at(firm, "/kyc/people/somebody"), stranger | {"share": "50"}).status_code == 422
    assert browser.post(at(firm, "/kyc/people/somebody"), stranger).status_code == 303
    for kind, number in (("BUSINESS_REGISTRATION", firm.registration_number), ("TAX_PIN", BUSINESS_PIN), ("CR12", ""),
                         ("PROOF_OF_ADDRESS", "")):  # fmt: skip
        sent = {"number": number, "file": photo(), "idempotency_key": f"{kind.lower().encode().hex():0<16}"}
        assert browser.get(at(firm, f"/kyc/bring/{kind}/PAGE")).status_code == 200
        assert browser.post(at(firm, f"/kyc/bring/{kind}/PAGE"), sent).status_code == 303, kind
    other = BusinessPerson.objects.get(share_bp=4_000)
    for side in ("FRONT", "BACK"):
        sent = {
            "number": "28456712",
            "born_on": "1980-05-01",
            "file": photo(),
            "idempotency_key": side.encode().hex() * 4,
        }
        assert browser.post(at(firm, f"/kyc/bring/NATIONAL_ID/{side}/{other.public_id}"), sent).status_code == 303
    page = browser.get(at(firm, "/kyc"))
    assert "Hand in my papers" in words(page)
    assert faults_of(words(page)) == []
    assert browser.post(at(firm, "/kyc/hand-in"), {}).status_code == 303
    assert VerificationWorkflow.objects.get().status == "IN_REVIEW"
    assert "Hand in my papers" not in words(browser.get(at(firm, "/kyc")))


def test_changes_and_takes_off_who_was_named(firm, browser):
    said = {"is_director": "on", "nationality": "KE"}
    browser.post(at(firm, f"/kyc/people/{member_of(firm, firm.created_by)}"), said)
    row = BusinessPerson.objects.get()
    page = at(firm, f"/kyc/people/{row.public_id}")
    assert browser.post(page, said | {"is_owner": "on", "share": "12.5"}).status_code == 303
    row.refresh_from_db()
    assert row.share_bp == 1_250
    assert browser.post(page, {"remove": "1"}).status_code == 303
    assert not BusinessPerson.objects.present().exists()


def prove(browser, page, user, **sent):
    assert browser.post(f"{page}/code", {"way": "SMS"}).status_code == 303
    return browser.post(page, {"code": code_sent_to(str(user.phone))} | sent)


def test_is_paid_when_two_have_signed_on_their_pages(firm, browser):
    second, payee = make_member(firm, "SIGNATORY"), make_account()
    make_known(firm)
    hers = sign_in(second)
    assert browser.post(at(firm, "/money")).status_code == 303
    account = Account.objects.get(owner=firm.party_id)
    proposed = {"who": [firm.created_by_id, second.pk], "alone": "1,000", "needs": "ALL"}
    assert browser.post(at(firm, "/mandate/new"), proposed).headers["Location"] == at(firm, "/mandate")
    assert faults_of(words(browser.get(at(firm, "/mandate")))) == []
    for one, who in ((browser, firm.created_by), (hers, second)):
        assert prove(one, at(firm, "/mandate"), who).status_code == 303
    assert Mandate.objects.get().status == "IN_FORCE"
    give_some(account)
    sent = {"to": payee.number, "amount": "2500", "from_account": account.pk, "idempotency_key": "ab" * 16}
    begun = browser.post(at(firm, "/pay"), sent)
    page = begun.headers["Location"]
    assert prove(browser, page, firm.created_by).status_code == 303
    assert balance_of(payee) == "0.00"
    make_account(second)
    assert "1 waits for your signature" in words(hers.get("/"))
    shown = hers.get(page)
    assert "It needs 2" in words(shown)
    assert faults_of(words(shown)) == []
    assert prove(hers, page, second).status_code == 303
    assert balance_of(payee) == "2500.00"
    assert "waits for your signature" not in words(hers.get("/"))
    for path in ("/money", "/mandate/new", "/pay"):
        assert faults_of(words(browser.get(at(firm, path)))) == []
    assert "Of your businesses" in words(browser.get("/money"))
    assert sign_in(make_customer()).get(page).status_code == 404
    assert browser.get(f"/money/accounts/{account.pk}").status_code == 200


def give_some(account):
    give(account, "10000")


def test_is_turned_down_on_its_page_with_a_reason(firm, browser):
    second, payee, account = make_member(firm, "SIGNATORY"), make_account(), business_account(firm, balance="5000")
    make_mandate(firm, firm.created_by, second)
    sent = {"to": payee.number, "amount": "2500", "from_account": account.pk, "idempotency_key": "cd" * 16}
    page, hers = browser.post(at(firm, "/pay"), sent).headers["Location"], sign_in(second)
    assert hers.post(f"{page}/end", {"reason": ""}).status_code == 422
    assert hers.post(f"{page}/end", {"reason": "Wrong price"}).status_code == 303
    assert JointPayment.objects.get().status == "DECLINED"
    assert balance_of(account) == "5000.00"


def test_does_the_same_by_api(firm, client):
    second, payee = make_member(firm, "SIGNATORY"), make_account()
    make_known(firm)
    base, mine, hers = f"/api/v1/businesses/{firm.pk}/", bearer(firm.created_by), bearer(second)

    def post(path, body, hand):
        return client.post(base + path, body, content_type=JSON, headers=hand)

    opened = post("accounts/", {"product": "BUSINESS"}, mine)
    assert opened.status_code == 201
    assert client.get(f"{base}accounts/", headers=hers).json()[0]["id"] == opened.json()["id"]
    bands = [{"upto": {"amount": "1000.00", "currency": "KES"}, "needs": "ANY"}, {"needs": "SOME", "count": 2}]
    who = [member_of(firm, firm.created_by), member_of(firm, second)]
    assert post("mandate/", {"signatories": who, "bands": bands}, mine).json()["status"] == "WAITING"
    for user, hand in ((firm.created_by, mine), (second, hers)):
        asked = post("mandate/challenge/", {}, hand).json()
        signed = post("mandate/sign/", {"challenge": asked["challenge"], "code": code_sent_to(user.phone)}, hand)
        assert signed.status_code == 200
    assert client.get(f"{base}mandate/", headers=hers).json()["in_force"]["status"] == "IN_FORCE"
    give_some(Account.objects.get(pk=opened.json()["id"]))
    body = {"from_account": opened.json()["id"], "to": payee.number, "amount": {"amount": "2500.00", "currency": "KES"}}
    made = client.post(f"{base}payments/", body, content_type=JSON, headers=mine | {"Idempotency-Key": "one"})
    again = client.post(f"{base}payments/", body, content_type=JSON, headers=mine | {"Idempotency-Key": "one"})
    assert (made.status_code, again.json()["id"]) == (201, made.json()["id"])
    one = f"payments/{made.json()['id']}/"
    assert made.json()["signatures_needed"] == 2
    for user, hand in ((firm.created_by, mine), (second, hers)):
        asked = post(f"{one}challenge/", {}, hand).json()
        signed = post(f"{one}sign/", {"challenge": asked["challenge"], "code": code_sent_to(user.phone)}, hand)
    assert (signed.json()["status"], balance_of(payee)) == ("SIGNED", "2500.00")
    assert client.get(base + one, headers=bearer(make_customer())).status_code == 404
    assert post(f"{one}end/", {"reason": "x"}, hers).status_code == 409


def test_asks_the_database_no_more_for_more_payments(firm, client, django_assert_max_num_queries):
    account, payee = business_account(firm, balance="5000"), make_account()
    make_mandate(firm, firm.created_by, make_member(firm, "SIGNATORY"), bands=[Band(None, SOME, 2)])
    hand = bearer(firm.created_by)
    for nth in range(6):
        body = {"from_account": account.pk, "to": payee.number, "amount": {"amount": f"{nth + 1}", "currency": "KES"}}
        made = client.post(f"/api/v1/businesses/{firm.pk}/payments/", body, content_type=JSON, headers=hand)
        assert made.status_code == 201
    with django_assert_max_num_queries(16):
        shown = client.get(f"/api/v1/businesses/{firm.pk}/payments/", headers=hand).json()
    assert len(shown["results"]) == 6


def test_knows_it_by_api(firm, client):
    base, hand = f"/api/v1/businesses/{firm.pk}/kyc/", bearer(firm.created_by)
    assert client.get(base, headers=hand).json()["kyc_status"] == "NOT_STARTED"
    assert client.post(base, headers=hand).status_code == 201
    named = client.post(f"{base}people/", {"is_director": True, "member": member_of(firm, firm.created_by)},
                        content_type=JSON, headers=hand)  # fmt: skip
    assert named.json()["banks_here"] is True
    one = f"{base}people/{named.json()['id']}/"
    changed = client.put(one, {"is_owner": True, "share_bp": 10_000}, content_type=JSON, headers=hand)
    assert changed.json()["share_bp"] == 10_000
    refused = client.post(f"{base}hand-in/", {"says_complete": True}, content_type=JSON, headers=hand)
    assert (refused.status_code, refused.json()["lacking"]) == (422, ["directors"])
    sent = {"kind": "BUSINESS_REGISTRATION", "side": "PAGE", "number": firm.registration_number, "file": photo()}
    assert client.post(f"{base}documents/", sent, headers=hand).status_code == 201
    shown = client.get(base, headers=hand).json()["verification"]
    assert "BUSINESS_REGISTRATION/PAGE" not in shown["missing"]
    assert client.delete(one, headers=hand).status_code == 204
    assert client.get(base, headers=bearer(make_customer())).status_code == 404
    assert User.objects.get(pk=firm.party_id).kyc_tier == "TIER_1"


def test_who_belongs_reads_the_monthly_statements_that_the_page_lists(firm):
    account = business_account(firm, balance="5000")
    make_month_statements(day=month_bounds(local_date(now()) + timedelta(days=31))[1], at=now())
    row = Statement.objects.get(account=account)
    viewer, address = sign_in(make_member(firm, "VIEWER")), f"/money/statements/{row.pk}.csv"
    assert address in words(viewer.get(f"/money/accounts/{account.pk}"))
    assert viewer.get(address).status_code == 200
    assert sign_in(make_customer()).get(address).status_code == 404


@pytest.mark.parametrize("language", ["en", "sw"])
def test_stops_on_its_page_what_is_held_for_a_moment(firm, language):
    second, payee, account = make_member(firm, "SIGNATORY"), make_account(), business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second)
    browser, hers = sign_in(firm.created_by), sign_in(second, kitbank_language=language)
    sent = {"to": payee.number, "amount": "20000", "from_account": account.pk, "idempotency_key": "ef" * 16}
    page = browser.post(at(firm, "/pay"), sent).headers["Location"]
    for one, who in ((browser, firm.created_by), (hers, second)):
        prove(one, page, who)
    shown = words(hers.get(page))
    assert f'action="{page}/end"' in shown
    assert faults_of(shown) == []
    assert f'action="{page}/end"' not in words(sign_in(make_member(firm, "VIEWER")).get(page))
    assert sign_in(make_customer()).post(f"{page}/end").status_code == 404
    assert hers.post(f"{page}/end", {"reason": ""}).status_code == 303
    assert (JointPayment.objects.get().status, JointPayment.objects.get().payment.status) == ("DECLINED", "CANCELLED")
    assert f'action="{page}/end"' not in words(browser.get(page))


@pytest.mark.parametrize("language", ["en", "sw"])
def test_says_what_became_of_a_payment_that_all_had_signed(firm, language):
    second, payee, account = make_member(firm, "SIGNATORY"), make_account(), business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second)
    switch_rule("LARGE_AMOUNT", "amount >= KES 500", "0.6")
    browser, hers = sign_in(firm.created_by), sign_in(second, kitbank_language=language)
    sent = {"to": payee.number, "amount": "2500", "from_account": account.pk, "idempotency_key": "ed" * 16}
    page = browser.post(at(firm, "/pay"), sent).headers["Location"]
    for one, who in ((browser, firm.created_by), (hers, second)):
        prove(one, page, who)
    shown, said = words(hers.get(page)), SAID[language]
    assert said["sent"] not in shown, "it was not"
    assert said["looked at"] in shown
    assert faults_of(shown) == []
    payment = Payment.objects.get()
    Payment.objects.filter(pk=payment.pk).update(confirmed_at=now() - timedelta(hours=5))
    assert f"/inbox/write?about={payment.reference}" in words(hers.get(page))
    payments.stop_held(payment=payment, because=STOPPED, at=now())
    over = words(hers.get(page))
    assert said["back"] in over
    assert said["why"] in over
    assert said["looked at"] not in over
    assert faults_of(over) == []


@pytest.mark.parametrize("language", ["en", "sw"])
def test_wakes_an_account_that_slept_on_its_page(firm, language):
    clerk = make_member(firm, "SIGNATORY")
    account = business_account(firm, balance="500", at=now() - timedelta(days=400))
    fall_asleep(day=local_date(now()), at=now())
    browser, page = sign_in(clerk, kitbank_language=language), f"/money/accounts/{account.pk}/wake"
    assert page in words(browser.get(f"/money/accounts/{account.pk}"))
    assert page not in words(sign_in(make_member(firm, "VIEWER")).get(f"/money/accounts/{account.pk}"))
    assert faults_of(words(browser.get(page))) == []
    assert prove(browser, page, clerk).status_code == 303
    account.refresh_from_db()
    assert account.status == "ACTIVE"
    assert sign_in(make_customer()).get(page).status_code == 404


@pytest.mark.parametrize("language", ["en", "sw"])
def test_lets_go_of_what_another_froze_with_as_many_as_the_mandate_asks(firm, language):
    second, third = make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    account = business_account(firm)
    make_mandate(firm, firm.created_by, second, third, bands=[Band(None, SOME, 2)])
    page = f"/money/accounts/{account.pk}"
    assert sign_in(second).post(f"{page}/freeze").status_code == 303
    hers = sign_in(third, kitbank_language=language)
    shown = words(hers.get(page))
    assert second.full_name in shown
    assert faults_of(shown) == []
    assert hers.post(f"{page}/freeze", {"unfreeze": "1"}).status_code == 303
    account.refresh_from_db()
    assert account.status == "FROZEN"
    viewer = sign_in(make_member(firm, "VIEWER"))
    assert f'action="{page}/freeze"' not in words(viewer.get(page))
    assert viewer.post(f"{page}/freeze", {"unfreeze": "1"}).status_code == 409
    assert sign_in(firm.created_by).post(f"{page}/freeze", {"unfreeze": "1"}).status_code == 303
    account.refresh_from_db()
    assert account.status == "ACTIVE"


def test_an_account_of_the_business_leads_to_paying_by_the_mandate_and_not_to_ones_own_money(firm):
    account = business_account(firm, balance="5000")
    viewer = sign_in(make_member(firm, "VIEWER"))
    page = sign_in(firm.created_by).get(f"/money/accounts/{account.pk}").content.decode()
    assert f'href="/settings/businesses/{firm.pk}/pay"' in page
    assert f'href="/pay/topup?account={account.pk}"' in page
    assert 'href="/pay/send"' not in page
    assert f"/settings/businesses/{firm.pk}/pay" not in viewer.get(f"/money/accounts/{account.pk}").content.decode()
