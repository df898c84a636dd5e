"""Of every beginning of a reference in the code it is decided what a reversal in the books alone may do to it."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from apps.ledger.errors import TransferTied
from apps.ledger.tied import require_untied

APPS = Path(settings.ROOT) / "apps"
BEGINS = re.compile(r"[a-z-]+/")

# Refused by their reference alone: a row of a floor above would go on saying what the books do not.
TIED = {
    "airtime/": "the discount of an order",
    "auto/": "the run of a customer's rule, which is written once",
    "bulk/": "rows of a file of payments",
    "chama/": "a group's own book",
    "deposits/": "a fixed deposit",
    "fx/": "the day's revaluation",
    "goals/": "what was saved for a goal",
    "incoming/": "money from other banks",
    "interest/": "what was accrued, paid and taxed",
    "lending/": "what the days of all loans booked",
    "loan/": "what happened to a loan",
    "mpesa/": "M-Pesa's receipts",
    "refunds/": "a refund",
    "settlements/": "what a shop was paid out",
    "unclaimed/": "what was handed over and reclaimed",
}
# Some are refused, or the row says that it was taken back: by the row, not by the reference.
BY_ROW = {
    "cash/": "a slip says that it was taken back",
    "payments/": "a payment inside the bank is taken back; one to elsewhere, an exchange or a return is refused",
    "taxes/": "a paid return is refused; what was paid on account is open anew, by the books themselves",
}
# Nothing above claims anything of them.
FREE = {
    "demo/": "the demo bank's own",
    "fees/": "a monthly fee given back: nothing but its lines says that it was taken",
    "guarantee/": "money set aside, which no transfer answers",
    "shop/": "the demo bank's own",
    "tills/": "cash from the vault to a till, which both stand in the books alone",
}
DECIDED = TIED | BY_ROW | FREE


def _given(node):
    """What is given as a reference, by keyword, by a variable or by a function of that name."""
    match node:
        case ast.keyword(arg="reference", value=value):
            return [value]
        case ast.Assign(targets=[ast.Name(id="reference" | "stem")], value=value):
            return [value]
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            pairs = zip(names, values, strict=False)
            return [value for name, value in pairs if isinstance(name, ast.Name) and name.id in {"reference", "stem"}]
        case ast.FunctionDef(name="reference" | "_reference"):
            return [found.value for found in ast.walk(node) if isinstance(found, ast.Return)]
    return []


def _begins(value):
    match value:
        case ast.Subscript(value=inner):
            return _begins(inner)
        case ast.JoinedStr(values=[first, *_rest]):
            return _begins(first)
        case ast.Constant(value=str(text)):
            found = BEGINS.match(text)
            return found and found.group()
    return None


def beginnings():
    """Each with where it stands. What another name than `reference` or `stem` hands on is not seen."""
    for file in sorted(APPS.rglob("*.py")):
        if {"tests", "migrations", "api"} & set(file.parts) or file.name == "testing.py":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            for value in _given(node):
                if found := _begins(value):
                    yield found, f"{file.relative_to(APPS)}:{value.lineno}"


def test_each_was_decided_upon_and_each_that_was_decided_is_still_there():
    found = dict(beginnings())
    new = {beginning: place for beginning, place in found.items() if beginning not in DECIDED}
    assert new == {}, "say what a reversal in the books alone leaves behind: apps/ledger/tied.py"
    assert set(DECIDED) - set(found) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("beginning", sorted(TIED))
def test_what_is_tied_by_its_reference_is_refused(beginning):
    reference = "fx/revaluation/2026-01-01" if beginning == "fx/" else f"{beginning}1"
    with pytest.raises(TransferTied) as refused:
        require_untied(0, reference)
    assert "Nothing was reversed" in str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize("beginning", sorted(BY_ROW | FREE))
def test_what_is_not_tied_by_its_reference_is_not(beginning):
    require_untied(0, f"{beginning}1")
