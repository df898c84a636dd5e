"""What members of groups are told by SMS, and who is told: money that leaves, everybody at once.

Contributions tell who paid and the treasurer at once (and officers and auditors who wish it), everybody the next
morning in one line: three hundred members who pay in the same minute would else hear of each other ninety thousand
times (docs/decisions/0025).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from anyascii import anyascii
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.chamas import acts
from apps.chamas.models import (
    ChamaGroup,
    EntryKind,
    GroupCheck,
    GroupCheckStatus,
    GroupDispute,
    GroupEntry,
    GroupLoan,
    GroupPaperKind,
    GroupRole,
    Meeting,
    Membership,
    PayIn,
    Proposal,
    ProposalStatus,
)
from apps.chamas.operations import books
from apps.chamas.rules.funds import cash_of, purse_of
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.notifications.operations import Telling
from apps.notifications.rules import GSM7
from apps.users.rules import half_name

DAYS_BACK = 3  # a morning that was missed is made up for; each day is told once


def short(text: str, most: int = 20) -> str:
    """A name that leaves room for the rest in one SMS: in signs that every phone's alphabet has, and not too long."""
    plain = text if set(text) <= GSM7 else anyascii(text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}."


def day_of(on: date) -> Any:
    """A day, written in the language of who reads it."""
    return _Day(on)


class _Day:
    def __init__(self, on: date) -> None:
        self.on = on

    def __str__(self) -> str:
        return date_format(self.on, "j M")


def _everybody(group_id: int, *more: int) -> list[tuple[int, int]]:
    """(member, person) of all members of today, and of who has just left; one query."""
    rows = Membership.objects.filter(Q(status="ACTIVE") | Q(pk__in=more), group=group_id)
    return list(rows.order_by("pk").values_list("pk", "user_id"))


def _tell(what: str, to: Iterable[int], context: Mapping[str, object], *, key: str, at: datetime) -> int:
    tellings = [Telling(user_id, f"chama/{key}/{user_id}", context) for user_id in dict.fromkeys(to)]
    return notifications.send_many(f"chamas.{what}", tellings=tellings, at=at)


# ---- money ----


def tell_of_money(*, group_id: int, transfer_id: int, minor: int, at: datetime) -> None:
    """One movement: what leaves is told to everybody, what comes in to who paid and who hears of each."""
    rows = list(
        GroupEntry.objects.filter(transfer_id=transfer_id, group=group_id).select_related("group", "member__user")
    )
    if not rows or not minor:
        return
    group, first = rows[0].group, max(rows, key=lambda row: abs(row.amount_minor))
    words = {
        "group": short(group.name),
        "amount": str(Money(abs(minor), group.currency)),
        "receipt": first.reference,
        "pot": str(_lies(group, first.fund)),
    }
    if minor < 0:
        who = _whom(first) if _is_one(rows) else _("all members")
        everybody = _everybody(group_id, *(row.member_id for row in rows if row.member_id))
        context = words | {"what": EntryKind(first.kind).label, "who": who}
        _tell("money_out", [user for _member, user in everybody], context, key=f"money/{transfer_id}", at=at)
    elif first.member is not None:
        _tell_of_pay_in(first.member, words, transfer_id, at)
    else:
        _tell_at_once(group, words | {"who": _whom(first)}, transfer_id, at)


def _whom(row: GroupEntry) -> Any:
    """Whose it is: a member, or the investment that it is about."""
    if row.member is not None:
        return short(half_name(row.member.user.full_name))
    return short(row.note) if row.note else _("all members")


def _is_one(rows: list[GroupEntry]) -> bool:
    """Whether it is one member's, whatever became of the others' savings along with it."""
    return len({row.member_id for row in rows if row.amount_minor < 0}) == 1


def _lies(group: ChamaGroup, fund: str) -> Money:
    """What lies in the purse of a fund now."""
    return Money(cash_of(purse_of(fund), books.balances(group)), group.currency)


def _tell_of_pay_in(member: Membership, words: dict[str, str], transfer_id: int, at: datetime) -> None:
    own = books.balances(member.group, member=member)["SAVINGS"]
    mine = words | {"own": str(Money(own, member.group.currency))}
    _tell("received", [member.user_id], mine, key=f"money/{transfer_id}", at=at)
    context = words | {"who": short(half_name(member.user.full_name))}
    _tell_at_once(member.group, context, transfer_id, at, but=member)


def _tell_at_once(
    group: ChamaGroup, context: Mapping[str, Any], transfer_id: int, at: datetime, *, but: Membership | None = None
) -> None:
    """The treasurer, and officers and auditors who wish to hear of every payment; not who paid."""
    who = Membership.objects.hear_at_once().filter(group=group)
    others = who.exclude(pk=but.pk if but else 0).values_list("user_id", flat=True)
    _tell("came_in", others, context, key=f"came/{transfer_id}", at=at)


def tell_of_days(*, at: datetime) -> int:
    """Of each day before today on which members paid in, one line to everybody; told again, nobody hears it twice."""
    today = local_date(at)
    return sum(_tell_of_day(today - timedelta(days=back), at) for back in range(1, DAYS_BACK + 1))


def _tell_of_day(day: date, at: datetime) -> int:
    until = day_start(day + timedelta(days=1))
    rows = PayIn.objects.filter(at__gte=day_start(day), at__lt=until).order_by()
    paid = rows.values_list("group", "group__name", "currency")
    told, tellings = list(paid.annotate(Count("member", distinct=True), Sum("amount_minor"))), []
    ids = [row[0] for row in told]
    held: dict[int, dict[str, int]] = {}
    sums = GroupEntry.objects.filter(group__in=ids).values_list("group", "fund").annotate(Sum("amount_minor"))
    for group_id, fund, minor in sums.order_by():
        held.setdefault(group_id, {})[fund] = minor
    people: dict[int, list[int]] = {}
    for group_id, user_id in Membership.objects.active().filter(group__in=ids).values_list("group", "user_id"):
        people.setdefault(group_id, []).append(user_id)
    for group_id, name, currency, count, minor in told:
        context = {
            "group": short(name),
            "day": day_of(day),
            "count": count,
            "amount": str(Money(minor, currency)),
            "pot": str(Money(cash_of("POT", held.get(group_id, {})), currency)),
        }
        tellings += [
            Telling(user_id, f"chama/day/{group_id}/{day}/{user_id}", context) for user_id in people.get(group_id, ())
        ]
    return notifications.send_many("chamas.day", tellings=tellings, at=at) if tellings else 0


# ---- decisions, meetings, disputes ----


def tell_of_proposal(*, proposal_id: int, at: datetime) -> None:
    """Who must vote or, without a vote, which officers must sign; not who made it, and not whom it concerns."""
    row = Proposal.objects.select_related("group", "made_by__user").get(pk=proposal_id)
    asked = Membership.objects.voters() if row.is_voted_on else Membership.objects.officers()
    asked = asked.filter(group=row.group_id).exclude(pk__in=row.concerned)
    if row.is_voted_on:
        asked = asked.exclude(pk=row.made_by_id)
    context = _of_proposal(row) | {
        "who": short(half_name(row.made_by.user.full_name)),
        "until": day_of(local_date(row.closes_at if row.is_voted_on else row.lapses_at)),
    }
    people = asked.values_list("user_id", flat=True)
    _tell("vote_asked" if row.is_voted_on else "sign_asked", people, context, key=f"proposal/{row.pk}", at=at)


def _of_proposal(row: Proposal) -> dict[str, object]:
    amount = f", {Money(row.amount_minor, row.group.currency)}" if row.amount_minor else ""
    return {"group": short(row.group.name), "act": acts.act(row.act).name, "amount": amount}


_SAID = {
    ProposalStatus.PASSED: _("agreed on, not done yet"),
    ProposalStatus.CARRIED_OUT: _("done"),
    ProposalStatus.REJECTED: _("turned down"),
    ProposalStatus.LAPSED: _("not decided in time"),
    ProposalStatus.WITHDRAWN: _("taken back"),
}


def tell_of_decision(*, proposal_id: int, status: str, at: datetime) -> None:
    """Everybody, how it ended; money that left was told by itself."""
    row = Proposal.objects.select_related("group").get(pk=proposal_id)
    if status == ProposalStatus.CARRIED_OUT and (row.amount_minor or row.act == "WRITE_OFF_LOAN"):
        return
    context = _of_proposal(row) | {"outcome": _SAID[ProposalStatus(status)]}
    everybody = [user for _member, user in _everybody(row.group_id)]
    _tell("decided", everybody, context, key=f"proposal/{row.pk}/{status.lower()}", at=at)


def tell_of_write_off(*, loan_id: int, own_minor: int, lost_minor: int, reference: str, at: datetime) -> None:
    """Everybody: whose loan it was, what of their own paid it, and what is lost together (minor units).

    Where nothing is lost they read that it is paid back, for then it was not written off.
    """
    row = GroupLoan.objects.select_related("group", "member__user").get(pk=loan_id)
    context = {
        "group": short(row.group.name),
        "who": short(half_name(row.member.user.full_name)),
        "own": str(Money(own_minor, row.currency)),
        "receipt": reference,
    }
    if lost_minor:
        context["lost"] = str(Money(lost_minor, row.currency))
    everybody = [user for _member, user in _everybody(row.group_id)]
    _tell(
        "loan_written_off" if lost_minor else "loan_paid_by_own",
        everybody,
        context,
        key=f"loan/{row.pk}/written-off",
        at=at,
    )


def tell_of_meeting(*, meeting_id: int, at: datetime) -> None:
    """Everybody: when and where, or that it is called off."""
    row = Meeting.objects.select_related("group").get(pk=meeting_id)
    context = {"group": short(row.group.name), "when": _When(row.starts_at), "place": short(row.place, 40)}
    what = {"CALLED": "meeting_called", "CANCELLED": "meeting_off"}.get(row.status)
    if what:
        everybody = [user for _member, user in _everybody(row.group_id)]
        _tell(what, everybody, context, key=f"meeting/{row.pk}/{what}", at=at)


class _When(_Day):
    def __init__(self, at: datetime) -> None:
        super().__init__(local_date(at))
        self.at = at

    def __str__(self) -> str:
        return f"{super().__str__()} {self.at.astimezone(timezone.get_default_timezone()):%H:%M}"


def tell_of_minutes(*, meeting_id: int, version: int, at: datetime) -> None:
    """Chair and secretary, when they were there and have not signed."""
    row = Meeting.objects.select_related("group").get(pk=meeting_id)
    signed = row.minutes.filter(version=version).values_list("signatures__member", flat=True)
    there = row.attendance.filter(presence="PRESENT", member__role__in=[GroupRole.CHAIR, GroupRole.SECRETARY])
    people = there.exclude(member__in=[pk for pk in signed if pk]).values_list("member__user_id", flat=True)
    context = {"group": short(row.group.name), "number": row.number}
    _tell("minutes_to_sign", people, context, key=f"minutes/{row.pk}/{version}", at=at)


def tell_of_dispute(*, dispute_id: int, at: datetime) -> None:
    """Opened: the officers; answered: who raised it."""
    rows = GroupDispute.objects.select_related("group", "entry", "minutes__meeting", "raised_by__user")
    row = rows.get(pk=dispute_id)
    context: dict[str, object] = {"group": short(row.group.name)}
    if row.minutes is not None:
        asked, answered, context["number"] = "minutes_disputed", "minutes_answered", row.minutes.meeting.number
    elif row.entry is not None:
        asked, answered, context["receipt"] = "disputed", "dispute_answered", row.entry.reference
    if row.status == "OPEN":
        officers = Membership.objects.officers().filter(group=row.group_id).exclude(pk=row.raised_by_id)
        context["who"] = short(half_name(row.raised_by.user.full_name))
        _tell(asked, officers.values_list("user_id", flat=True), context, key=f"dispute/{row.pk}", at=at)
    else:
        _tell(answered, [row.raised_by.user_id], context, key=f"dispute/{row.pk}/{row.status}", at=at)


def tell_of_check(*, check_id: int, at: datetime) -> None:
    """The officers of today: the bank has verified the group, or which of its papers it did not accept."""
    row = GroupCheck.objects.select_related("group").get(pk=check_id)
    what = "papers_accepted" if row.status == GroupCheckStatus.APPROVED else "papers_refused"
    officers = Membership.objects.officers().filter(group=row.group_id).values_list("user_id", flat=True)
    words = {"group": short(row.group.name), "papers": _Papers(row.refused)}
    _tell(what, officers, words, key=f"check/{row.pk}/{what}", at=at)


class _Papers:
    """Papers by their names, in the language of who reads them."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self.kinds = tuple(kinds)

    def __str__(self) -> str:
        return ", ".join(str(GroupPaperKind(kind).label) for kind in self.kinds)
