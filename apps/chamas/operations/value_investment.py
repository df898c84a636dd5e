"""What an investment is worth on a day, written down by decision: no money moves, and nothing is earned by it."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, Invalid
from apps.chamas.models import ChamaGroup, GroupPaper, GroupPaperKind, Investment, InvestmentValuation
from apps.chamas.operations import asked, books
from apps.chamas.references import new_receipt
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.users.models import User


def investment_of(group: ChamaGroup, facts: Facts) -> Investment:
    """The investment that is asked for, which the group still has. Raises Invalid, NotFound, AlreadyDone."""
    row = asked.row(Investment.objects.select_related("group"), facts, "investment", group=group)
    if row.over_at is not None:
        raise AlreadyDone(_("The group has sold all of this. Nothing was done."))
    return row


def read_valuation(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`investment`, `value_minor` of all units it has now, `valued_on`, `says` (whose word it is) and, if there is one,
    `paper` by its id. Raises Invalid, NotFound, AlreadyDone.
    """
    row, day = investment_of(group, facts), asked.day(facts, "valued_on")
    _require_day(row, day, until=date.max)
    paper = paper_of(group, facts)
    return {
        "investment": row.pk,
        "value_minor": asked.amount(facts, "value_minor"),
        "valued_on": day.isoformat(),
        "says": asked.words(facts, "says", most=80),
        "paper": str(paper.public_id) if paper else "",
        "units": str(row.units_left),
    }


def _require_day(row: Investment, day: date, *, until: date) -> None:
    if not row.bought_on <= day <= until:
        said = _("Choose a day between the purchase and today.")
        raise Invalid(said, errors={"valued_on": [said]})


def paper_of(group: ChamaGroup, facts: Facts) -> GroupPaper | None:
    """The paper that is named, of kind INVESTMENT; None when none is. Raises Invalid for one that is not there."""
    wanted = str(facts.get("paper") or "")
    if not wanted:
        return None
    rows = GroupPaper.objects.filter(group=group, kind=GroupPaperKind.INVESTMENT)
    found = next((one for one in rows if str(one.public_id) == wanted), None)
    if found is None:
        raise Invalid(_("That paper is not there. Add it first. Nothing was done."), errors={"paper": ["unknown"]})
    return found


def describe_valuation(group: ChamaGroup, facts: Facts) -> str:
    """What, how much, whose word."""
    row = asked.row(Investment.objects.all(), facts, "investment", group=group)
    words = {
        "name": row.name,
        "amount": Money(asked.amount(facts, "value_minor"), group.currency),
        "day": asked.day_said(facts, "valued_on"),
        "who": facts["says"],
    }
    return str(_("%(name)s was worth %(amount)s on %(day)s, says %(who)s") % words)


@transaction.atomic
def value_investment(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Write a valuation down. Raises Conflict when units were sold since it was proposed, and as `read_valuation`."""
    held = books.locked(group)
    row = investment_of(held, facts)
    row = Investment.objects.select_for_update(no_key=True).get(pk=row.pk)
    said = read_valuation(held, facts)
    _require_day(row, asked.day(said, "valued_on"), until=local_date(at))
    if said["units"] != facts["units"]:
        raise AlreadyDone(_("Some of it was sold since this was proposed. Propose what the rest is worth."))
    made = InvestmentValuation.objects.create(
        investment=row,
        valued_on=said["valued_on"],
        value_minor=said["value_minor"],
        units=row.units_left,
        currency=held.currency,
        says=said["says"],
        paper=paper_of(held, facts),
        reference=new_receipt(),
        at=at,
    )
    facts_kept = {"value": str(made.value), "valued_on": said["valued_on"], "says": made.says}
    audit_trail.record("chamas.investment.valued", on=row, by=by, at=at, after=facts_kept)
    return made.reference
