"""Adding money from M-Pesa on the pages: one prompt a form, the truth while it waits, why not and what to do."""

import re
from datetime import timedelta

import pytest

from apps.accounts import topups
from apps.accounts.testing import business_account, make_account, make_deposit
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.mpesa.models import MpesaTransaction
from apps.portals.testing import faults_of, make_push, sign_in
from apps.users.testing import make_business, make_customer, make_member

pytestmark = pytest.mark.django_db


class Holder:
    """Somebody with an account and a browser."""

    def __init__(self):
        self.account = make_account(make_customer(full_name="Achieng Otieno"), balance="100")
        self.browser = sign_in(self.account.owner)

    def ask(self, **fields):
        page = self.browser.get("/pay/topup").content.decode()
        asked = {
            "idempotency_key": re.search(r'name="idempotency_key" value="([^"]+)"', page)[1],
            "amount": "1,500",
            "phone": str(self.account.owner.phone),
            "account": self.account.pk,
        }
        return self.browser.post("/pay/topup", asked | fields)

    def look(self, push, was=""):
        asked = {"HX-Request": "true", "HX-Trigger": "live"}
        return self.browser.get(f"/pay/topup/{push.public_id}", {"was": was}, headers=asked)


@pytest.fixture
def holder():
    return Holder()


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_begins_once_and_shows_where_it_stands(holder):
    first, second = holder.ask(idempotency_key="a" * 32), holder.ask(idempotency_key="a" * 32)
    push = MpesaTransaction.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/pay/topup/{push.public_id}"
    assert (push.status, push.amount.minor, push.account) == ("INITIATED", 150_000, holder.account)
    page = holder.browser.get(first.headers["Location"])
    assert "Look at your phone" in text_of(page)
    assert "every 3s" in page.content.decode()
    assert 'content="3;url=?look=1"' in page.content.decode()
    other = holder.ask(idempotency_key="a" * 32, amount="2000")
    assert other.status_code == 409
    assert "No money moved" in text_of(other)
    assert_books_balance()


def test_fills_in_the_persons_own_phone(holder):
    shown = "".join(
        re.search(r'name="phone" value="([^"]+)"', holder.browser.get("/pay/topup").content.decode())[1].split()
    )
    assert str(holder.account.owner.phone).endswith(shown.lstrip("0"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": "0"}, "more than zero"),
        ({"amount": "0.5"}, "whole shillings"),
        ({"amount": "250,001"}, "250,000"),
        ({"amount": "٥٠٠"}, "Write an amount like"),
        ({"amount": "-5"}, "Write an amount like"),
        ({"amount": "1,2,3"}, "Write an amount like"),
        ({"amount": ""}, "Write the amount"),
        ({"phone": ""}, "Write your phone number"),
        ({"phone": "+44 7911 123456"}, "Kenyan number"),
        ({"phone": "٠٧١٢٣٤٥٩٠٨"}, "digits 0 to 9"),
        ({"account": "999999"}, "Choose one of your accounts"),
        ({"account": ""}, "Choose an account"),
    ],
)
def test_refuses_in_words_and_sends_no_prompt(holder, fields, words):
    answer = holder.ask(**fields)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not MpesaTransaction.objects.exists()


def test_somebody_elses_account_is_no_choice(holder):
    assert holder.ask(account=make_account().pk).status_code == 422
    assert not MpesaTransaction.objects.exists()


def test_a_fixed_deposit_which_takes_no_more_money_is_no_choice(holder):
    deposit = make_deposit(holder.account)
    assert deposit.masked_number not in holder.browser.get("/pay/topup").content.decode()
    assert holder.ask(account=deposit.pk).status_code == 422
    assert not MpesaTransaction.objects.exists()


def test_without_a_provider_it_says_so(holder, monkeypatch):
    monkeypatch.setattr(topups, "_connected", [])
    assert "not connected yet" in text_of(holder.browser.get("/pay/topup"))


def test_without_an_account_it_says_so():
    assert "No account can take it" in text_of(sign_in(make_customer()).get("/pay/topup"))


def test_another_persons_top_up_is_not_there(holder):
    push = make_push(holder.account)
    assert sign_in(make_customer()).get(f"/pay/topup/{push.public_id}").status_code == 404
    payout = make_push(holder.account, kind="B2C")
    assert holder.browser.get(f"/pay/topup/{payout.public_id}").status_code == 404


def test_is_sent_only_news_and_then_the_end(holder):
    push = make_push(holder.account)
    page = holder.browser.get(f"/pay/topup/{push.public_id}").content.decode()
    was = re.search(r"\?was=([A-Za-z0-9-]+)", page)[1]
    assert holder.look(push, was).status_code == 204
    MpesaTransaction.objects.update(created_at=now() - timedelta(seconds=61))
    longer = holder.look(push, was).content.decode()
    assert "No answer for a minute" in longer
    assert "every 30s" in longer
    MpesaTransaction.objects.update(status="CANCELLED", result_code="1032", ended_at=now())
    end = holder.look(push, was).content.decode()
    assert "<title>Nothing was added" in end
    assert "You cancelled it on your phone" in end
    assert "Try again" in end
    assert "hx-get" not in end


def test_trying_again_begins_with_the_same_figures(holder):
    push = make_push(holder.account, "1500", status="FAILED", result_code="1", ended_at=now())
    page = holder.browser.get(f"/pay/topup/{push.public_id}").content.decode()
    assert "Your M-Pesa balance was too low" in page
    again = re.search(r'href="(/pay/topup\?amount[^"]+)"', page)[1].replace("&amp;", "&")
    form = holder.browser.get(again).content.decode()
    assert 'value="1,500"' in form
    assert f'<option value="{holder.account.pk}" selected>' in form


def test_who_has_paid_is_not_asked_to_try_again(holder):
    push = make_push(holder.account, status="FAILED", result_code="elsewhere", ended_at=now())
    page = text_of(holder.browser.get(f"/pay/topup/{push.public_id}"))
    assert ("Try again" in page, "Call us" in page) == (False, True)


@pytest.mark.parametrize(
    ("fields", "title", "words"),
    [
        ({"status": "CHECKING"}, "We are checking", "Do not pay again"),
        (
            {"status": "COMPLETED", "receipt": "SKL7H2M0QX", "transfer_id": 1, "ended_at": now()},
            "Money added",
            "SKL7H2M0QX",
        ),
        (
            {"status": "COMPLETED", "receipt": "SKL7H2M0QX", "transfer_id": 1, "in_suspense": True},
            "Your money is with us",
            "A person places it",
        ),
        ({"status": "REVERSED", "receipt": "SKL7H2M0QX"}, "Taken back", "returned to M-Pesa"),
        ({"status": "FAILED", "result_code": "not_reached"}, "Nothing was added", "Try again later"),
        ({"status": "FAILED", "result_code": "unknown"}, "Nothing was added", "Nothing was taken"),
        ({"status": "FAILED", "result_code": "elsewhere"}, "Your money is with us", "Do not pay again"),
    ],
)
@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_ending_has_its_words(holder, fields, title, words, language):
    push = make_push(holder.account, **fields)
    holder.browser.cookies["kitbank_language"] = language
    page = text_of(holder.browser.get(f"/pay/topup/{push.public_id}"))
    assert language == "sw" or (title in page and words in page)
    if language == "sw" and "receipt" not in fields:
        assert title not in page


def test_asks_the_database_little(holder, django_assert_max_num_queries):
    push = make_push(holder.account)
    with django_assert_max_num_queries(6):
        holder.browser.get(f"/pay/topup/{push.public_id}")
    with django_assert_max_num_queries(8):
        holder.browser.get("/pay/topup")


def test_is_linked_from_where_people_look(holder):
    for address in ("/pay", "/money/add"):
        assert "/pay/topup" in holder.browser.get(address).content.decode()
    fresh = make_account()
    assert "/pay/topup" in sign_in(fresh.owner).get("/").content.decode()


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_signatory_adds_money_to_the_account_of_the_business(holder, language):
    firm = make_business(make_customer())
    clerk, viewer = make_member(firm, "SIGNATORY"), make_member(firm, "VIEWER")
    account = business_account(firm)
    browser = sign_in(clerk, kitbank_language=language)
    link = f"/pay/topup?account={account.pk}"
    assert link in browser.get(f"/settings/businesses/{firm.pk}/money").content.decode()
    shown = browser.get(link)
    assert f"{firm.name} {account.masked_number}" in text_of(shown)
    asked = {"idempotency_key": "b" * 32, "amount": "1,500", "phone": str(clerk.phone), "account": account.pk}
    begun = browser.post("/pay/topup", asked).headers["Location"]
    push = MpesaTransaction.objects.get()
    assert (push.account, push.user) == (account, clerk)
    assert firm.name in text_of(browser.get(begun))
    assert sign_in(firm.created_by).get(begun).status_code == 200
    for other in (viewer, holder.account.owner):
        there = sign_in(other)
        assert there.get(begun).status_code == 404
        make_account(viewer) if other is viewer else None
        assert there.post("/pay/topup", asked | {"idempotency_key": "c" * 32}).status_code == 422
    assert link not in sign_in(viewer).get(f"/settings/businesses/{firm.pk}/money").content.decode()
    assert MpesaTransaction.objects.count() == 1


def test_what_the_tier_cannot_hold_is_refused_before_a_pin_takes_it(holder):
    make_account(holder.account.owner, balance="20000")
    answer = holder.ask(amount="80,000")
    assert answer.status_code == 422
    said = text_of(answer).replace("\xa0", " ")
    assert "hold at most KES 100,000.00: there is room for KES 79,900.00 more. No money moved." in said
    assert not MpesaTransaction.objects.exists()
    assert holder.ask(amount="79,900").status_code == 303
    assert_books_balance()
