"""Paying other banks and abroad on the pages: the name, the fee and the day before the proof."""

import re

import pytest

from apps.accounts.testing import balance_of, make_account
from apps.fx.testing import set_rates
from apps.payments import operations
from apps.payments.models import Payee, Payment
from apps.portals.testing import faults_of, sign_in
from apps.users.models import User
from simulators.testing import client_of, running


@pytest.fixture
def account(transactional_db, tmp_path, settings):
    set_rates(EUR="143")
    found = make_account(balance="50000")
    User.objects.filter(pk=found.owner_id).update(kyc_tier="TIER_2")
    with running(tmp_path / "simulators") as server:
        settings.INTERBANK_URLS = {who: f"{server.address}/interbank/{who}" for who in ("pesalink", "bank", "abroad")}
        settings.INTERBANK_KEY = "simulated"
        found.simulators = client_of(server)
        yield found


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def fill(browser, address, **asked):
    page = browser.get(address).content.decode()
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page)[1]
    return browser.post(address, {"idempotency_key": key, **asked})


def test_the_hub_leads_to_both(account):
    page = sign_in(account.owner).get("/pay").content.decode()
    assert 'href="/pay/bank"' in page
    assert 'href="/pay/abroad"' in page


def test_a_bank_account_is_named_with_fee_and_arrival_before_the_proof(account):
    browser = sign_in(account.owner)
    asked = {"bank": "01", "account": "01109876543217", "amount": "1,500", "from_account": account.pk}
    answer = fill(browser, "/pay/bank", **asked)
    assert answer.status_code == 303, text_of(answer)
    shown = text_of(browser.get(answer.headers["Location"]))
    for words in ("KCB Bank •••3217", "KES 40.00", "Mostly within a minute", "the other bank"):
        assert words in shown
    assert balance_of(account) == "50000.00"


def test_a_wrong_account_is_said_at_its_field(account):
    asked = {"bank": "01", "account": "01100000000", "amount": "1500", "from_account": account.pk}
    answer = fill(sign_in(account.owner), "/pay/bank", **asked)
    assert answer.status_code == 422
    assert "The account number is wrong" in text_of(answer)
    assert not Payment.objects.exists()


ZOE = {"corridor": "DE-EUR-IBAN", "name": "Zoe Mueller", "account": "DE89370400440532013000", "bic": "COBADEFF"}


def test_abroad_shows_what_arrives_the_rate_and_the_day_before_the_proof(account):
    browser = sign_in(account.owner)
    asked = {**ZOE, "town": "Berlin", "purpose": "FAMI", "amount": "14300", "from_account": account.pk}
    answer = fill(browser, "/pay/abroad", **asked)
    assert answer.status_code == 303, text_of(answer)
    shown = text_of(browser.get(answer.headers["Location"]))
    for words in ("Zoe Mueller", "EUR 98.50", "They get", "Your rate", "By "):
        assert words in shown


def test_the_form_sent_again_is_the_same_payment_and_changed_it_is_refused(account):
    browser, other = sign_in(account.owner), make_account(account.owner, balance="20000")
    asked = {**ZOE, "town": "Berlin", "purpose": "FAMI", "amount": "14300", "from_account": account.pk, "note": ""}
    asked["idempotency_key"] = "ab" * 16
    first = browser.post("/pay/abroad", asked)
    assert browser.post("/pay/abroad", asked).headers["Location"] == first.headers["Location"]
    for change in (
        {"amount": "1430"}, {"name": "Max Mueller"}, {"account": "DE02120300000000202051"}, {"purpose": "EDUC"},
        {"note": "Rent"}, {"from_account": other.pk},
    ):  # fmt: skip
        changed = browser.post("/pay/abroad", asked | change)
        assert changed.status_code == 409, change
        assert "sent before with other figures" in text_of(changed)
    assert Payment.objects.count() == 1


def test_abroad_says_what_is_wrong_with_an_iban(account):
    asked = {**ZOE, "account": "DE88370400440532013000", "purpose": "FAMI", "amount": "14300"}
    answer = fill(sign_in(account.owner), "/pay/abroad", from_account=account.pk, **asked)
    assert answer.status_code == 422
    assert "a digit is wrong or missing" in text_of(answer)


def test_unchecked_papers_are_sent_to_their_limits(account):
    User.objects.filter(pk=account.owner_id).update(kyc_tier="TIER_1")
    assert "Your papers come first" in text_of(sign_in(account.owner).get("/pay/abroad"))


def test_the_control_page_of_other_banks_plans_and_refuses(account):
    assert account.simulators.get("/control/interbank/").status_code == 200
    answer = account.simulators.post("/control/interbank/plans/", json={"account": "1", "outcome": "DANCE"})
    assert answer.status_code == 400


def test_whom_one_keeps_is_filled_in_and_said(account):
    browser = sign_in(account.owner)
    fill(browser, "/pay/bank", bank="01", account="01109876543217", amount="1500", from_account=account.pk)
    payment = Payment.objects.get()
    where = operations.place_of(payment)
    kept = Payee.objects.create(
        owner=account.owner, **where, nickname="Landlord", created_at=payment.created_at, saved_at=payment.created_at
    )
    page = browser.get(f"/pay/bank?saved={kept.public_id}").content.decode()
    assert 'value="01109876543217"' in page
    assert f"Filled in for {kept.payee_name}, KCB Bank" in page
    assert f'href="/pay/bank?saved={kept.public_id}"' in page
    assert faults_of(page) == []
    stranger = sign_in(make_account(balance="10").owner)
    assert "01109876543217" not in stranger.get(f"/pay/bank?saved={kept.public_id}").content.decode()


def test_an_earlier_payment_abroad_is_filled_in_again(account):
    browser = sign_in(account.owner)
    fill(browser, "/pay/abroad", **ZOE, town="Berlin", purpose="FAMI", amount="14300", from_account=account.pk)
    page = browser.get(f"/pay/abroad?again={Payment.objects.get().public_id}").content.decode()
    assert 'value="DE89370400440532013000"' in page
    assert '<option value="DE-EUR-IBAN" selected>' in page
    assert "Filled in for Zoe Mueller" in page
