"""Every page, in both languages: strict enough for the policy, whole for a screen reader, small enough for 3G."""

import gzip
import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts import operations as savings
from apps.accounts.models import Account, Statement, Transaction
from apps.accounts.testing import give, kes, make_account
from apps.compliance.operations import privacy
from apps.fraud.operations import open_dispute
from apps.fx.testing import make_quote, set_rates
from apps.kernel.clock import local_date, now
from apps.kyc.operations.papers import start_verification
from apps.lending import operations as lending
from apps.lending.models import Instalment
from apps.lending.testing import ask, make_borrower, make_loan
from apps.notifications import operations as notifications
from apps.notifications.models import Alert
from apps.payments import operations as payments
from apps.payments.schedule import Schedule
from apps.payments.testing import begin_payment, bring, confirmed, make_sale, make_shop
from apps.payments.tests.banks.incoming import came
from apps.payments.tests.banks.test_going_back import wished
from apps.portals.templatetags import kit
from apps.portals.testing import faults_of, make_push, sign_in
from apps.portals.tests.customer.firm import POSTS_ONLY as OF_A_FIRM
from apps.portals.tests.customer.firm import pages_of
from apps.portals.urls import chama_pages, urlpatterns
from apps.users.models import StepUpChallenge
from apps.users.testing import make_business, make_customer

pytestmark = pytest.mark.django_db
FOR_ANYONE = ["welcome", "login", "recover", "help", "tariffs", "offline"]
NOT_PAGES = {
    *(page.name for page in chama_pages),  # asked in test_chama_pages, with a group around them
    *("transactions-csv", "transactions-pdf"),
    "join-start",
    "manifest",
    "service-worker",
    "components",
    "monthly-pdf",
    "monthly-csv",
    "statement",
    *("receipt-pdf", "business-paper"),
    *("shop-poster", "settlement-csv", "settlement-pdf"),
    *("borrow-start", "borrow-contract", "loan-contract", "loan-statement", "loan-letter"),
    *("loan-schedule", "loan-clearance"),
    "bulk-template",
    "bulk-report",
    "kyc-paper",
    "deposit-certificate",
    # opened by a step before them, and shown by the journeys
    "login-code",
    "email-code",
    "recovery-codes",
    "was-this-you",
}


class House:
    """A customer with everything that pages show."""

    def __init__(self):
        self.user = make_customer(full_name="Nyambura wa Kimathi-Odhiambo", email_confirmed_at=now())
        self.account = make_account(self.user, balance="5000")
        savings = make_account(self.user, product="SAVINGS")
        payee = make_account(make_customer(full_name="Baraka Mwangi"))
        self.waiting, self.done = self.pay(payee, prove=False), self.pay(payee, prove=True)
        Statement.objects.create(
            account=self.account,
            from_date=local_date(now()),
            to_date=local_date(now()),
            opening_minor=0,
            closing_minor=0,
            lines=0,
            after_seq=0,
            upto_seq=0,
            seal="0" * 64,
            made_at=now(),
        )
        set_rates()
        self.dollars = make_account(self.user, balance="100", product="USD_CURRENT")
        self.quote = make_quote(self.user, kes("1000"), "USD")
        self.business = make_business(self.user)
        line = Transaction.objects.filter(account=self.account).latest("pk")
        self.dispute = open_dispute(line=line, reason="OTHER", text="?", by=self.user, at=now())
        self.bulk = bring(self.account, [(str(make_customer().phone), "", "100", "May")])
        self.push = make_push(self.account)
        self.alert = Alert.objects.create(
            user=self.user, type="LOW_BALANCE", code="x", message="840.00", created_at=now()
        )
        self.thread = notifications.open_thread(
            customer=self.user, subject="Habari", body="Mambo", by=self.user, at=now()
        )

        start_verification(user=self.user, target_tier="TIER_2", at=now())
        self.asked_back = wished(came(savings))
        self._make_people(payee)
        self._make_shop(payee)
        self._make_loans()
        self._make_savings()
        self.business = make_business(self.user)
        self.firm = pages_of(self.business)

    def _make_people(self, payee):
        """A payee that waits and one that is kept, an order that waits and one that runs, a request, a split bill."""
        outsider = make_account(make_customer(full_name="Chebet Koech"))
        new = payments.place_here(to=outsider.number, owner=self.user, at=now())
        self.new_payee = payments.add_payee(owner=self.user, where=new, nickname="Chebet", at=now())
        known = payments.place_of(self.done)
        self.payee = payments.add_payee(owner=self.user, where=known, nickname="Baraka wa Kariakoo", at=now())
        monthly = {"where": known, "amount": kes("500"), "schedule": Schedule("MONTHLY", local_date(now()), 31)}
        order = {"owner": self.user, "from_account": self.account, "at": now()} | monthly
        self.new_order = payments.set_up_order(**order, key="waits")
        self.order = payments.set_up_order(**order, key="runs")
        challenge = payments.challenge_order(order=self.order, by=self.user, at=now())
        StepUpChallenge.objects.filter(pk=challenge.pk).update(answered_at=now())
        payments.confirm_order(order=self.order, challenge_id=challenge.pk, by=self.user, at=now())
        payments.skip_next(order=self.order, due_on=self.order.next_due_on, by=self.user, at=now())
        asked = {"amount": kes("50"), "note": "Nauli", "at": now()}
        self.request = payments.ask_for_payment(
            asker=payee.owner, phone=str(self.user.phone), into_account=payee, key="r", **asked
        )
        payments.ask_for_payment(
            asker=self.user, phone=str(payee.owner.phone), into_account=self.account, key="r", **asked
        )
        shares = payments.equal_shares(kes("100"), ["0799 000 111", "0799 000 112"], with_me=True)
        self.bill = payments.split_bill(
            owner=self.user,
            total_asked=kes("100"),
            shares=shares,
            into_account=self.account,
            note="Dinner",
            key="s",
            at=now(),
        )

    def _make_savings(self):
        """A goal, a rule, a deposit, and an account that sleeps."""
        own = make_account(self.user, balance="3000")
        self.goal = savings.make_goal(owner=self.user, name="Karo", target=kes("500"), key="g", at=now())
        savings.pay_into_goal(goal=self.goal, account=own, amount=kes("200"), key="p", by=self.user, at=now())
        terms = savings.RuleTerms(kind="ROUND_UP", from_account=own, to_account=self.goal.account, amount=kes("50"))
        self.rule = savings.make_rule(owner=self.user, terms=terms, key="r", by=self.user, at=now())
        deposit = {"owner": self.user, "from_account": own, "amount": kes("1000"), "months": 6, "at": now()}
        self.deposit = savings.open_deposit(**deposit, key="d")
        self.asleep = make_account(self.user)
        Account.objects.filter(pk=self.asleep.pk).update(status="DORMANT")

    def _make_shop(self, payer):
        """A shop with a sale that waits, one that was paid, and a day that was paid out."""
        self.shop = make_shop(make_account(self.user, product="SAVINGS"))
        self.taking = confirmed(begin_payment(payer, self.shop.till, "20"))
        payments.pay_out_merchants(day=local_date(now()), at=now())
        confirmed(begin_payment(payer, self.shop.till, "30"))
        self.sale = make_sale(self.shop, "40")

    def _make_loans(self):
        """An offer to sign, a loan that runs with a payment, and a request to stand for somebody's."""
        second = make_account(self.user)
        for nth in range(6):
            give(second, "20000", at=now() - timedelta(days=150 - 25 * nth))
        self.offered = ask(second, "5000")
        self.loan = make_loan(second, "2000", code="EMERGENCY")
        yesterday = local_date(now()) - timedelta(days=1)
        Instalment.objects.filter(loan=self.loan, number=1).update(starts_on=yesterday, due_on=local_date(now()))
        self.late = self.loan
        self.repayment = lending.repay(loan=self.loan, amount=kes("10"), key="r", by=self.user, at=now())
        asker = make_borrower()
        make_account(asker.owner, balance="3000", product="SAVINGS")
        asked = ask(asker, "10000", code="SAVINGS_BACKED")
        self.guarantee = lending.ask_guarantee(
            loan=asked, guarantor=self.user, amount=kes("500"), by=asker.owner, at=now()
        )

        self.copy = privacy.ask_export(user=self.user, at=now())

    def pay(self, payee, *, prove):
        payment = payments.start(
            payer=self.user,
            from_account=self.account,
            to=payee.number,
            amount=kes("120.50"),
            key=uuid.uuid4().hex,
            at=now(),
        )
        challenge = payments.challenge(payment=payment, by=self.user, at=now())
        if prove:
            StepUpChallenge.objects.filter(pk=challenge.pk).update(answered_at=now())
            payment = payments.confirm(payment=payment, challenge_id=challenge.pk, by=self.user, at=now())
        return payment

    def arguments(self, name):
        return {
            "join": ["phone"],
            "account": [self.account.pk],
            "account-wake": [self.asleep.pk],
            "goal": [self.goal.public_id],
            "auto": [self.rule.public_id],
            "deposit": [self.deposit.public_id],
            "bulk-one": [self.bulk.public_id],
            "dispute": [self.dispute.public_id],
            "dispute-line": [Transaction.objects.filter(account=self.dollars).latest("pk").pk],
            "business": [self.business.pk],
            "account-close": [self.account.pk],
            "transaction": [Transaction.objects.filter(account=self.account).latest("pk").pk],
            "confirm": [self.waiting.public_id],
            "done": [self.done.public_id],
            "exchange-quote": [self.quote.public_id],
            "topup-status": [self.push.public_id],
            "thread": [self.thread.public_id],
            "asked-back-one": [self.asked_back.public_id],
            "payee": [self.payee.public_id],
            "payee-confirm": [self.new_payee.public_id],
            "order": [self.order.public_id],
            "order-confirm": [self.new_order.public_id],
            "request": [self.request.public_id],
            "request-bill": [self.bill.public_id],
            "shop": [self.shop.public_id],
            "shop-settlements": [self.shop.public_id],
            "taking": [self.shop.public_id, self.taking.public_id],
            "sale": [self.sale.public_id],
            "loan": [self.loan.public_id],
            "loan-pay": [self.loan.public_id],
            "loan-late": [self.late.public_id],
            "loan-more": [self.loan.public_id],
            "loan-mpesa": [self.loan.public_id],
            "loan-sign": [self.offered.public_id],
            "loan-guarantors": [self.offered.public_id],
            "loan-paid": [self.loan.public_id, self.repayment.reference],
            "guarantee": [self.guarantee.public_id],
            "kyc-bring": ["NATIONAL_ID", "FRONT"],
            "my-data-download": [self.copy.public_id],
            "verify": [Statement.objects.get().pk],
            **self.firm,
        }.get(name, [])

    def pages(self):
        """Every named address that is a page of its own."""
        for pattern in urlpatterns:
            posts_only = pattern.name in POSTS_ONLY
            needs_more = "factor_id" in str(pattern.pattern) or (
                "<slug:step>" in str(pattern.pattern) and pattern.name == "recover"
            )
            if pattern.name in NOT_PAGES or posts_only or needs_more:
                continue
            address = reverse(f"customer:{pattern.name}", args=self.arguments(pattern.name))
            more = {
                "exchange-quote": f"?from={self.account.pk}&to={self.dollars.pk}",
                "borrow-offer": "?product=INSTANT&amount=5000&purpose=STOCK",
            }
            yield address + more.get(pattern.name, "")


OF_PEOPLE = (
    "shop",
    "shop-settlements",
    "taking",
    "sale",
    "asked-back-one",
    "payee",
    "payee-confirm",
    "order",
    "order-confirm",
    "request",
    "request-bill",
    *("loan", "loan-late", "loan-pay", "loan-more", "loan-mpesa", "loan-sign", "loan-guarantors", "loan-paid"),
    "guarantee",
    *("goal", "auto", "deposit", "account-wake"),
)
POSTS_ONLY = {
    "kyc-hand-in",
    "login-passkey",
    "logout",
    "language",
    "theme",
    "privacy",
    *("my-data-consent", "my-data-copy", "my-data-withdraw"),
    "stay",
    "account-name",
    "account-freeze",
    "confirm-code",
    "confirm-cancel",
    "end-stay",
    "dismiss",
    *("business-answer", "business-member", "business-withdraw", "business-close", *OF_A_FIRM),
    *("shop-counter", "shop-close", "shop-alerts", "sale-void"),
    "dispute-withdraw",
    *("account-wake-code", "goal-pay-in", "goal-take-out", "goal-change", "goal-invite", "goal-leave", "goal-close"),
    *("goal-answer", "auto-pause", "auto-resume", "auto-skip", "auto-end", "deposit-at-the-end", "deposit-take-out"),
    *("bulk-agree", "bulk-code", "bulk-cancel", "bulk-reject"),
    *("payee-code", "payee-remove", "payee-save", "order-code", "asked-back-code", "asked-back-keep"),
    *("order-skip", "order-pause", "order-resume", "order-cancel"),
    *("request-decline", "request-block", "request-remind", "request-cancel"),
    *("loan-auto-debit", "loan-parts-give-up"),
    *("loan-cancel", "loan-code", "guarantee-code", "guarantee-decline"),
}


@pytest.fixture
def house():
    return House()


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_strict_and_whole(house, language):
    client = sign_in(house.user, kitbank_language=language)
    seen = 0
    for address in dict.fromkeys(house.pages()):
        answer = client.get(address)
        if answer.status_code == 303:  # signed in already
            continue
        page = answer.content.decode()
        assert answer.status_code == 200, address
        assert faults_of(page) == [], address
        assert f'<html lang="{language}-KE"' in page
        assert len(gzip.compress(page.encode())) < 25_000, address
        seen += 1
    assert seen >= 66


@pytest.mark.parametrize("name", FOR_ANYONE)
def test_pages_for_anyone_are_strict(client, name):
    answer = client.get(reverse(f"customer:{name}"))
    assert answer.status_code == 200
    assert faults_of(answer.content.decode()) == []


def test_pages_of_one_are_not_pages_of_another(house):
    stranger = sign_in(make_customer())
    for name in (
        "account",
        "account-close",
        "transaction",
        "confirm",
        "done",
        "exchange-quote",
        "topup-status",
        "thread",
        *("business-kyc", "business-money", "business-payment"),
        *OF_PEOPLE,
    ):
        answer = stranger.get(reverse(f"customer:{name}", args=house.arguments(name)))
        assert answer.status_code == 404, name
        assert house.account.number not in answer.content.decode()


def test_nobody_comes_in_without_signing_in(client, house):
    for address in house.pages():
        answer = client.get(address)
        if answer.status_code == 200:
            assert house.user.full_name not in answer.content.decode(), address
        else:
            assert answer.headers["Location"].startswith(("/login", "/welcome", "/join")), address


def test_policy_is_sent_with_every_page(client):
    policy = client.get("/welcome").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_asks_the_database_no_more_with_more_lines(house, django_assert_max_num_queries):
    client = sign_in(house.user)
    for _nth in range(12):
        house.pay(Account.objects.exclude(owner=house.user).first(), prove=True)
    for address, most in {
        "/": 12,
        "/money": 10,  # one asks for accounts at other banks
        "/money/transactions": 9,
        "/pay": 8,
        "/inbox": 9,
        "/pay/bill": 9,
        "/pay/payees": 6,
        "/pay/scheduled": 7,
        "/pay/requests": 9,
    }.items():
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


def test_installs_and_keeps_nothing_personal_offline(client):
    worker = client.get("/service-worker.js")
    assert worker.headers["Content-Type"] == "text/javascript"
    kept = re.findall(r"FILES = \[(.*)\]", worker.content.decode())[0]
    assert "/offline" in kept
    assert "/money" not in kept
    assert client.get("/manifest.webmanifest").json()["start_url"] == "/"


def test_hidden_balances_are_not_sent(house):
    client = sign_in(house.user)
    assert "4,879.50" in client.get("/").content.decode()
    answer = client.post("/me/privacy", {"hide": "1", "next": "/"})
    assert answer.status_code == 303
    for address in ("/", "/money", reverse("customer:account", args=[house.account.pk])):
        page = client.get(address).content.decode()
        assert "4,879.50" not in page
        assert "120.50" not in page
    client.post("/me/privacy", {"hide": "0", "next": "/"})
    assert "4,879.50" in client.get("/").content.decode()


def test_language_is_kept_with_the_page_and_for_messages(house):
    client = sign_in(house.user)
    answer = client.post("/me/language", {"language": "sw", "next": "/money"})
    assert answer.headers["Location"] == "/money"
    assert "Akaunti" in client.get("/money").content.decode()
    house.user.refresh_from_db()
    assert house.user.language == "sw"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_nobody_is_led_away(client, house, elsewhere):
    answer = client.post("/me/language", {"language": "sw", "next": elsewhere})
    assert answer.headers["Location"] == "/"
    signed = sign_in(house.user).get("/login", {"next": elsewhere})
    assert signed.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 minutes"), (60, "1 minute"), (7_199, "119 minutes"), (7_200, "2 hours"), (172_800, "2 days")],
)
def test_lengths_of_time_are_told_in_one_unit(seconds, words):
    at = now()
    assert kit.length_of(at - timedelta(seconds=seconds), at) == kit.length_of(at, at - timedelta(seconds=seconds))
    assert kit.length_of(at, at + timedelta(seconds=seconds)) == words


def test_theme_is_kept_on_the_server(client):
    client.post("/me/theme", {"theme": "dark", "next": "/welcome"})
    assert 'data-theme="dark"' in client.get("/welcome").content.decode()
    client.post("/me/theme", {"theme": "", "next": "/welcome"})
    assert "data-theme" not in client.get("/welcome").content.decode()


def test_components_are_for_builders_only(client):
    assert client.get("/components/").status_code == 404


def test_a_form_only_address_opened_by_a_link_says_so(client, db):
    answer = client.get("/money/accounts/1/freeze")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "only takes a form" in answer.content.decode()
