"""A stress test in words: what happens in it, what it does to each line and why, what was assumed and from where."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.kernel.money import Money
from apps.lending.factory.draft import plain
from apps.lending.models import AssumptionKind, StressRun
from apps.lending.rules.stress import FAILED


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One product, class and stage: its figures, and why they change."""

    product: str
    loss_class: str
    stage: int
    loans: int
    owed: Money
    before: Money
    after: Money
    table_before: Money
    table_after: Money
    says: str


def shock_in_words(inputs: Mapping[str, Any]) -> list[str]:
    """What happens, a sentence each; one sentence when nothing does."""
    factor, loss, rates, share = (
        Decimal(inputs[name]) for name in ("pd_factor", "loss_points", "rate_points", "failing_share")
    )
    said = []
    if factor != 1:
        said.append(_("%(times)s times as many loans fail as their scores say.") % {"times": plain(factor)})
    if loss:
        said.append(_("%(points)s points more are lost of each loan that fails.") % {"points": plain(loss * 100)})
    if rates:
        said.append(_("Rates a year move by %(points)s points.") % {"points": plain(rates * 100)})
    if share:
        said.append(_("%(share)s %% of those who pay lose their income and stop.") % {"share": plain(share * 100)})
    if inputs.get("product"):
        said.append(_("Only loans of %(product)s are hit.") % {"product": inputs["product"]})
    return said or [_("Nothing happens.")]


def lines_in_words(run: StressRun) -> list[SaidLine]:
    """Each line of a run with the reason of its change."""
    return [_line(run, line) for line in run.results["lines"]]


def _line(run: StressRun, line: Mapping[str, Any]) -> SaidLine:
    names = ("owed", "before", "after", "table_before", "table_after")
    money = {name: Money(line[name], run.currency) for name in names}
    more = money["after"] - money["before"]
    facts = {"loans": line["loans"], "owed": money["owed"], "more": more}
    if not more:
        says = _(
            "Nothing changes: the scenario does not touch these loans, or all that can be lost is counted already."
        )
    elif line["stage"] == FAILED:
        says = _("Loans that failed: %(loans)s, owing %(owed)s. More is lost of each, %(more)s in all.")
    elif line["stage"] == 1:
        says = _("Loans: %(loans)s, owing %(owed)s, looked at for a year. More is expected to be lost: %(more)s.")
    else:
        says = _("Loans: %(loans)s, owing %(owed)s, looked at to their end. More is expected to be lost: %(more)s.")
    return SaidLine(line["product"], line["loss_class"], line["stage"], line["loans"], **money, says=says % facts)


def assumptions_in_words(run: StressRun) -> list[tuple[str, str]]:
    """What was assumed, each with its source."""
    kinds = {kind.value: kind.label for kind in AssumptionKind}
    found = []
    for one in run.model["assumed"]:
        accounts = _("accounts %(codes)s…") % {"codes": one["accounts"]} if one["accounts"] else _("all other accounts")
        share = f"{plain(Decimal(one['value']) * 100)} %"
        label = str(kinds[one["kind"]])
        says = f"{label}: {share}" if one["kind"] == AssumptionKind.MINIMUM else f"{label}, {accounts}: {share}"
        found.append((says, one["source"]))
    return found
