"""Asking one rule about a stretch of time: what it sees becomes alerts, one for each way of money.

Whoever is seen on the way of money of which an alert is live already joins that alert; so a chain that goes on past
midnight is one alert on both days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.compliance import rules
from apps.compliance.detectors import Seen, Stop, home_rates, meeting, seen
from apps.compliance.models import AlertParty, AmlRule, CaseEntry, EntryKind, Source, SuspiciousActivityAlert
from apps.compliance.operations.alert import arrive
from apps.users.queries import system_user

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Path:
    """Sights that are one way of money, the first in time first, and the live alert that they meet, if any."""

    sights: tuple[Seen, ...]
    alert: SuspiciousActivityAlert | None = None


@transaction.atomic
def look(*, rule: AmlRule, since: datetime, until: datetime, at: datetime) -> int:
    """Ask one rule about a stretch of time and keep what is new; each new alert joins or opens a case.

    Returns the new alerts. What was seen before, as an alert or on the path of one, is not seen again.
    """
    sights = seen(rule.code, rule.parameters, since=since, until=until)
    known = _known(rule, sights)
    fresh = [one for one in sights if (one.subject_id, one.key) not in known]
    if not fresh:
        return 0
    raised = 0
    alone = [Path((one,)) for one in fresh] if rule.code in rules.EACH_ALONE else None
    for path in alone or paths(fresh, _live(rule, since), until):
        if path.alert is None:
            raised += _raise(rule, path, at)
        else:
            _join(path.alert, path.sights, at)
    return raised


def paths(sights: Sequence[Seen], live: Sequence[SuspiciousActivityAlert], until: datetime) -> list[Path]:
    """The sights by the money they are about. Where two live alerts are met the older one takes the newcomers."""
    ordered = sorted(sights, key=lambda one: (one.first_at, one.last_at, one.subject_id))
    stops = [Stop(alert.lines, alert.amount_minor) for alert in live]
    stops += [Stop(one.lines, one.amount_minor) for one in ordered]
    found = []
    for group in meeting(stops, home_rates(until)):
        met = [live[place] for place in group if place < len(live)]
        newcomers = tuple(ordered[place - len(live)] for place in group if place >= len(live))
        if newcomers:
            found.append(Path(newcomers, met[0] if met else None))
    return found


def _known(rule: AmlRule, sights: Sequence[Seen]) -> set[tuple[int | None, str]]:
    keys = {one.key for one in sights}
    alone = SuspiciousActivityAlert.objects.filter(rule=rule, key__in=keys).values_list("subject_id", "key")
    beside = AlertParty.objects.filter(alert__rule=rule, key__in=keys).values_list("person_id", "key")
    return {*alone, *beside}


def _live(rule: AmlRule, since: datetime) -> list[SuspiciousActivityAlert]:
    """Alerts of this rule whose money may still be on its way: as old as the rule looks back, and a day."""
    rows = SuspiciousActivityAlert.objects.live().filter(
        rule=rule, last_at__gte=since - rules.look_back(rule.code, rule.parameters) - timedelta(days=1)
    )
    return list(rows.order_by("pk"))


def _raise(rule: AmlRule, path: Path, at: datetime) -> int:
    """A new alert about the first of a path, with the others beside; 0 when another sweep was first."""
    first = path.sights[0]
    lines = list(dict.fromkeys(line for one in path.sights for line in one.lines))[:MOST_LINES]
    alert = SuspiciousActivityAlert(
        source=Source.RULE, rule=rule, code=rule.code, subject_id=first.subject_id, key=first.key,
        first_at=first.first_at, last_at=max(one.last_at for one in path.sights), threshold=first.threshold,
        actual=first.actual, usual=first.usual, amount_minor=first.amount_minor, lines=lines,
        facts=first.facts, severity=rule.severity, raised_at=at,
    )  # fmt: skip
    # A sweep that runs beside this one may have kept the same sight: the constraint leaves one of the two.
    SuspiciousActivityAlert.objects.bulk_create([alert], ignore_conflicts=True)
    kept = SuspiciousActivityAlert.objects.filter(
        rule=rule, subject_id=first.subject_id, key=first.key, raised_at=at, status="OPEN", case=None
    )
    found = kept.select_related("rule").first()
    if found is None:
        return 0
    _beside(found, path.sights[1:], at)
    arrive(found, at=at)
    return 1


def _join(alert: SuspiciousActivityAlert, sights: Sequence[Seen], at: datetime) -> None:
    """Newcomers to a path that is known: they stand beside, their lines with the others, and the case says so."""
    held = SuspiciousActivityAlert.objects.select_for_update().get(pk=alert.pk)
    held.lines = list(dict.fromkeys([*held.lines, *(line for one in sights for line in one.lines)]))[:MOST_LINES]
    held.last_at = max(held.last_at, *(one.last_at for one in sights))
    held.save(update_fields=["lines", "last_at"])
    _beside(held, sights, at)
    if held.case_id:
        CaseEntry.objects.create(case_id=held.case_id, kind=EntryKind.PATH, text=str(alert.code), by=system_user(),
                                 at=at)  # fmt: skip


def _beside(alert: SuspiciousActivityAlert, sights: Sequence[Seen], at: datetime) -> None:
    AlertParty.objects.bulk_create(
        [
            AlertParty(
                alert=alert, person_id=one.subject_id, key=one.key, first_at=one.first_at, last_at=one.last_at,
                actual=one.actual, amount_minor=one.amount_minor, joined_at=at,
            )
            for one in sights
        ],
        ignore_conflicts=True,
    )  # fmt: skip
