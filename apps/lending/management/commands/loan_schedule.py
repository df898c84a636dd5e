"""`manage.py loan_schedule --json`: schedules and yearly rates of loans from a list on standard input."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand

from apps.lending.rules.errors import BadTerms
from apps.lending.rules.wire import answer

HELP = """Compute loans: reads a JSON list of {"id", "inputs"} on standard input and prints a JSON list of
{"id", "result"} in the same order. Amounts, rates and fractions are text, counts are integers, dates YYYY-MM-DD;
the fields are described in apps/lending/README.md. No database is used.

A case that is unknown or impossible stands in its place as {"id", "error": {"code", "detail"}}; the others are
computed all the same.

Exit status: 0 when every case was computed, 1 when some were not, 2 when the input is no such list."""


class Command(BaseCommand):
    """Reads cases, prints what they come to; touches no database."""

    help = HELP
    requires_system_checks = []
    requires_migrations_checks = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the lines of the help as they are written."""
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--json, the only shape there is so far."""
        parser.add_argument("--json", action="store_true", required=True, help="read and write JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer every case; say by the exit status whether all of them could be."""
        try:
            cases = json.load(sys.stdin, parse_constant=_refuse_constant)
        except ValueError as no:  # JSONDecodeError and UnicodeDecodeError are both
            self._stop(f"Standard input is no JSON: {no}")
        except RecursionError:
            self._stop("Standard input is no JSON: nested too deeply.")
        if not isinstance(cases, list):
            self._stop('Standard input is no JSON list of {"id", "inputs"}.')
        answers = [_answered(case) for case in cases]
        self.stdout.write(json.dumps(answers, indent=1))
        if any("error" in one for one in answers):
            sys.exit(1)

    def _stop(self, why: str) -> None:
        self.stderr.write(why)
        sys.exit(2)


def _answered(case: object) -> dict[str, Any]:
    """The result of one case, or why there is none, under its id."""
    known = case.get("id") if isinstance(case, dict) else None
    try:
        if not isinstance(case, dict) or "id" not in case or "inputs" not in case:
            raise BadTerms("bad_case", 'A case is an object with "id" and "inputs".')
        return {"id": known, "result": answer(case["inputs"])}
    except BadTerms as no:
        return {"id": known, "error": {"code": no.code, "detail": no.detail}}


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
