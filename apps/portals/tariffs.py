"""What things cost, as people read it: each tariff of a day in bands, its next change, and the duty on fees."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.accounts import fees, rules
from apps.accounts.models import ChargedFor, DutyClass, DutyRate, FeeRule, Product
from apps.kernel.money import Money

_FREE = (ChargedFor.P2P_TRANSFER, ChargedFor.QR_PAYMENT, ChargedFor.MONTHLY)  # offered, and free without a tariff


@dataclass(frozen=True, slots=True)
class Band:
    """One range of amounts and what it costs. `over` is the largest amount below it; `upto` none: no end."""

    over: Money
    upto: Money | None
    flat: Money
    rate: Decimal
    least: Money | None
    most: Money | None
    with_duty: Money | None  # fee and duty together, where the fee is one figure

    @property
    def first(self) -> Money:
        """The smallest amount of the band."""
        return Money(self.over.minor + 1, self.over.currency)

    @property
    def is_free(self) -> bool:
        """Whether nothing is charged."""
        return not self.flat and not self.rate and not self.least


@dataclass(frozen=True, slots=True)
class Tariff:
    """What an act costs on a day; `rule` none: it is free."""

    charged_for: str
    label: str
    currency: str
    product: Product | None
    channel: str
    rule: FeeRule | None
    bands: tuple[Band, ...]
    coming: "Tariff | None" = None

    @property
    def is_free(self) -> bool:
        """Whether no amount costs anything."""
        return all(band.is_free for band in self.bands)

    @property
    def has_amounts(self) -> bool:
        """Whether it depends on an amount at all."""
        return self.charged_for != ChargedFor.MONTHLY

    @property
    def key(self) -> str:
        """Where it stands on the page."""
        parts = [self.charged_for, self.currency if self.currency != "KES" else "", self.product and self.product.code]
        return "-".join(str(part).lower() for part in (*parts, self.channel) if part)

    @property
    def ends_at(self) -> Money | None:
        """The largest amount; none: any."""
        return self.bands[-1].upto if self.bands else None


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty rate of a day, and the one that follows it."""

    label: str
    rate: DutyRate
    coming: DutyRate | None


def tariffs(on: date) -> list[Tariff]:
    """Every tariff that holds on a day with its next change; what has none yet and is offered is free."""
    rows = FeeRule.objects.select_related("product").prefetch_related("bands").order_by("valid_from", "pk")
    now_there: dict[tuple[str, str, int | None, str], FeeRule] = {}
    coming: dict[tuple[str, str, int | None, str], FeeRule] = {}
    for row in rows:
        place = (row.charged_for, row.currency, row.product_id, row.channel)
        if row.valid_from <= on:
            now_there[place] = row
        else:
            coming.setdefault(place, row)
    for act in _FREE:
        if not any(place[0] == act and place[2] is None for place in now_there):
            now_there.setdefault((act, "KES", None, ""), FeeRule(charged_for=act, currency="KES", valid_from=on))
    rates = {act: duty_on(act, on) for act in {place[0] for place in (*now_there, *coming)}}
    order = {act: nth for nth, act in enumerate(ChargedFor.values)}
    places = sorted(
        {*now_there, *coming}, key=lambda place: (order[place[0]], place[1] != "KES", place[2] or 0, place[3])
    )
    return [_tariff(now_there.get(place), coming.get(place), rates) for place in places]


def _tariff(held: FeeRule | None, after: FeeRule | None, rates: dict[str, Decimal]) -> Tariff:
    row = held or after
    if row is None:
        raise LookupError("a tariff holds, or one is coming")
    stands = held is not None and held.pk is not None
    return Tariff(
        row.charged_for,
        row.get_charged_for_display(),
        row.currency,
        row.product,
        row.channel,
        held if stands else None,
        shown(fees.bands_of(held), held.currency, rates[row.charged_for]) if held and stands else (),
        _tariff(after, None, rates) if after else None,
    )


def duty_on(charged_for: str, on: date) -> Decimal:
    """The duty on the fee of an act, as a share."""
    probe = Money(10_000_000, "KES")
    return Decimal(fees.with_duty(probe, charged_for, on).duty.minor) / probe.minor


def shown(bands: Iterable[rules.Band], currency: str, duty: Decimal) -> tuple[Band, ...]:
    """Bands in the order of their ends, as a table shows them."""
    made: list[Band] = []
    over = Money.zero(currency)
    for band in bands:
        flat = Money(band.flat_minor, currency)
        fixed = max(flat, Money(band.least_minor, currency)) if not band.rate else None
        if fixed is not None and band.most_minor is not None:
            fixed = min(fixed, Money(band.most_minor, currency))
        made.append(
            Band(
                over=over,
                upto=None if band.upto_minor is None else Money(band.upto_minor, currency),
                flat=fixed if fixed is not None else flat,
                rate=band.rate,
                least=Money(band.least_minor, currency) if band.rate and band.least_minor else None,
                most=Money(band.most_minor, currency) if band.rate and band.most_minor is not None else None,
                with_duty=fixed + fixed.times(duty) if fixed is not None else None,
            )
        )
        over = made[-1].upto or over
    return tuple(made)


def duties(on: date) -> list[Duty]:
    """The duty of each class that holds on a day, with its next change."""
    rows: Sequence[DutyRate] = list(DutyRate.objects.order_by("valid_from"))
    found = []
    for kind in DutyClass:
        held = [row for row in rows if row.duty_class == kind and row.valid_from <= on]
        after = [row for row in rows if row.duty_class == kind and row.valid_from > on]
        if held:
            found.append(Duty(str(kind.label), held[-1], after[0] if after else None))
    return found
