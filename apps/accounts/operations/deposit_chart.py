"""Changing what deposits are offered at: asked by one, allowed by another; what runs keeps what was agreed."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import deposits
from apps.accounts.errors import BadInterest
from apps.accounts.models import DepositChart, DepositRate
from apps.accounts.rules.deposits import BadChart, Cell, check_chart
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.users.models import User

CHANGE_CHART = "accounts.change_deposit_rates"


def ask_chart_change(
    *,
    currency: str,
    cells: Sequence[Cell],
    premature_rate: Decimal,
    valid_from: date,
    reason: str,
    by: User,
    at: datetime,
) -> Approval:
    """Ask for another chart of deposit rates from a later day on; a second person must allow it.

    `cells` are yearly rates from an amount (minor units) for a term in months; `premature_rate` is what is left to who
    breaks a deposit. Raises NotAllowed, BadInterest.
    """
    if not by.has_perm("accounts.manage_products"):
        raise NotAllowed(_("You do not hold the right to change what savings earn."))
    _require_later(valid_from, at)
    try:
        check_chart(cells, premature_rate)
    except BadChart as no:
        raise BadInterest(_("The rates do not hold together: %(why)s. Nothing was changed.") % {"why": no}) from no
    before = deposits.chart(currency, valid_from)
    return approvals.ask(
        kind=CHANGE_CHART,
        subject=f"deposits/{currency}/rates",
        payload={
            "currency": currency,
            "premature_rate": str(premature_rate),
            "valid_from": valid_from.isoformat(),
            "cells": [_primitive(cell) for cell in cells],
        },
        before=_shown(before.cells, before.row.premature_rate, before.row.valid_from) if before else {},
        after=_shown(cells, premature_rate, valid_from),
        reason=reason,
        by=by,
        at=at,
    )


def _require_later(valid_from: date, at: datetime) -> None:
    if valid_from <= local_date(at):
        raise BadInterest(_("Rates change tomorrow at the earliest, so that nobody gets another rate than was shown."))


def _primitive(cell: Cell) -> dict[str, Any]:
    return {"months": cell.months, "from_minor": cell.from_minor, "rate": str(cell.rate)}


def _shown(cells: Sequence[Cell], premature: Decimal, since: date) -> dict[str, Any]:
    in_order = sorted(cells, key=lambda cell: (cell.from_minor, cell.months))
    return {"from": since.isoformat(), "early": str(premature), "rates": [_primitive(cell) for cell in in_order]}


@transaction.atomic
def run_chart_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change. Raises BadInterest when its day has come meanwhile or another chart took that day."""
    valid_from = date.fromisoformat(payload["valid_from"])
    _require_later(valid_from, at)
    chart = DepositChart(
        currency=payload["currency"], valid_from=valid_from, premature_rate=Decimal(payload["premature_rate"])
    )
    try:
        with transaction.atomic():
            chart.save()
    except IntegrityError as no:
        raise BadInterest(_("Another change already starts on that day. Choose another day.")) from no
    DepositRate.objects.bulk_create(
        DepositRate(chart=chart, months=cell["months"], from_minor=cell["from_minor"], rate=Decimal(cell["rate"]))
        for cell in payload["cells"]
    )
    audit_trail.record("accounts.deposit_rates.changed", on=chart, by=checker, at=at, after=payload)
    return {"chart": chart.pk}
