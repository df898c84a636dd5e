"""Whether a borrower or guarantor may be reached now: the rows in force, the holidays, what was tried before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date
from apps.ledger.queries import calendar_of
from apps.ledger.rules.calendar import public_holidays
from apps.lending.errors import ContactRefused, NotAParty
from apps.lending.models import (
    CollectionCase,
    CollectionEntry,
    CollectionLetter,
    ContactedAs,
    ContactKind,
    ContactRule,
    Did,
    LetterKind,
)
from apps.lending.rules.contact import LOOK_AHEAD, WEEK, Answer, Hours, may_reach
from apps.users.models import User

TRIES = {
    ContactKind.CALL: (Did.CALL,),
    ContactKind.MESSAGE: (Did.MESSAGE, Did.REMINDED),
    ContactKind.VISIT: (Did.VISIT,),
    ContactKind.LETTER: (Did.LETTER,),
}
WHY: dict[str, Promise] = {
    "SUNDAY": _("Nobody is reached on a Sunday."),
    "HOLIDAY": _("Nobody is reached on a public holiday."),
    "TOO_EARLY": _("It is too early in the day."),
    "TOO_LATE": _("It is too late in the day."),
    "TODAY_ENOUGH": _("They were tried often enough today."),
    "WEEK_ENOUGH": _("They were tried often enough in these seven days."),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """One way of reaching a person, as it stands at a moment."""

    kind: str
    answer: Answer
    rule: ContactRule

    @property
    def is_allowed(self) -> bool:
        """Now."""
        return self.answer.is_allowed

    @property
    def label(self) -> str:
        """The way, for people."""
        return str(ContactKind(self.kind).label)

    @property
    def says(self) -> str:
        """Why not; empty when it is allowed."""
        return str(WHY[self.answer.because]) if self.answer.because else ""

    @property
    def again_at(self) -> datetime:
        """From when on; now, when it is allowed."""
        return self.answer.again_at


def rules_on(day: date) -> dict[str, ContactRule]:
    """The rule in force of each way."""
    rows = ContactRule.objects.filter(valid_from__lte=day).order_by("kind", "-valid_from").distinct("kind")
    return {row.kind: row for row in rows}


def ways(person: User, at: datetime) -> dict[str, Reach]:
    """Every way of reaching a person, in three queries."""
    local = timezone.localtime(at, timezone.get_default_timezone())
    days_off = _days_off(local.date())
    tried = list(_attempts(person, local.date()))
    found = {}
    for kind, rule in rules_on(local.date()).items():
        days = [day for what, day in tried if what in TRIES[ContactKind(kind)]]
        found[kind] = Reach(
            kind, may_reach(_hours(rule), at=local, is_holiday=days_off.__contains__, attempts=days), rule
        )
    return found


def require_allowed(kind: str, person: User, at: datetime) -> None:
    """Raises ContactRefused: why, and from when on it is allowed. Counts under the caller's lock of `person`."""
    reach = ways(person, at)[kind]
    if reach.is_allowed:
        return
    again = timezone.localtime(reach.again_at, timezone.get_default_timezone())
    raise ContactRefused(
        _("%(why)s Nothing was done or sent; it is allowed again from %(day)s at %(clock)s.")
        % {"why": reach.says, "day": date_format(again.date()), "clock": f"{again:%H:%M}"},
        because=reach.answer.because,
        again_at=again.isoformat(),
    )


def is_open(kind: str, at: datetime) -> bool:
    """Whether anybody may be reached this way at a moment, whatever was tried before."""
    local = timezone.localtime(at, timezone.get_default_timezone())
    rule, days_off = rules_on(local.date())[kind], _days_off(local.date())
    return may_reach(_hours(rule), at=local, is_holiday=days_off.__contains__, attempts=()).is_allowed


def open_on(kind: str, day: date) -> str | None:
    """Why nobody is reached this way on a day at all (SUNDAY, HOLIDAY); None when some hour is open."""
    rule = rules_on(day)[kind]
    noon = datetime.combine(day, datetime.min.time()).replace(hour=rule.from_hour)
    return may_reach(_hours(rule), at=noon, is_holiday=_days_off(day).__contains__, attempts=()).because


def as_whom(case: CollectionCase, person: User) -> str:
    """BORROWER or GUARANTOR: a guarantor is spoken with once they were told by letter. Raises NotAParty."""
    if person.pk == case.loan.borrower_id:
        return ContactedAs.BORROWER
    told = CollectionLetter.objects.filter(case__loan_id=case.loan_id, kind=LetterKind.GUARANTOR, to=person)
    if told.exists():
        return ContactedAs.GUARANTOR
    raise NotAParty(
        _("The bank speaks of a loan with its borrower alone, and with guarantors once they were told by letter.")
    )


def parties(case: CollectionCase) -> list[User]:
    """Everyone who may be reached about a case: the borrower, then guarantors who were told."""
    told = CollectionLetter.objects.filter(case__loan_id=case.loan_id, kind=LetterKind.GUARANTOR)
    return [case.loan.borrower, *User.objects.filter(pk__in=told.values("to_id")).order_by("pk")]


def _hours(rule: ContactRule) -> Hours:
    return Hours(rule.from_hour, rule.until_hour, rule.on_sundays, rule.on_holidays, rule.most_a_day, rule.most_a_week)


def _days_off(first: date) -> frozenset[date]:
    """Public holidays of the days that could matter: by law, and gazetted."""
    last = first + timedelta(days=LOOK_AHEAD)
    by_law = {day for year in {first.year, last.year} for day in public_holidays(year)}
    return frozenset(by_law.union(calendar_of(first, last).gazetted))


def _attempts(person: User, today: date) -> Iterable[tuple[str, date]]:
    since = today - timedelta(days=WEEK)
    every: Sequence[str] = [what for whats in TRIES.values() for what in whats]
    rows = CollectionEntry.objects.filter(contacted=person, what__in=every, at__date__gte=since)
    return ((what, local_date(at)) for what, at in rows.values_list("what", "at"))
