"""Something that was the group's, or its members', before the group came to the bank: written into register and books.

No money moves. What it is worth becomes share capital of those whose it was, and stands against it as fund INVESTMENTS
below zero: the pot holds what it held (docs/decisions/0033).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, Invalid
from apps.chamas.events import InvestmentBrought
from apps.chamas.models import (
    ChamaGroup,
    EntryKind,
    FundKind,
    GroupEntry,
    InvestmentValuation,
    Membership,
)
from apps.chamas.operations import asked, books
from apps.chamas.operations.books import Change
from apps.chamas.operations.register import registered, thing
from apps.chamas.operations.value_investment import paper_of
from apps.chamas.references import new_receipt
from apps.chamas.rules.investments import VALUED_WITHIN_DAYS, units_text
from apps.chamas.rules.sharing import share
from apps.kernel import events
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.users.models import User

SPLITS = ("EQUALLY", "AS_SAVED", "PARTS")  # among all alike, as each has saved by now, or as it is said
NAMED = 12  # members whose parts are named one by one in a sentence


def read_bringing(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`kind`, `name`, `units`, `custodian`, `custody_reference`; what it is worth (`value_minor`, `valued_on` within a
    quarter, `says` whose word it is, `paper`); and whose it is (`split`, and for PARTS the `parts`).

    Completes `parts` for every split, so that who votes reads what each member gets. Raises Invalid.
    """
    what, paper = thing(facts), paper_of(group, facts)
    if paper is None:
        raise Invalid(
            _("Add the paper that says whose it is and what it is worth, and name it. Nothing was done."),
            errors={"paper": ["required"]},
        )
    value, day = asked.number(facts, "value_minor"), asked.day(facts, "valued_on")
    _require_recent(day, local_date(now()))
    return what | {
        "value_minor": value,
        "valued_on": day.isoformat(),
        "says": asked.words(facts, "says", most=80),
        "paper": str(paper.public_id),
        "split": str(facts.get("split") or ""),
        "parts": _parts(group, facts, value),
    }


def _require_recent(day: date, today: date) -> None:
    if not today - timedelta(days=VALUED_WITHIN_DAYS) <= day <= today:
        said = _("Choose a day within the last three months: what it is worth must be known by now.")
        raise Invalid(said, errors={"valued_on": [said]})


def _parts(group: ChamaGroup, facts: Facts, value: int) -> list[list[int]]:
    """[member, minor] of each who has a part, by number; together they are the value. Raises Invalid."""
    split = facts.get("split")
    members = list(Membership.objects.voters().filter(group=group).order_by("number").values_list("pk", flat=True))
    if split == "EQUALLY":
        minors = share(value, [1] * len(members))
    elif split == "AS_SAVED":
        minors = share(value, _saved(group, members))
    elif split == "PARTS":
        said = _said_parts(facts.get("parts"))
        if not set(said) <= set(members) or sum(said.values()) != value:
            raise Invalid(
                _("The parts must be members' and add up to what it is worth. Nothing was done."),
                errors={"parts": [_("The parts must be members' and add up to what it is worth.")]},
            )
        minors = [said.get(pk, 0) for pk in members]
    else:
        raise Invalid(_("Say whose it is. Nothing was done."), errors={"split": ["unknown"]})
    return [[pk, minor] for pk, minor in zip(members, minors, strict=True) if minor]


def _saved(group: ChamaGroup, members: list[int]) -> list[int]:
    rows = GroupEntry.objects.filter(group=group, fund=FundKind.SAVINGS, member__in=members)
    saved: Mapping[int, int] = dict(rows.values_list("member").annotate(Sum("amount_minor")).order_by())
    if not any(saved.values()):
        raise Invalid(
            _("Nobody has saved anything yet. Share it equally, or say each part. Nothing was done."),
            errors={"split": [_("Nobody has saved anything yet.")]},
        )
    return [saved.get(pk, 0) for pk in members]


def _said_parts(parts: Any) -> dict[int, int]:
    """Raises Invalid for what is no list of members and amounts, or names one twice."""
    try:
        said = [(int(pk), int(minor)) for pk, minor in parts or ()]
    except (TypeError, ValueError) as no:
        raise Invalid(_("Say each member's part. Nothing was done."), errors={"parts": ["unreadable"]}) from no
    if len(dict(said)) != len(said) or any(minor < 0 for _pk, minor in said):
        raise Invalid(_("Say each member's part once. Nothing was done."), errors={"parts": ["twice"]})
    return dict(said)


def concerns_holders(group: ChamaGroup, facts: Facts) -> set[int]:
    """Whose it is, when others have no part in it; else whoever has more than half of it: it makes them richer."""
    parts = dict(facts["parts"])
    voters = set(Membership.objects.voters().filter(group=group).values_list("pk", flat=True))
    if voters - set(parts):
        return set(parts) & voters
    return {pk for pk, minor in parts.items() if 2 * minor > facts["value_minor"]}


def describe_bringing(group: ChamaGroup, facts: Facts) -> str:
    """What, what it is worth by whose word, and what each member gets."""
    parts = dict(facts["parts"])
    rows = Membership.objects.filter(pk__in=parts).select_related("user").order_by("number")
    named = [f"{asked.called(one)} {Money(parts[one.pk], group.currency)}" for one in rows[:NAMED]]
    if len(parts) > NAMED:
        named.append(str(_("and %(count)s more") % {"count": len(parts) - NAMED}))
    words = {
        "units": units_text(asked.units(facts)),
        "name": facts["name"],
        "amount": Money(asked.number(facts, "value_minor"), group.currency),
        "day": asked.day_said(facts, "valued_on"),
        "who": facts["says"],
        "custodian": facts["custodian"],
        "reference": facts["custody_reference"],
        "parts": ", ".join(named),
    }
    said = _(
        "Bring %(units)s of %(name)s into the group at %(amount)s (%(day)s, says %(who)s); kept by %(custodian)s,"
        " %(reference)s. It becomes share capital: %(parts)s"
    )
    return str(said % words)


@transaction.atomic
def bring_investment(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Write it into the register, into the books against its holders' share capital, and its value as a valuation.

    Raises Invalid for a value that has become too old, AlreadyDone when a holder has left since, and what moving
    within the pot raises.
    """
    held = books.locked(group)
    value = Money(asked.number(facts, "value_minor"), held.currency)
    _require_recent(asked.day(facts, "valued_on"), local_date(at))
    parts = dict(facts["parts"])
    holders = list(Membership.objects.voters().filter(group=held, pk__in=parts).select_related("user").order_by("pk"))
    if len(holders) != len(parts):
        raise AlreadyDone(_("Somebody whose part it is has left since. Propose it anew. Nothing was done."))
    moved = books.move(
        group=held,
        changes=[
            Change(FundKind.INVESTMENTS, -value),
            *(Change(FundKind.SHARES, Money(parts[one.pk], held.currency), one) for one in holders),
        ],
        kind=EntryKind.BROUGHT,
        line=TransactionType.CONTRIBUTION,
        reference=f"chama/{held.pk}/brought/{key[:100]}",
        quoted=new_receipt(),
        action="chamas.investment.brought",
        note=str(facts["name"]),
        by=by,
        at=at,
    )
    row = registered(held, facts, cost=value, entry=moved[0], payee=None, by=by, at=at)
    InvestmentValuation.objects.create(
        investment=row,
        valued_on=facts["valued_on"],
        value_minor=value.minor,
        units=row.units,
        currency=value.currency,
        says=facts["says"],
        paper=paper_of(held, facts),
        reference=row.receipt,
        at=at,
    )
    events.publish(InvestmentBrought(group_id=held.pk, investment_id=row.pk, minor=value.minor))
    return row.receipt
