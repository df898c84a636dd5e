"""An invented year of borrowers, always the same for the same seed, with what became of their loans.

Nobody in it lives. It has the shape the catalogue describes (small regular incomes by phone, most without a bureau
file, one in ten failing) and lets the pipeline, the card and the pages be proven before the bank has borrowers of its
own. A model made of it says so wherever it speaks, and its figures say nothing of real people.
"""

from dataclasses import dataclass
from typing import Any

MONTHS = 12
NAME = "synthetic year"


@dataclass(frozen=True, slots=True)
class Cases:
    """Columns of characteristics (NaN is missing), who failed (1), and in which month (1 to 12) each was decided."""

    name: str
    columns: dict[str, Any]
    bad: Any
    month: Any
    is_synthetic: bool

    def part(self, rows: Any) -> "Cases":
        """Some of them, by a mask."""
        columns = {code: values[rows] for code, values in self.columns.items()}
        return Cases(self.name, columns, self.bad[rows], self.month[rows], self.is_synthetic)

    def __len__(self) -> int:
        return len(self.bad)


def synthetic_year(seed: int, rows: int) -> Cases:
    """`rows` loans decided over twelve months; times get a little harder in the last three."""
    import numpy as np

    dice = np.random.default_rng(seed)
    month = dice.integers(1, MONTHS + 1, rows)
    conduct = dice.normal(0, 1, rows)  # what no bank can see, only its traces
    thrift = 0.5 * conduct + dice.normal(0, 0.9, rows)
    salaried = dice.uniform(0, 1, rows) < 0.55
    income = np.round(np.exp(dice.normal(10.4, 0.6, rows) + 0.1 * conduct))  # shillings a month
    deposits = np.where(salaried, 1, np.maximum(dice.poisson(np.exp(0.9 + 0.3 * dice.normal(0, 1, rows)), rows), 1))
    steady = np.clip(1 - np.abs(dice.normal(0, 0.03, rows)), 0, 1)
    uneven = _squashed(0.4 + 0.7 * conduct + dice.normal(0, 0.9, rows))
    balance = np.round(income * np.exp(-0.35 + 0.7 * thrift + dice.normal(0, 0.4, rows)))
    kept = _squashed(-1.4 + 0.7 * thrift + dice.normal(0, 0.6, rows))
    columns = {
        "ACCOUNT_AGE": np.minimum(90 + np.floor(dice.gamma(1.6, 300, rows)), 3650.0),
        "AVERAGE_BALANCE": balance * 100,
        "MINIMUM_BALANCE": np.floor(balance * kept) * 100,
        "INCOME_COUNT": deposits.astype(float),
        "INCOME_REGULARITY": np.round(np.where(salaried, steady, uneven), 4),
        "DEPOSIT_SIZE": np.round(income / deposits) * 100,
        "SPENDING_SHARE": np.round(np.clip(0.99 - 0.05 * thrift + dice.normal(0, 0.07, rows), 0.05, 2.5), 4),
        **_loans(dice, conduct, rows),
    }
    columns["BUREAU"] = _known(dice, np.round(np.clip(610 + 75 * conduct + dice.normal(0, 60, rows), 300, 850)), 0.3)
    harder = np.where(month > MONTHS - 3, 0.25, 0.0)
    strain = np.nan_to_num(columns["DEBT_BURDEN"])
    odds = 2.95 + 1.2 * conduct + 0.5 * thrift + 0.4 * salaried - 0.35 * strain - 0.3 * columns["ACTIVE_LOANS"] - harder
    odds = odds + 0.25 * np.log(columns["ACCOUNT_AGE"] / 400)
    bad = (dice.uniform(0, 1, rows) > _squashed(odds)).astype(int)
    return Cases(f"{NAME}, seed {seed}", columns, bad, month, is_synthetic=True)


def _loans(dice: Any, conduct: Any, rows: int) -> dict[str, Any]:
    import numpy as np

    borrowed = dice.uniform(0, 1, rows) < 0.55
    missed = dice.poisson(np.exp(-1.2 - 0.8 * conduct), rows).astype(float)
    late = np.where(missed > 0, np.round(dice.gamma(1.2, 14, rows) * (1 + missed)), dice.poisson(1.0, rows))
    due = 6 + dice.poisson(8, rows)
    active = dice.binomial(2, 0.22, rows).astype(float)
    burden = np.round(np.where(active > 0, np.exp(dice.normal(-0.6, 0.7, rows) - 0.15 * conduct), 0.0), 4)
    return {
        "REPAYMENT_RATE": np.where(borrowed, np.round(np.clip(1 - missed / due, 0, 1), 4), np.nan),
        "MISSED_PAYMENTS": np.where(borrowed, missed, np.nan),
        "DAYS_LATE": np.where(borrowed, np.minimum(late, 365.0), np.nan),
        "ACTIVE_LOANS": active,
        "DEBT_BURDEN": burden,
    }


def _known(dice: Any, values: Any, share: float) -> Any:
    import numpy as np

    return np.where(dice.uniform(0, 1, len(values)) < share, values, np.nan)


def _squashed(values: Any) -> Any:
    import numpy as np

    return 1 / (1 + np.exp(-values))
