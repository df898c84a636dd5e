"""What of a group's own one may choose when proposing something, as people call it."""

from typing import Any

from django.utils.translation import gettext

from apps.chamas import operations
from apps.chamas.models import (
    Contribution,
    Fine,
    FineStatus,
    GroupLoan,
    GroupLoanStatus,
    GroupPaper,
    GroupPaperKind,
    Investment,
    LeaveNotice,
    Membership,
    PayIn,
    RoundStatus,
    Turn,
)
from apps.chamas.rules.investments import units_text
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.portals.customer.chama.room import Room
from apps.portals.templatetags.kit import clock, day, half_name, plain_money

Choices = list[tuple[str, str]]


def _named(rows: Any) -> Choices:
    return [(str(one.pk), f"{one.number}. {half_name(one.user.full_name)}") for one in rows]


def members(room: Room) -> Choices:
    """Everybody in it now."""
    return _named(Membership.objects.active().filter(group=room.group).select_related("user").order_by("number"))


def savers(room: Room) -> Choices:
    """Every member but an auditor."""
    return _named(Membership.objects.voters().filter(group=room.group).select_related("user").order_by("number"))


def leavers(room: Room) -> Choices:
    """Who gave notice."""
    gone = LeaveNotice.objects.filter(member__group=room.group, withdrawn_at=None, settled_at=None).values("member")
    return _named(Membership.objects.active().filter(pk__in=gone).select_related("user").order_by("number"))


def claims(room: Room) -> Choices:
    """What the rules say welfare pays for."""
    rows = room.terms.welfare_claims.items()
    return [(what, f"{what}: {plain_money(Money(minor, room.group.currency))}") for what, minor in rows]


def turns(room: Room) -> Choices:
    """Turns that have begun and are not paid out."""
    rows = Turn.objects.filter(
        round__group=room.group, round__status=RoundStatus.RUNNING, cycle__isnull=False, paid_at=None
    )
    found = rows.select_related("member__user").order_by("position")
    return [(str(one.pk), f"{one.position}. {half_name(one.member.user.full_name)}") for one in found]


def loans(room: Room) -> Choices:
    """Loans that wait for the group."""
    rows = GroupLoan.objects.filter(group=room.group, status=GroupLoanStatus.ASKED).select_related("member__user")
    return [(str(one.pk), f"{half_name(one.member.user.full_name)}: {plain_money(one.principal)}") for one in rows]


def lost_loans(room: Room) -> Choices:
    """Loans that are so late that they may be written off, with what is left of them."""
    rows = operations.lost_loans(room.group, on=local_date(now())).select_related("member__user").order_by("pk")
    return [(str(one.pk), f"{half_name(one.member.user.full_name)}: {plain_money(one.left)}") for one in rows]


def dues(room: Room) -> Choices:
    """Contributions that are not paid, the oldest first."""
    rows = Contribution.objects.unpaid().filter(group=room.group).select_related("member__user").order_by("due_on")
    return [
        (
            str(one.pk),
            f"{half_name(one.member.user.full_name)}: "
            f"{plain_money(Money(one.open_minor, one.currency))}, {day(one.due_on)}",
        )
        for one in rows[:200]
    ]


def fines(room: Room) -> Choices:
    """Fines that are to be paid or were appealed."""
    rows = Fine.objects.filter(group=room.group, status__in=[FineStatus.OPEN, FineStatus.APPEALED])
    found = rows.select_related("member__user").order_by("-pk")[:200]
    return [
        (str(one.pk), f"{half_name(one.member.user.full_name)}: {plain_money(one.amount)}, {one.get_why_display()}")
        for one in found
    ]


def pay_ins(room: Room) -> Choices:
    """The newest payments into the group that were not given back."""
    rows = PayIn.objects.filter(group=room.group, refund=None).select_related("member__user").order_by("-pk")[:50]
    return [
        (str(one.pk), f"{one.reference}: {half_name(one.member.user.full_name)}, {plain_money(one.amount)}")
        for one in rows
    ]


def right_groups(room: Room) -> Choices:
    """Other groups of who proposes: whose payment it was may belong to them as well."""
    others = Membership.objects.active().filter(user=room.user, group__status="ACTIVE").exclude(group=room.group)
    return [("", gettext("None: back to the account")), *others.values_list("group__slug", "group__name")]


def investments(room: Room) -> Choices:
    """What the group has, with the units of each."""
    rows = Investment.objects.held().filter(group=room.group).order_by("bought_on", "pk")
    return [(str(one.pk), f"{one.name} ({units_text(one.units_left)})") for one in rows]


def papers_there(room: Room) -> Choices:
    """Papers that were brought about investments, the newest first."""
    rows = GroupPaper.objects.filter(group=room.group, kind=GroupPaperKind.INVESTMENT).order_by("-pk")[:30]
    return [(str(one.public_id), f"{day(one.uploaded_at)}, {clock(one.uploaded_at)}") for one in rows]


def investment_papers(room: Room) -> Choices:
    """One of them, or none."""
    return [("", gettext("None")), *papers_there(room)]
