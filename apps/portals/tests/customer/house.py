"""A customer who has one of everything, so that every page of theirs has something to show, and its address."""

import uuid
from datetime import timedelta

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
from apps.portals.testing import make_push
from apps.portals.tests.customer.firm import POSTS_ONLY as OF_A_FIRM
from apps.portals.tests.customer.firm import pages_of
from apps.portals.urls import chama_pages, urlpatterns
from apps.users.models import StepUpChallenge
from apps.users.testing import make_business, make_customer

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
            by=payee.owner, phone=str(self.user.phone), into_account=payee, key="r", **asked
        )
        payments.ask_for_payment(
            by=self.user, phone=str(payee.owner.phone), into_account=self.account, key="r", **asked
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
