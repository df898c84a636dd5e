"""Bad times worked out: what one loan is expected to lose, and what a bank's income and capital become.

Numbers in, numbers out: amounts are whole minor units, rates and shares Decimals (0.1 is 10 %). The arithmetic of one
loan is that of the end of the day (`operations/day/provide.py`); a test holds the two together.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext

ONE, ZERO, YEAR = Decimal(1), Decimal(0), Decimal(12)
PRECISION = 34
FAILED = 3  # the IFRS 9 stage of loans that failed


@dataclass(frozen=True, slots=True)
class Shock:
    """How much worse than expected: times as many fail, more is lost of each, rates rise, payers lose their income."""

    pd_factor: Decimal = ONE
    loss_points: Decimal = ZERO
    rate_points: Decimal = ZERO
    failing_share: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Exposure:
    """One loan: what is owed, its yearly chance to fail, the share lost then, months to look ahead, rate a year."""

    owed: int
    pd: Decimal
    lgd: Decimal
    months: int
    yearly: Decimal
    stage: int


def expected_loss(loan: Exposure, shock: Shock = Shock()) -> int:
    """Expected loss by IFRS 9, rounded up to the cent (5.5.3, 5.5.5): PD x LGD x what is owed, discounted from the
    middle of the time looked at; a year for stage 1, to the end for stage 2, all of it for stage 3. The share of
    payers that stops is lost like stage 3.
    """
    with localcontext(prec=PRECISION):
        lgd = min(loan.lgd + shock.loss_points, ONE)
        if loan.stage == FAILED:
            return _up(loan.owed * lgd)
        pd = min(loan.pd * shock.pd_factor, ONE)
        ahead = Decimal(min(loan.months, 12) if loan.stage == 1 else loan.months)
        stays = ZERO if pd == ONE else (ONE - pd) ** (ahead / YEAR)
        lost = (ONE - stays) / (ONE + loan.yearly) ** (ahead / (2 * YEAR))
        share = shock.failing_share
        return _up(loan.owed * lgd * (share + (ONE - share) * lost))


def table_loss(owed: int, rate: Decimal, failed_rate: Decimal, stage: int, shock: Shock = Shock()) -> int:
    """What the regulator's table asks for: its rate, and for the share of payers that stops the rate of loans 91 days
    late, when that is higher.
    """
    share = ZERO if stage == FAILED else shock.failing_share
    return _up(owed * (share * max(rate, failed_rate) + (ONE - share) * rate))


def income_of(owed: int, yearly: Decimal, pd: Decimal, stage: int, shock: Shock, *, floats: bool) -> int:
    """Interest of a year from one loan: nothing once it failed; what fails pays none; a floating rate rises along."""
    if stage == FAILED:
        return 0
    pays = (ONE - shock.failing_share) * (ONE - min(pd * shock.pd_factor, ONE))
    return int(owed * pays * (yearly + (shock.rate_points if floats else ZERO)))


@dataclass(frozen=True, slots=True)
class Bank:
    """What a bank stands on: equity with the result, the statutory reserve within it, weighted assets, provisions."""

    equity: int
    reserve: int
    weighted: int
    provision: int
    regulatory: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Capital before and after (minor units), and over weighted assets; None where nothing is weighted."""

    core_before: int
    core_after: int
    weighted_before: int
    weighted_after: int
    reserve_after: int

    @property
    def ratio_before(self) -> Decimal | None:
        """Core capital over risk-weighted assets."""
        return _ratio(self.core_before, self.weighted_before)

    @property
    def ratio_after(self) -> Decimal | None:
        """The same in the scenario."""
        return _ratio(self.core_after, self.weighted_after)


def capital(
    bank: Bank, *, provision: int, regulatory: int, income_lost: int, funding_cost: int, loan_weight: Decimal
) -> Outcome:
    """Core capital is equity and result without the statutory reserve. It pays for more provisions, for interest that
    does not come and for dearer funds, and for what the reserve needs more; loans weigh less by what is provided.
    No tax is counted: a loss saves none.
    """
    core = bank.equity - bank.reserve
    reserve = max(regulatory - provision, 0)
    before = max(bank.regulatory - bank.provision, 0)
    more = provision - bank.provision
    after = core - more - income_lost - funding_cost - (reserve - before)
    weighted = max(bank.weighted - int(more * loan_weight), 0)
    return Outcome(core, after, bank.weighted, weighted, bank.reserve + reserve - before)


def _ratio(core: int, weighted: int) -> Decimal | None:
    return (Decimal(core) / weighted).quantize(Decimal("0.0001")) if weighted else None


def _up(exact: Decimal) -> int:
    return int(exact.to_integral_value(rounding=ROUND_CEILING))
