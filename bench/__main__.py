"""All speed goals in one table: `python -m bench`, or `python -m bench single hot` for some."""

import argparse
import sys
from importlib import import_module

from bench.common import QUICK, Options, Result, scratch_bank, show

# Modules by name: some import apps, which are not ready before there is a bank.
ALL = {
    "single": "ledger_single",
    "hot": "ledger_hot",
    "django": "ledger_django",
    "batch": "ledger_batch",
    "interest": "ledger_interest",
    "savings": "savings",
    "reading": "ledger_reading",
    "payments": "payments",
    "bulk": "bulk",
    "schedules": "lending",
    "loans": "lending_day",
    "scoring": "scoring",
    "screening": "screening",
    "fraud": "fraud",
    "aml": "aml",
    "chamas": "chamas",
    "open-banking": "open_banking",
    "obp-client": "obp_client",
    "openid-client": "openid_client",
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
            found = import_module(f"bench.{ALL[name]}").run(QUICK if asked.quick else Options())
        show(found)
        results += found
    print()
    show([one for one in results if one.verdict])
    return int(asked.strict and any(one.verdict == "MISSED" for one in results))


if __name__ == "__main__":
    sys.exit(main())
