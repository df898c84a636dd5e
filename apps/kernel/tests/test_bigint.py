"""Amounts of more than 21 million shillings stay what they are beside an `F()`."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import F

from apps.kernel.bigint import bigint
from apps.kernel.clock import now
from apps.kernel.models import Approval

APPS = Path(settings.ROOT) / "apps"
SMALL = 1000  # a count goes up by one, not by an amount


@pytest.mark.django_db
@pytest.mark.parametrize("minor", [1, 2**31 - 1, 2**31, 3_000_000_000, 2**40])
def test_reaches_the_column_whole(minor):
    maker = get_user_model().objects.create_user(full_name="Maker", is_staff=True)
    row = Approval.objects.create(kind="x", subject="x", payload={}, amount_minor=5, maker=maker, created_at=now())
    Approval.objects.filter(pk=row.pk).update(amount_minor=F("amount_minor") + bigint(minor))
    row.refresh_from_db()
    assert row.amount_minor == 5 + minor
    Approval.objects.filter(pk=row.pk).update(amount_minor=F("amount_minor") - bigint(minor))
    row.refresh_from_db()
    assert row.amount_minor == 5


def _is_call(node, *names):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _names_an_amount(node):
    return _is_call(node, "F") and isinstance(node.args[0], ast.Constant) and "minor" in str(node.args[0].value)


def _is_safe(node):
    """Columns, numbers that say how long they are, and small ones; of a sum, both sides."""
    if isinstance(node, ast.BinOp):
        return _is_safe(node.left) and _is_safe(node.right)
    return _is_call(node, "F", "bigint", "Decimal") or (isinstance(node, ast.Constant) and abs(node.value) < SMALL)


def _bare(source):
    """The lines on which something else stands beside a column of money."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.BinOp)
        and (_names_an_amount(node.left) or _names_an_amount(node.right))
        and not _is_safe(node)
    ]


def test_no_amount_stands_bare_beside_a_column_of_money():
    assert _bare('x.update(left_minor=F("left_minor") - paid.minor)') == [1]
    files = [one for one in APPS.rglob("*.py") if not {"tests", "migrations"} & set(one.parts)]
    found = [f"{one.relative_to(APPS)}:{line}" for one in files for line in _bare(one.read_text())]
    assert found == []
