"""Exchange: a quote makes one exchange, the books of each currency come to nothing, and refusals move nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from apps.accounts import operations as accounts
from apps.accounts.errors import AccountNotActive, LimitExceeded, PayeeLimit
from apps.accounts.models import LimitUse, Transaction
from apps.accounts.queries import holding
from apps.accounts.testing import balance_of, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.fx.errors import QuoteExpired, QuoteUsed, RatesStale
from apps.fx.models import Currency, Quote
from apps.fx.testing import make_quote, set_rates
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger import verification
from apps.ledger.errors import InsufficientFunds
from apps.ledger.queries import balances, lines
from apps.ledger.testing import assert_books_balance
from apps.payments import operations
from apps.payments.errors import KeyReused, NotRefundable, ToYourself
from apps.payments.models import Payment
from apps.payments.testing import confirmed
from apps.users.testing import make_staff


class Two:
    """One person with shillings and dollars."""

    def __init__(self, *, shillings="50000", dollars="300", tier="TIER_2"):
        self.shillings = make_account(balance=shillings)
        self.owner = self.shillings.owner
        type(self.owner).objects.filter(pk=self.owner.pk).update(kyc_tier=tier)
        self.dollars = make_account(self.owner, balance=dollars, product="USD_CURRENT")
        set_rates()

    def quote(self, amount="100", currency="USD", to="KES", at=None):
        return make_quote(self.owner, Money.of(amount, currency), to, at=at)

    def exchange(self, quote=None, *, key="form-1", at=None, back=False):
        pair = (self.shillings, self.dollars) if back else (self.dollars, self.shillings)
        asked = {"owner": self.owner, "from_account": pair[0], "to_account": pair[1], "key": key, "at": at or now()}
        return operations.exchange(quote=quote or self.quote(), **asked)

    def stands(self):
        return balance_of(self.shillings), balance_of(self.dollars)


@pytest.fixture
def two(db):
    return Two()


def gl(purpose, currency="KES"):
    account = ledger.gl(purpose, currency)
    return str(balances([account.id])[account.id].posted.amount)


def nothing_moved(two):
    assert two.stands() == ("50000.00", "300.00")
    assert not Transaction.objects.filter(txn_type="EXCHANGE").exists()
    assert not Payment.objects.exists()
    assert not LimitUse.objects.filter(used_minor__gt=0).exists()
    assert_books_balance()


def test_sells_dollars_for_shillings_and_earns_the_spread(two):
    payment = two.exchange()
    assert (payment.status, payment.quote.used_at) == ("COMPLETED", payment.completed_at)
    assert two.stands() == ("62805.00", "200.00")
    assert (gl("fx:position", "USD"), gl("fx:equivalent:USD"), gl("fx:spread")) == ("-100.00", "13000.00", "195.00")
    assert_books_balance()


def test_buys_dollars_with_shillings(two):
    two.exchange(two.quote("13000", "KES", "USD"), back=True)
    assert two.stands() == ("37000.00", "398.50")
    assert (gl("fx:position", "USD"), gl("fx:equivalent:USD"), gl("fx:spread")) == ("98.50", "-12805.00", "195.00")
    assert_books_balance()


def test_crosses_two_foreign_currencies_through_shillings(two):
    euros = make_account(two.owner, balance="50", product="EUR_CURRENT")
    quote = make_quote(two.owner, Money.of("100", "USD"), "EUR")
    operations.exchange(owner=two.owner, from_account=two.dollars, to_account=euros, quote=quote, key="k", at=now())
    assert (balance_of(two.dollars), balance_of(euros)) == ("200.00", "139.55")
    assert (gl("fx:position", "USD"), gl("fx:equivalent:USD")) == ("-100.00", "13000.00")
    assert (gl("fx:position", "EUR"), gl("fx:equivalent:EUR")) == ("89.55", "-12805.65")
    assert gl("fx:spread") == "194.35"
    assert_books_balance()


def test_both_statements_say_the_other_side_and_the_rate(two):
    payment = two.exchange()
    out, came = Transaction.objects.filter(transfer_id=payment.transfer_id).order_by("amount_minor")
    assert (str(out.amount), out.description) == ("USD -100.00", "For KES 12,805.00 at 1 USD = 128.0500 KES")
    assert (str(came.amount), came.description) == ("KES 12,805.00", "From USD 100.00 at 1 USD = 128.0500 KES")
    assert {out.reference, came.reference} == {payment.reference}
    for account in (two.shillings, two.dollars):
        today = payment.completed_at.date()
        accounts.make_statement(account=account, from_date=today, to_date=today, by=two.owner, at=now())


def test_rate_spread_and_quote_stand_on_the_transfer_the_audit_and_the_event(two):
    quote = two.quote()
    payment = two.exchange(quote)
    assert lines(two.dollars.ledger_account_id)[0].details == {
        "quote": str(quote.public_id), "mid_rate": "130", "rate": "128.05", "spread_rate": "0.01500",
    }  # fmt: skip
    assert AuditLog.objects.filter(action="payments.payment.completed", target_id=str(payment.pk)).count() == 1
    assert OutboxEvent.objects.filter(name="payments.payment.completed").count() == 1
    deliver_events()


def test_the_same_key_is_the_same_exchange_even_when_the_quote_has_run_out(two):
    quote = two.quote()
    first = two.exchange(quote)
    again = two.exchange(quote, at=now() + timedelta(hours=1))
    assert first.pk == again.pk
    assert two.stands() == ("62805.00", "200.00")


def test_a_used_quote_makes_no_second_exchange(two):
    quote = two.quote()
    two.exchange(quote)
    with pytest.raises(QuoteUsed):
        two.exchange(quote, key="form-2")
    assert two.stands() == ("62805.00", "200.00")
    assert Payment.objects.count() == 1
    assert_books_balance()


def test_the_same_key_with_another_quote_is_refused(two):
    two.exchange()
    with pytest.raises(KeyReused):
        two.exchange(two.quote())
    assert two.stands() == ("62805.00", "200.00")


def test_a_quote_past_its_minute_moves_nothing(two):
    quote = two.quote()
    with pytest.raises(QuoteExpired):
        two.exchange(quote, at=quote.expires_at)
    nothing_moved(two)
    assert Quote.objects.get().used_at is None


def test_the_last_moment_of_the_minute_still_counts(two):
    quote = two.quote()
    two.exchange(quote, at=quote.expires_at - timedelta(microseconds=1))
    assert two.stands()[1] == "200.00"


def test_too_little_money_moves_nothing_and_leaves_the_quote_for_another_try(two):
    quote = two.quote("300.01")
    with pytest.raises(InsufficientFunds):
        two.exchange(quote)
    nothing_moved(two)
    assert Quote.objects.get().used_at is None
    accounts.post(
        reference="t/more", kind="DEPOSIT", narrative="More", at=now(),
        movements=[accounts.into(two.dollars, Money.of("1", "USD"), "More")],
        legs=[ledger.debit(ledger.gl("bank:settlement", "USD"), Money.of("1", "USD"))],
    )  # fmt: skip
    assert two.exchange(quote).status == "COMPLETED"


def test_a_frozen_account_gives_nothing_and_a_closed_one_gets_nothing(two):
    accounts.freeze(account=two.dollars, by=two.owner, at=now())
    with pytest.raises(AccountNotActive):
        two.exchange()
    nothing_moved(two)


def test_others_accounts_and_others_quotes_are_not_there(two):
    stranger = make_account(balance="10")
    theirs = make_quote(stranger.owner, Money.of("100", "USD"), "KES")
    with pytest.raises(NotFound):
        two.exchange(theirs)
    with pytest.raises(NotFound):
        operations.exchange(
            owner=two.owner, from_account=two.dollars, to_account=stranger, quote=two.quote(), key="k", at=now()
        )
    nothing_moved(two)


def test_the_accounts_must_be_in_the_quotes_currencies(two):
    with pytest.raises(CurrencyMismatch):
        two.exchange(back=True)
    with pytest.raises(ToYourself):
        operations.exchange(
            owner=two.owner, from_account=two.dollars, to_account=two.dollars, quote=two.quote(), key="k", at=now()
        )
    nothing_moved(two)


@pytest.mark.django_db
def test_the_tier_limits_dollars_as_the_shillings_they_are_worth():
    two = Two(dollars="1000", tier="TIER_1")  # 50,000 shillings a payment, 100,000 a day
    with pytest.raises(LimitExceeded):
        two.exchange(two.quote("385"))
    assert two.stands()[1] == "1000.00"
    two.exchange(two.quote("384"), key="a")
    two.exchange(two.quote("384"), key="b")
    with pytest.raises(LimitExceeded) as no:
        two.exchange(two.quote("2"), key="c")
    assert no.value.facts["left"] == {"amount": "160.00", "currency": "KES"}
    assert LimitUse.objects.get(user=two.owner).used_minor == 2 * 384 * 130_00
    assert_books_balance()


def test_an_exchange_is_not_refunded(two):
    payment = two.exchange()
    with pytest.raises(NotRefundable):
        operations.refund(
            payment=payment, amount=payment.amount, reason="Asked", key="r", by=make_staff("BRANCH_MANAGER"), at=now()
        )
    assert two.stands() == ("62805.00", "200.00")


def test_the_database_keeps_a_quote_to_one_payment_and_to_its_word(two):
    payment = two.exchange()
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(quote=None)
    second = Payment.objects.get(pk=payment.pk)
    second.pk, second.public_id, second.key, second.reference = None, "00000000-0000-4000-8000-000000000001", "x", "KX"
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        Quote.objects.update(get_minor=1)


def test_the_audit_of_the_books_notices_an_exchange_that_is_not_as_quoted(two):
    two.exchange()
    ledger.post(
        reference="t/odd", kind="ODD", narrative="Odd", at=now(),
        legs=[
            ledger.credit(ledger.gl("fx:position", "USD"), Money.of("5", "USD")),
            ledger.debit(ledger.gl("bank:settlement", "USD"), Money.of("5", "USD")),
        ],
    )  # fmt: skip
    found = {finding.check for finding in verification.verify()}
    assert found == {"payments.positions_agree_with_their_worth"}


@pytest.mark.django_db(transaction=True)
def test_two_who_use_one_quote_at_the_same_moment_make_one_exchange():
    two = Two()
    for nth in range(5):
        quote, before = two.quote("10"), two.stands()[1]
        acts = [lambda key=f"{nth}/{way}", quote=quote: two.exchange(quote, key=key) for way in ("a", "b", "c")]
        results = at_once(*acts)
        assert [type(no) for no in refusals(results)] == [QuoteUsed] * 2, results
        assert Decimal(before) - Decimal(two.stands()[1]) == 10
    assert Payment.objects.count() == 5
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_four_times_at_once_is_one_exchange():
    two = Two()
    quote = two.quote()
    results = at_once(*[lambda: two.exchange(quote, key="same")] * 4)
    assert len({payment.pk for payment in results}) == 1, results
    assert two.stands() == ("62805.00", "200.00")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_exchanges_in_both_directions_at_once_block_nobody():
    two = Two()
    there = [two.quote("10") for _nth in range(3)]
    back = [two.quote("1000", "KES", "USD") for _nth in range(3)]
    acts = [lambda q=q, n=n: two.exchange(q, key=f"t{n}") for n, q in enumerate(there)]
    acts += [lambda q=q, n=n: two.exchange(q, key=f"b{n}", back=True) for n, q in enumerate(back)]
    assert refusals(at_once(*acts)) == []
    assert kes(two.stands()[0]) == kes("50000") + kes("1280.50") + kes("1280.50") + kes("1280.50") - kes("3000")
    assert_books_balance()


def test_dollars_set_aside_and_given_back_leave_the_limit_as_it_was_at_the_rate_of_then(two):
    at = now()
    aside = accounts.set_aside(
        account=two.dollars,
        amount=Money.of("100", "USD"),
        cost=Money.zero("USD"),
        reference="t/aside",
        limited=True,
        at=at,
    )
    assert LimitUse.objects.get(user=two.owner).used_minor == 13_000_00
    set_rates(USD="120")
    accounts.give_back(
        hold_id=aside.hold_id,
        account=two.dollars,
        amount=aside.amount,
        held_at=at,
        limited=True,
        at=now(),
    )
    assert LimitUse.objects.get(user=two.owner).used_minor == 0
    assert_books_balance()


def test_dollars_come_back_when_the_bank_quotes_them_no_more(two):
    payee = make_account(product="USD_CURRENT")
    payment = operations.start(
        payer=two.owner, from_account=two.dollars, to=payee.number, amount=Money.of("100", "USD"), key="gift", at=now()
    )
    held = confirmed(payment)
    assert (held.status, LimitUse.objects.get(user=two.owner).used_minor) == ("HELD", 13_000_00)
    Currency.objects.filter(code="USD").update(is_active=False)
    assert operations.cancel(payment=held, by=two.owner, at=now()).status == "CANCELLED"
    assert LimitUse.objects.get(user=two.owner).used_minor == 0
    assert holding(two.dollars).held == Money.zero("USD")
    assert_books_balance()


@pytest.mark.django_db
def test_a_payee_with_dollars_may_hold_no_more_than_their_tier_all_together():
    payee = Two(shillings="20000", dollars="600", tier="TIER_1")  # 98,000 of 100,000
    payer = make_account(balance="50000")
    moves = [accounts.out_of(payer, kes("2000.01"), "x"), accounts.into(payee.shillings, kes("2000.01"), "x")]
    with pytest.raises(PayeeLimit), transaction.atomic():
        accounts.post(reference="t/1", kind="P2P_TRANSFER", narrative="x", movements=moves, limited=True, at=now())
    moves = [accounts.out_of(payer, kes("2000"), "x"), accounts.into(payee.shillings, kes("2000"), "x")]
    accounts.post(reference="t/2", kind="P2P_TRANSFER", narrative="x", movements=moves, limited=True, at=now())
    assert payee.stands() == ("22000.00", "600.00")
    assert_books_balance()


@pytest.mark.django_db
def test_without_any_rate_no_limit_can_be_counted_so_dollars_do_not_leave():
    payer, payee = (make_account(balance=amount, product="USD_CURRENT") for amount in ("100", "0"))
    five = Money.of("5", "USD")
    moves = [accounts.out_of(payer, five, "x"), accounts.into(payee, five, "x")]
    with pytest.raises(RatesStale), transaction.atomic():
        accounts.post(reference="t/1", kind="P2P_TRANSFER", narrative="x", movements=moves, limited=True, at=now())
    assert (balance_of(payer), balance_of(payee)) == ("100.00", "0.00")
    assert_books_balance()
