"""Money abroad: checked papers, a rate that holds, one payment a quote, and what comes back at the price it left at."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.fx.errors import QuoteExpired, QuoteUsed
from apps.fx.testing import set_rates
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.models import OutboxEvent
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.testing import at_once, refusals
from apps.payments import operations, rails
from apps.payments.banks.iban import BadIban, read_bic, read_iban
from apps.payments.errors import BadBankAccount, CorridorNotFound, OutsideBankLimits, PaymentExpired, TierTooLow
from apps.payments.models import Channel, Payment, PaymentReturn, RemittanceQuote
from apps.payments.operations import banks
from apps.payments.tests.banks.desk import settles_at, sound
from apps.payments.tests.people import pay
from apps.users.models import User

ZOE = {
    "name": "Zoë Müller",
    "account": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "town": "Berlin",
    "purpose": "FAMI",
}


@pytest.fixture(autouse=True)
def rates(transactional_db):
    set_rates(EUR="143")


def quoted(payer, amount=None, at=None, **more):
    where = {"country": "DE", "currency": "EUR", "method": "IBAN", **more}
    return banks.quote_remittance(
        user=payer.owner, account=payer, amount=amount or kes("14300"), at=at or now(), **where
    )


def begin(payer, remittance=None, *, key="form-1", at=None, **to):
    found = remittance or quoted(payer, at=at)
    return banks.send_abroad(payer=payer.owner, remittance=found, to={**ZOE, **to}, key=key, at=at or now())


def sent(payer, **more):
    payment = pay(begin(payer, **more))
    operations.let_go_on(payment=payment, at=now())
    operations.hand_over(payment_id=payment.pk, at=now())
    payment.refresh_from_db()
    return payment


def test_arrives_in_their_currency_and_the_books_hold_it(payer, others):
    payment = sent(payer)
    got = payment.quote.get
    assert (payment.status, got.currency, payment.amount) == ("COMPLETED", "EUR", kes("14300"))
    assert got.minor == 98_50  # 14,300 less 1.5 % at 143
    assert settles_at("abroad:settlement", "EUR") == -got.minor
    assert balance_of(payer) == f"{500_000 - payment.total.amount:.2f}"
    sound()


def test_what_shall_arrive_may_be_named_instead(payer, others):
    found = quoted(payer, Money.of("100", "EUR"))
    assert found.quote.get == Money.of("100", "EUR")
    assert found.total == found.quote.give + found.fee + found.duty


def test_unchecked_papers_send_nothing(payer):
    User.objects.filter(pk=payer.owner_id).update(kyc_tier="TIER_1")
    payer.owner.refresh_from_db()
    with pytest.raises(TierTooLow):
        quoted(payer)
    assert not RemittanceQuote.objects.exists()


def test_papers_that_ran_out_since_the_quote_send_nothing(payer):
    found = quoted(payer)
    User.objects.filter(pk=payer.owner_id).update(kyc_tier="TIER_1")
    payer.owner.refresh_from_db()
    with pytest.raises(TierTooLow):
        begin(payer, found)
    assert not Payment.objects.exists()


def test_an_old_rate_is_refused_and_so_is_a_proof_that_comes_late(payer, others):
    set_rates(now() - timedelta(hours=1))
    found = quoted(payer, at=now() - timedelta(seconds=61))
    with pytest.raises(QuoteExpired):
        begin(payer, found)
    assert not Payment.objects.exists()
    payment = begin(payer, at=now())
    with pytest.raises(PaymentExpired):
        operations.challenge(payment=payment, by=payer.owner, at=now() + timedelta(minutes=5))


def test_a_quote_makes_one_payment_whoever_is_first(payer, others):
    found = quoted(payer)
    came = at_once(*[lambda nth=nth: begin(payer, found, key=f"form-{nth}") for nth in range(4)])
    assert len(refusals(came)) == 3
    assert all(isinstance(no, QuoteUsed) for no in refusals(came))
    assert Payment.objects.count() == 1


def test_the_same_form_is_the_same_payment(payer, others):
    found = quoted(payer)
    assert begin(payer, found).pk == begin(payer, found).pk


def test_nobody_uses_anothers_quote(payer, others):
    found, other = quoted(payer), make_account(balance="10")
    User.objects.filter(pk=other.owner_id).update(kyc_tier="TIER_2")
    other.owner.refresh_from_db()
    with pytest.raises(NotFound):
        banks.send_abroad(payer=other.owner, remittance=found, to=ZOE, key="x", at=now())


@pytest.mark.parametrize(
    ("change", "amount", "error"),
    [
        ({"country": "SO"}, "1430", CorridorNotFound),
        ({"method": "WALLET"}, "1430", CorridorNotFound),
        ({}, "100", OutsideBankLimits),
        ({}, "900000", OutsideBankLimits),
    ],
)
def test_a_corridor_has_its_ways_and_limits(payer, change, amount, error):
    with pytest.raises(error):
        quoted(payer, kes(amount), **change)
    assert not RemittanceQuote.objects.exists()


def test_another_currency_is_no_amount_there(payer):
    with pytest.raises(CurrencyMismatch):
        quoted(payer, Money.of("10", "USD"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "DE88370400440532013000"},
        {"account": "GB29NWBK60161331926819"},
        {"bic": "COBAFRPPXXX"},
        {"bic": ""},
        {"name": "Zoe"},
        {"purpose": "XXXX"},
    ],
    ids=["check digits", "country", "bank elsewhere", "no bank", "half a name", "purpose"],
)
def test_wrong_details_are_refused_and_the_quote_stays_good(payer, others, wrong):
    found = quoted(payer)
    with pytest.raises(BadBankAccount):
        begin(payer, found, **wrong)
    assert begin(payer, found).status == "AWAITING_CONFIRMATION"


def test_ibans_are_checked_by_their_digits():
    assert read_iban("de89 3704 0044 0532 0130 00", "DE") == "DE89370400440532013000"
    assert read_iban("GB29 NWBK 6016 1331 9268 19", "GB") == "GB29NWBK60161331926819"
    assert read_bic("cobadeff", "DE") == "COBADEFF"
    swapped = "DE89370400440532010300"
    for text in ("", "KE00", swapped, "DE8937040044053201300", "DE89370400440532013000X", "DE٨٩370400440532013000"):
        with pytest.raises(BadIban):
            read_iban(text, "DE")


def test_unknown_then_found_is_paid_once(payer, others):
    others.plan("TIMEOUT")
    payment = sent(payer)
    assert payment.status == "CHECKING"
    assert balance_of(payer) == "500000.00"
    others.plan("")
    rails.rail("abroad").ask(payment=payment, at=now())
    payment.refresh_from_db()
    assert payment.status == "COMPLETED"
    assert settles_at("abroad:settlement", "EUR") == -payment.quote.get_minor
    sound()


def test_a_refusal_gives_the_shillings_and_the_fee_back(payer, others):
    others.plan("REJECT", reason="BE01")
    payment = sent(payer)
    assert payment.status == "FAILED"
    assert balance_of(payer) == "500000.00"
    assert settles_at("abroad:settlement", "EUR") == 0
    sound()


@pytest.mark.parametrize(("part", "given"), [(9850, "14300.00"), (4925, "7150.00"), (1, "1.45")])
def test_what_comes_back_is_given_at_the_rate_it_left_at(payer, others, part, given):
    payment = sent(payer)
    set_rates(EUR="150")  # the shilling fell meanwhile: that is the bank's to bear
    others.send_back(payment, "AC04", minor=part)
    banks.hear_news(channel=Channel.ABROAD, at=now())
    payment.refresh_from_db()
    row = PaymentReturn.objects.get()
    assert (payment.status, f"{row.given.amount:.2f}", row.came.currency) == ("REVERSED", given, "EUR")
    assert OutboxEvent.objects.filter(name="payments.payment.reversed").count() == 1
    assert settles_at("abroad:settlement", "EUR") == part - 9850
    sound()


def test_the_rail_takes_no_payment_without_a_quote(payer):
    with pytest.raises(rails.RailNotConnected):
        operations.find_destination(
            rail="abroad", kind="INTERNATIONAL_REMITTANCE", asked={}, amount=kes("1000"), at=now()
        )
