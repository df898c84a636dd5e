"""What a tier may do on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from apps.kernel.money import Money
from apps.kyc.models import LimitKind, TierLimit


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a tier on a day; None where there is none."""

    single: Money | None
    daily: Money | None
    balance: Money | None
    loan: Money | None  # the most one may borrow, whatever the score


def limits_of(tier: str, *, on: date, currency: str = "KES") -> Limits:
    """What a tier may do on `on`, in one query."""
    return limits_of_all([tier], on=on, currency=currency)[tier]


def limits_of_all(tiers: list[str], *, on: date, currency: str = "KES") -> dict[str, Limits]:
    """The limits of several tiers on a day, in one query."""
    rows = (
        TierLimit.objects.filter(tier__in=tiers, currency=currency, valid_from__lte=on)
        .order_by("tier", "kind", "-valid_from")
        .distinct("tier", "kind")
    )
    return limits_from(((row.tier, row.kind, row.amount_minor) for row in rows), tiers, currency)


def limits_from(
    rows: Iterable[tuple[str, str, int | None]], tiers: Iterable[str], currency: str = "KES"
) -> dict[str, Limits]:
    """The limits of tiers from rows in force: tier, kind and minor units, None where there is no limit."""
    found = {(tier, kind): None if minor is None else Money(minor, currency) for tier, kind, minor in rows}
    kinds = (LimitKind.SINGLE.value, LimitKind.DAILY.value, LimitKind.BALANCE.value, LimitKind.LOAN.value)
    return {tier: Limits(*(found.get((tier, kind)) for kind in kinds)) for tier in tiers}
