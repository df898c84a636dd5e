"""All speed goals in one table: `python -m bench`, or `python -m bench single hot` for some."""

import argparse
import sys

from bench import (
    aml,
    bulk,
    ledger_batch,
    ledger_django,
    ledger_hot,
    ledger_interest,
    ledger_reading,
    ledger_single,
    lending,
    lending_day,
    payments,
    screening,
)
from bench.common import QUICK, Options, Result, scratch_bank, show

ALL = {
    "single": ledger_single.run,
    "hot": ledger_hot.run,
    "django": ledger_django.run,
    "batch": ledger_batch.run,
    "interest": ledger_interest.run,
    "reading": ledger_reading.run,
    "payments": payments.run,
    "bulk": bulk.run,
    "schedules": lending.run,
    "loans": lending_day.run,
    "screening": screening.run,
    "aml": aml.run,
}


def main() -> int:
    """Run what was asked for, each in a fresh scratch bank; 1 with --strict when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chosen", nargs="*", choices=[*ALL, []], help="all unless given")
    parser.add_argument("--quick", action="store_true", help="short windows and small tables: a smoke test")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    asked = parser.parse_args()
    results: list[Result] = []
    for name in asked.chosen or ALL:
        with scratch_bank():
            found = ALL[name](QUICK if asked.quick else Options())
        show(found)
        results += found
    print()
    show([one for one in results if one.verdict])
    return int(asked.strict and any(one.verdict == "MISSED" for one in results))


if __name__ == "__main__":
    sys.exit(main())
