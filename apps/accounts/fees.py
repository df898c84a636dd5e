"""Quoting fees: which tariff holds, what it charges, and the excise duty on top."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules
from apps.accounts.errors import NotOffered
from apps.accounts.models import ChargedFor, DutyClass, DutyRate, FeeRule, Product
from apps.kernel.money import Money

_TRANSFERS = set(ChargedFor.values) - {ChargedFor.MONTHLY, ChargedFor.CASH_WITHDRAWAL, ChargedFor.MERCHANT_FEE}
_INCOME = {
    ChargedFor.MONTHLY.value: "fees:maintenance",
    ChargedFor.CASH_WITHDRAWAL.value: "fees:withdrawal",
    ChargedFor.MERCHANT_PAYMENT.value: "fees:merchant",
    ChargedFor.MERCHANT_FEE.value: "fees:merchant",
}


@dataclass(frozen=True, slots=True)
class Charge:
    """What one act costs: the bank's fee and the duty on it. `income` is the ledger purpose that earns the fee."""

    fee: Money
    duty: Money
    income: str = "fees:transfer"

    @property
    def total(self) -> Money:
        """What leaves the account on top of the amount."""
        return self.fee + self.duty


def income_of(charged_for: str) -> str:
    """The ledger purpose that earns this fee."""
    return _INCOME.get(charged_for, "fees:transfer")


def nothing(currency: str) -> Charge:
    """Free."""
    return Charge(Money.zero(currency), Money.zero(currency))


def rule_for(
    *, charged_for: str, product: Product | None, currency: str, on: date, channel: str = ""
) -> FeeRule | None:
    """The tariff that holds on a day: the product's own before the general one, the channel's own before any."""
    rules_there = FeeRule.objects.filter(
        Q(product=product) | Q(product=None),
        Q(channel=channel) | Q(channel=""),
        charged_for=charged_for,
        currency=currency,
        valid_from__lte=on,
    )
    nearest = (F("product").asc(nulls_last=True), "-channel", "-valid_from")
    return rules_there.order_by(*nearest).prefetch_related("bands").first()


def quote(*, charged_for: str, amount: Money, on: date, product: Product | None = None, channel: str = "") -> Charge:
    """What `amount` costs. Without a tariff the act is free. Raises NotOffered above a tariff's last band."""
    rule = rule_for(charged_for=charged_for, product=product, currency=amount.currency, on=on, channel=channel)
    if rule is None:
        return nothing(amount.currency)
    fee = rules.fee(amount, bands_of(rule))
    if fee is None:
        raise NotOffered(_("That amount is more than can be sent this way. No money moved. Send less."))
    return with_duty(fee, charged_for, on)


def price(*, charged_for: str, currency: str, on: date, product: Product | None = None) -> Callable[[Money], Charge]:
    """As `quote` for many amounts, for what the bank does of itself: the tariff and the duty are read once.

    Nobody is there to be refused, so what lies above a tariff's last band is charged as the last band charges.
    """
    rule = rule_for(charged_for=charged_for, product=product, currency=currency, on=on)
    bands = bands_of(rule) if rule else []
    if bands:
        bands[-1] = replace(bands[-1], upto_minor=None)
    duty = _duty_rate(charged_for, on)

    def of(amount: Money) -> Charge:
        fee = rules.fee(amount, bands) or Money.zero(currency)  # none where there is no tariff
        return Charge(fee, fee.times(duty) if fee and duty else Money.zero(currency), income_of(charged_for))

    return of


def bands_of(rule: FeeRule) -> list[rules.Band]:
    """The bands of a tariff in their order."""
    rows = sorted(rule.bands.all(), key=lambda row: (row.upto_minor is None, row.upto_minor or 0))
    return [rules.Band(row.upto_minor, row.flat_minor, row.rate, row.least_minor, row.most_minor) for row in rows]


def with_duty(fee: Money, charged_for: str, on: date) -> Charge:
    """A fee with the duty that holds on a day."""
    if not fee:
        return nothing(fee.currency)
    rate = _duty_rate(charged_for, on)
    return Charge(fee, fee.times(rate) if rate else Money.zero(fee.currency), income_of(charged_for))


def duty_on(fee: Money, on: date) -> Money:
    """Excise duty on a fee of the bank that is not for sending money, on a day."""
    rate = _rate_of(DutyClass.OTHER, on)
    return fee.times(rate) if rate else Money.zero(fee.currency)


def _duty_rate(charged_for: str, on: date) -> Decimal | None:
    return _rate_of(DutyClass.MONEY_TRANSFER if charged_for in _TRANSFERS else DutyClass.OTHER, on)


def _rate_of(duty_class: str, on: date) -> Decimal | None:
    rates = DutyRate.objects.filter(duty_class=duty_class, valid_from__lte=on).order_by("-valid_from")
    return rates.values_list("rate", flat=True).first()
