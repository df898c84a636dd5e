"""A constitution in plain words: a sentence for each rule that does something, and what differs between two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.chamas.rules.constitution import WHOLE, Constitution
from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Topic:
    """What belongs together, with its sentences."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule as it was and as it would be; empty where a version says nothing."""

    before: str
    after: str


Say = Callable[[Constitution, Callable[[int], str]], str]


def topics(terms: Constitution, currency: str) -> list[Topic]:
    """All rules that do something, in the order people ask for them."""

    def amount(minor: int) -> str:
        return str(Money(minor, currency))

    found = [
        Topic(str(name), tuple(line for line in (say(terms, amount) for say in sentences.values()) if line))
        for name, sentences in _TOPICS
    ]
    return [topic for topic in found if topic.lines]


def differences(before: Constitution, after: Constitution, currency: str) -> list[Difference]:
    """The rules that two versions say differently."""

    def amount(minor: int) -> str:
        return str(Money(minor, currency))

    pairs = [Difference(say(before, amount), say(after, amount)) for _name, said in _TOPICS for say in said.values()]
    return [pair for pair in pairs if pair.before != pair.after]


def part_of_people(bps: int) -> str:
    """A share of people as one says it."""
    known = {
        3_334: _("a third"),
        5_000: _("half"),
        5_001: _("more than half"),
        6_667: _("two thirds"),
        7_500: _("three quarters"),
        WHOLE: _("all"),
    }
    return known.get(bps) or _("%(percent)s %%") % {"percent": _percent(bps)}


def _percent(bps: int) -> str:
    return f"{bps / 100:g}"


def _when(one: Constitution, amount: Callable[[int], str]) -> str:
    words = {"amount": amount(one.contribution_minor), "day": one.due_day}
    if one.frequency == "MONTHLY":
        if one.due_day == 31:
            return _("Everybody pays %(amount)s each month, by its last day.") % words
        return _("Everybody pays %(amount)s each month, by day %(day)s.") % words
    words["day"] = str(WEEKDAYS[one.due_day - 1])
    if one.frequency == "WEEKLY":
        return _("Everybody pays %(amount)s each week, by %(day)s.") % words
    return _("Everybody pays %(amount)s every two weeks, by %(day)s.") % words


def _parts(one: Constitution, amount: Callable[[int], str]) -> str:
    names = {"WELFARE": _("welfare"), "ROTATION": _("the merry-go-round"), "SAVINGS": _("own savings")}
    said = [f"{amount(minor)} · {names[fund]}" for fund, minor in one.parts.items()]
    return _("Of it: %(parts)s.") % {"parts": ", ".join(said)} if len(said) > 1 else ""


def _grace(one: Constitution, amount: Callable[[int], str]) -> str:
    words = {"amount": amount(one.late_fine_minor), "minutes": one.grace_minutes}
    if not one.late_fine_minor:
        return _("Who pays late pays no fine.")
    return _("Who pays more than %(minutes)s minutes after that day pays a fine of %(amount)s.") % words


def _absent(one: Constitution, amount: Callable[[int], str]) -> str:
    if not one.absent_fine_minor:
        return ""
    return _("Who misses a meeting without an apology pays %(amount)s.") % {"amount": amount(one.absent_fine_minor)}


def _named(rows: Mapping[str, int], amount: Callable[[int], str]) -> str:
    return ", ".join(f"{name}: {amount(minor)}" for name, minor in rows.items())


def _others(one: Constitution, amount: Callable[[int], str]) -> str:
    return _("Other fines: %(rows)s.") % {"rows": _named(one.other_fines, amount)} if one.other_fines else ""


def _rotation(one: Constitution, amount: Callable[[int], str]) -> str:
    return {
        "NONE": "",
        "FIXED": _("Turns of the merry-go-round follow a list."),
        "DRAWN": _("Turns of the merry-go-round are drawn by lot, in a way that everybody can check."),
        "AUCTIONED": _("Turns of the merry-go-round go to who gives up most for an early one."),
    }[one.rotation]


def _shares(one: Constitution, amount: Callable[[int], str]) -> str:
    if not one.share_price_minor:
        return ""
    return _("A share costs %(amount)s.") % {"amount": amount(one.share_price_minor)}


def _loans(one: Constitution, amount: Callable[[int], str]) -> str:
    if not one.loan_multiple:
        return _("The group does not lend.")
    words = {"times": one.loan_multiple, "rate": _percent(one.loan_rate_bps), "months": one.loan_most_months}
    return (
        _("It lends up to %(times)s times a member's savings, at %(rate)s %% a month, for %(months)s months at most.")
        % words
    )


def _guarantors(one: Constitution, amount: Callable[[int], str]) -> str:
    if not one.loan_multiple or not one.loan_guarantors:
        return ""
    words = ngettext("A loan needs %(n)s guarantor.", "A loan needs %(n)s guarantors.", one.loan_guarantors)
    return words % {"n": one.loan_guarantors}


def _welfare(one: Constitution, amount: Callable[[int], str]) -> str:
    if not one.welfare_claims:
        return ""
    words = {"rows": _named(one.welfare_claims, amount), "months": one.welfare_waiting_months}
    return _("Welfare pays: %(rows)s; to who has belonged to the group for %(months)s months.") % words


def _votes(one: Constitution, amount: Callable[[int], str]) -> str:
    words = {
        "quorum": part_of_people(one.quorum_bps),
        "majority": part_of_people(one.majority_bps),
        "days": one.vote_days,
    }
    return (
        _("A vote takes %(days)s days, counts when %(quorum)s of the members vote, and passes with %(majority)s of it.")
        % words
    )


def _amend(one: Constitution, amount: Callable[[int], str]) -> str:
    words = {"amend": part_of_people(one.amendment_bps), "end": part_of_people(one.dissolution_bps)}
    return _("New rules need %(amend)s of the votes, ending the group %(end)s.") % words


def _sign(one: Constitution, amount: Callable[[int], str]) -> str:
    said = _("%(n)s officers sign before money leaves; nobody signs for themselves.") % {"n": one.sign_offs}
    if one.vote_above_minor:
        said += " " + _("More than %(amount)s needs a vote as well.") % {"amount": amount(one.vote_above_minor)}
    return said


def _members(one: Constitution, amount: Callable[[int], str]) -> str:
    return _("The group begins with %(n)s members at least.") % {"n": one.members_at_least}


def _leave(one: Constitution, amount: Callable[[int], str]) -> str:
    said = _("Who leaves says so %(days)s days before.") % {"days": one.exit_notice_days}
    if one.exit_fee_bps:
        said += " " + _("%(percent)s %% of their savings stays with the group.") % {
            "percent": _percent(one.exit_fee_bps)
        }
    return said


def _share_out(one: Constitution, amount: Callable[[int], str]) -> str:
    how = {
        "SAVINGS": _("What was earned is shared by what each has saved."),
        "TIME_WEIGHTED": _("What was earned is shared by what each has saved and for how long."),
        "SHARES": _("What was earned is shared by the shares each holds."),
    }[one.share_out_by]
    said = how + " " + _("The pot is shared out in %(month)s.") % {"month": MONTHS[one.share_out_month]}
    if one.share_out_investments == "KEEP":
        said += " " + _("Investments stay in the group, with the savings that stand in them.")
    return said


_TOPICS: tuple[tuple[Promise, Mapping[str, Say]], ...] = (
    (gettext_lazy("Paying in"), {"when": _when, "parts": _parts, "grace": _grace, "absent": _absent, "more": _others}),
    (gettext_lazy("Merry-go-round"), {"rotation": _rotation}),
    (gettext_lazy("Loans and shares"), {"loans": _loans, "guarantors": _guarantors, "shares": _shares}),
    (gettext_lazy("Welfare"), {"welfare": _welfare}),
    (gettext_lazy("Deciding"), {"members": _members, "votes": _votes, "amend": _amend, "sign": _sign}),
    (gettext_lazy("Leaving and sharing out"), {"leave": _leave, "share_out": _share_out}),
)
