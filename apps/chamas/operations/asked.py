"""Reading what an act asks for: plain data from outside, checked against the group's own rows."""

from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.chamas.acts import Facts
from apps.chamas.errors import Invalid
from apps.chamas.models import ChamaGroup, Membership
from apps.chamas.rules.investments import read_units
from apps.kernel.clock import day_in_words
from apps.kernel.errors import NotFound
from apps.users.rules import half_name

MOST = 10**15  # minor units, ten thousand billion shillings; ids are smaller too
Row = TypeVar("Row", bound=models.Model)


def number(facts: Facts, name: str) -> int:
    """A whole number of more than zero, and no larger than any group can mean. Raises Invalid."""
    value = facts.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST:
        raise Invalid(_("Something is missing or no number. Nothing was done."), errors={name: ["not_positive"]})
    return value


def amount(facts: Facts, name: str) -> int:
    """A whole number of zero or more. Raises Invalid."""
    return 0 if facts.get(name) == 0 and facts.get(name) is not False else number(facts, name)


def units(facts: Facts, name: str = "units") -> Decimal:
    """Units of an investment, to six places. Raises Invalid."""
    try:
        return read_units(facts.get(name))
    except ValueError as no:
        raise Invalid(
            _("Write how many units: a number with at most six places. Nothing was done."), errors={name: ["not_units"]}
        ) from no


def words(facts: Facts, name: str, *, most: int = 140) -> str:
    """A text that says something. Raises Invalid."""
    value = " ".join(str(facts.get(name) or "").split())
    if not value or len(value) > most:
        raise Invalid(_("Write a few words. Nothing was done."), errors={name: ["length"]})
    return value


def day(facts: Facts, name: str) -> date:
    """A date, as YYYY-MM-DD. Raises Invalid."""
    try:
        return date.fromisoformat(str(facts.get(name) or ""))
    except ValueError as no:
        raise Invalid(_("Write a date. Nothing was done."), errors={name: ["not_a_date"]}) from no


def day_said(facts: Facts, name: str) -> str:
    """A date as people write it, in the reader's language: `9 Mar 2026`. Raises Invalid."""
    return day_in_words(day(facts, name), (get_language() or "en")[:2])


def row(rows: models.QuerySet[Row], facts: Facts, name: str, **only: Any) -> Row:
    """The row whose id is asked for, of this group alone. Raises Invalid, NotFound."""
    found = rows.filter(pk=number(facts, name), **only).first()
    if found is None:
        raise NotFound(_("That is not there, or it is another group's. Nothing was done."))
    return found


def member(group: ChamaGroup, facts: Facts, name: str = "member") -> Membership:
    """A member of now. Raises Invalid, NotFound."""
    rows = Membership.objects.active().select_related("group", "user", "account__owner")
    return row(rows, facts, name, group=group)


def called(who: Membership) -> str:
    """A member as others read them."""
    return half_name(who.user.full_name)
