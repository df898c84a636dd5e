"""How late a loan is: days past due, the class a table of bands gives it, and the ceiling of in duplum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Band:
    """A class of loans from so many days past due on, with the share of the balance set aside and where that is said.

    Bands are dated rows of a table, never constants: the figures of CBK/PG/04 and of SASRA differ and change.
    """

    code: str
    from_days: int
    provision_rate: Decimal
    source: str


def days_past_due(instalments: Iterable[tuple[date, int]], on: date) -> int:
    """Days since the oldest instalment that is not paid in full was due; 0 when none is late.

    `instalments` are due dates with what is unpaid, in minor units. A partial payment does not reset the count,
    and payments clear the oldest instalment first: the usual definition of portfolio at risk.
    """
    late = [due for due, unpaid in instalments if unpaid > 0 and due < on]
    return (on - min(late)).days if late else 0


def classify(days: int, bands: Sequence[Band]) -> Band:
    """The band of a loan so many days past due. Raises ValueError for a table that leaves days without a band."""
    starts = [band.from_days for band in bands]
    if not starts or starts[0] != 0 or any(a >= b for a, b in pairwise(starts)):
        raise ValueError("bands start at day 0 and rise")
    if days < 0:
        raise ValueError("days past due are never negative")
    return [band for band in bands if band.from_days <= days][-1]


def provision(balance_minor: int, band: Band) -> int:
    """What is set aside for a balance in its band: minor units, rounded up, so that it is never short."""
    if balance_minor < 0:
        raise ValueError("a balance is never negative")
    return int((balance_minor * band.provision_rate).to_integral_value(rounding=ROUND_CEILING))


def in_duplum_room(principal_then: int, interest_since: int) -> int:
    """How much more interest may still be recovered on a non-performing loan, in minor units.

    Recoverable interest stops at the principal owing when the loan became non-performing; reasonable costs of
    recovery stand beside it (Banking Act, Cap. 488, s. 44A; for digital lenders the Central Bank of Kenya (Digital
    Credit Providers) Regulations, Legal Notice 46 of 2022). `interest_since` is the interest counted against it:
    unpaid when the loan became non-performing, and charged since. A loan that performs again starts anew.
    """
    if principal_then < 0 or interest_since < 0:
        raise ValueError("neither principal nor interest is negative")
    return max(0, principal_then - interest_since)


def capped_interest(charge: int, principal_then: int, interest_since: int) -> int:
    """A charge of interest cut to what in duplum leaves. Minor units."""
    if charge < 0:
        raise ValueError("interest is never negative")
    return min(charge, in_duplum_room(principal_then, interest_since))
