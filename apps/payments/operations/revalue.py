"""Positions at the day's closing rates: what they gained or lost is income or a loss of that day."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.fx import queries as fx
from apps.ledger import operations as ledger
from apps.payments.models import Revaluation
from apps.payments.positions import Position, positions
from apps.users.queries import system_user


@transaction.atomic
def revalue_positions(*, day: date, at: datetime) -> list[Revaluation]:
    """Bring every position to the last rate of `day`, in one transfer booked on it; once a day, however often called.

    A day without a rate of its own is closed at the newest rate before it; `Revaluation.rate_at` says of when. A
    position in a currency that never had a rate cannot be: exchange needs one.
    """
    made = list(Revaluation.objects.filter(day=day).order_by("currency"))
    if made:
        return made
    closing, home = fx.closing_rates(day), settings.HOME_CURRENCY
    rows, legs = [], []
    for position in positions(on=day):
        if position.held.currency not in closing or not (position.held or position.carried):
            continue
        rate, rate_at = closing[position.held.currency]
        value = position.value_at(rate)
        row = Revaluation(
            day=day,
            currency=position.held.currency,
            position_minor=position.held.minor,
            rate=rate,
            rate_at=rate_at,
            home_currency=home,
            carried_minor=position.carried.minor,
            value_minor=value.minor,
            made_at=at,
        )
        rows.append(row)
        legs += _legs(position, row)
    _book(rows, legs, day, at)
    return rows


def _legs(position: Position, row: Revaluation) -> list[Any]:
    gain, home = row.value - position.carried, row.home_currency
    worth = ledger.gl(f"fx:equivalent:{row.currency}", home)
    if gain.minor > 0:
        return [ledger.debit(worth, gain), ledger.credit(ledger.gl("fx:gains", home), gain)]
    if gain.minor < 0:
        return [ledger.debit(ledger.gl("fx:losses", home), -gain), ledger.credit(worth, -gain)]
    return []


def _book(rows: list[Revaluation], legs: list[Any], day: date, at: datetime) -> None:
    if legs:
        posted = ledger.post(
            reference=f"fx/revaluation/{day.isoformat()}",
            kind="FX_REVALUATION",
            narrative=f"Positions at the closing rates of {day.isoformat()}",
            legs=legs,
            at=at,
            booked_on=day,
            details={row.currency: str(row.rate) for row in rows},
        )
        for row in rows:
            row.transfer_id = posted.transfer_id if row.gain_minor else None
    Revaluation.objects.bulk_create(rows)
    if rows:
        facts = {row.currency: f"{row.value} ({row.gain_minor:+d})" for row in rows}
        audit_trail.record(
            "payments.positions.revalued", on=f"fx/revaluation/{day}", by=system_user(), at=at, after=facts
        )
