"""Trying out bad times: one run, kept with all that went in and came out. Nothing moves in the books."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import local_date
from apps.lending import policies, stress
from apps.lending.errors import BadProduct
from apps.lending.factory.draft import plain
from apps.lending.models import LoanProduct, StressRun, StressScenario
from apps.lending.rules.stress import Shock
from apps.users.models import User

FIGURES = ("pd_factor", "loss_points", "rate_points", "failing_share")
OWN = "OWN"


@transaction.atomic
def run_stress_test(
    *,
    scenario: StressScenario,
    shock: Shock | None = None,
    product: LoanProduct | None = None,
    by: User,
    at: datetime,
    currency: str = "KES",
) -> StressRun:
    """Try a scenario on today's book and keep what came out. `shock` is what happens in one's own scenario; a named
    one happens as it is written. `product` keeps the shock to the loans of one. Raises NotAllowed, BadProduct.
    """
    policies.require_may_test(by)
    used = _shock_of(scenario, shock)
    product = product or scenario.product
    on = local_date(at)
    found = stress.try_out(shock=used, product=product, on=on, currency=currency)
    known = stress.assumed(on)
    row = StressRun.objects.create(
        scenario=scenario,
        product=product,
        currency=currency,
        book_on=on,
        inputs={name: plain(getattr(used, name)) for name in FIGURES} | {"product": product.code if product else None},
        model={
            "version": stress.MODEL,
            "assumed": [
                {"kind": one.kind, "accounts": one.accounts, "value": plain(one.value), "source": one.source}
                for one in known.rows
            ],
        },
        results=_primitive(found),
        made_by=by,
        made_at=at,
    )
    facts = {"scenario": scenario.code, "inputs": row.inputs, "ratio_after": row.results["capital"]["ratio_after"]}
    audit_trail.record("lending.stress.tested", on=row, by=by, at=at, after=facts)
    return row


def _shock_of(scenario: StressScenario, shock: Shock | None) -> Shock:
    if scenario.code != OWN:
        return Shock(*(getattr(scenario, name) for name in FIGURES))
    if shock is None:
        raise BadProduct(_("Write what shall happen. Nothing was worked out."))
    ranges = {"pd_factor": (0, 100), "loss_points": (0, 1), "rate_points": (-1, 1), "failing_share": (0, 1)}
    errors = {
        name: [_("From %(least)s to %(most)s.") % {"least": least, "most": most}]
        for name, (least, most) in ranges.items()
        if not Decimal(least) <= getattr(shock, name) <= Decimal(most)
    }
    if errors:
        raise BadProduct(_("That cannot happen. Nothing was worked out."), errors=errors)
    return shock


def _primitive(found: stress.Tested) -> dict[str, Any]:
    """As JSON keeps it: minor units, shares as text."""
    lines: list[dict[str, Any]] = [
        {
            "product": line.product,
            "loss_class": line.loss_class,
            "stage": line.stage,
            "loans": line.loans,
            "owed": line.owed.minor,
            "booked": line.booked.minor,
            "before": line.before.minor,
            "after": line.after.minor,
            "table_before": line.table_before.minor,
            "table_after": line.table_after.minor,
            "income_before": line.income_before.minor,
            "income_after": line.income_after.minor,
        }
        for line in found.lines
    ]
    sums = {name: sum(line[name] for line in lines) for name in _SUMS}
    out = found.outcome
    return {
        "lines": lines,
        "total": sums,
        "funding": {"repricing": found.funds.minor, "cost": found.funding_cost.minor},
        "capital": {
            "equity": found.bank.equity,
            "reserve": found.bank.reserve,
            "reserve_after": out.reserve_after,
            "core_before": out.core_before,
            "core_after": out.core_after,
            "weighted_before": out.weighted_before,
            "weighted_after": out.weighted_after,
            "ratio_before": _said(out.ratio_before),
            "ratio_after": _said(out.ratio_after),
            "minimum": plain(found.minimum),
        },
    }


_SUMS = (
    "loans",
    "owed",
    "booked",
    "before",
    "after",
    "table_before",
    "table_after",
    "income_before",
    "income_after",
)


def _said(ratio: Decimal | None) -> str | None:
    return None if ratio is None else plain(ratio)
