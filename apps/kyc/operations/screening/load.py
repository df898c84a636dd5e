"""Loading a file of a watch list: all of it or nothing, each change kept with its version."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kyc.errors import ListRefused
from apps.kyc.events import WatchListLoaded
from apps.kyc.models import ListedName, ListedParty, ListVersion, WatchList
from apps.kyc.operations.screening.weights import count_words
from apps.kyc.rules import names
from apps.kyc.watchlists import READERS, BadList, Entry, ListFile
from apps.users.models import User
from apps.users.policies import require_right

RIGHT = "kyc.work_screening"
AHEAD = timedelta(days=1)  # publishers east of here; a later day would stand against every true file after it
LEAST_LEFT = 0.8  # of the parties in force; a file that keeps fewer is rather broken than right
WITHIN = timedelta(days=30)  # what went in several files counts together


class MuchShorter(ListRefused):
    """Whole and new, but it takes away more than one person may."""


def load_list(*, watch_list: WatchList, raw: bytes, by: User, at: datetime) -> ListVersion:
    """Load one file; the same file again answers the version it made.

    Raises NotAllowed, ListRefused for a file that is not whole, of a day to come or older than the one in force,
    MuchShorter for one that takes a fifth of the parties away: a second person allows that (`ask_shorter`).
    """
    require_right(by, RIGHT)
    return keep(watch_list, read(watch_list, raw), hashlib.sha256(raw).hexdigest(), by, at)


def read(watch_list: WatchList, raw: bytes) -> ListFile:
    """What a file says. Raises ListRefused for one that is not whole."""
    try:
        return READERS[watch_list.format](raw)
    except BadList as no:
        raise ListRefused(_("This file was not loaded: %(why)s. The list in force stays.") % {"why": no}) from no


@transaction.atomic
def keep(
    watch_list: WatchList, file: ListFile, sha256: str, by: User, at: datetime, *, allowed_by: User | None = None
) -> ListVersion:
    """A version more of a list. Raises ListRefused, and MuchShorter unless a second person allowed it."""
    if file.published_on > local_date(at) + AHEAD:
        raise ListRefused(
            _("This file says it is of %(on)s, which has not come yet. The list in force stays. Correct its date.")
            % {"on": file.published_on}
        )
    watch_list = WatchList.objects.select_for_update().get(pk=watch_list.pk)
    before = watch_list.versions.order_by("-number").first()
    if before and before.sha256 == sha256:
        return before
    if before:
        _require_newer(before, file)
    current = {row.uid: row for row in ListedParty.objects.filter(watch_list=watch_list, until=None)}
    there = {entry.uid: entry for entry in file.entries}
    added = [entry for uid, entry in there.items() if uid not in current]
    changed = [
        entry for uid, entry in there.items() if uid in current and current[uid].whole_print != entry.whole_print
    ]
    removed = [row for uid, row in current.items() if uid not in there]
    if before and allowed_by is None:
        _require_left(watch_list, before, file, len(removed), at)
    version = ListVersion.objects.create(
        watch_list=watch_list,
        number=before.number + 1 if before else 1,
        published_on=file.published_on,
        sha256=sha256,
        parties=len(there),
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        loaded_by=by,
        loaded_at=at,
        allowed_by=allowed_by,
    )
    gone = [row.pk for row in removed] + [current[entry.uid].pk for entry in changed]
    ListedParty.objects.filter(pk__in=gone).update(until=version)
    _write(watch_list, version, [*added, *changed])
    count_words()
    facts = {"version": version.number, "parties": len(there), "added": len(added), "changed": len(changed)}
    if allowed_by:
        facts |= {"allowed_by": allowed_by.pk}
    audit_trail.record(
        "kyc.watch_list.loaded", on=watch_list, by=by, at=at, after=facts | {"removed": len(removed), "sha256": sha256}
    )
    events.publish(WatchListLoaded(version_id=version.pk))
    return version


def _require_newer(before: ListVersion, file: ListFile) -> None:
    if file.published_on < before.published_on:
        raise ListRefused(
            _("This file is of %(on)s, older than the one in force of %(before)s. The list in force stays.")
            % {"on": file.published_on, "before": before.published_on}
        )


def _require_left(watch_list: WatchList, before: ListVersion, file: ListFile, removed: int, at: datetime) -> None:
    """Most parties stay, however many others came and in however many files: counted since a second person last
    allowed a shorter one.
    """
    allowed = watch_list.versions.exclude(allowed_by=None).order_by("-number").values_list("number", flat=True).first()
    lately = watch_list.versions.filter(loaded_at__gt=at - WITHIN, number__gt=allowed or 0)
    sums = lately.aggregate(removed=Sum("removed"), parties=Max("parties"))
    most = max(before.parties, sums["parties"] or 0)
    if most - (sums["removed"] or 0) - removed < LEAST_LEFT * most:
        raise MuchShorter(
            _(
                "This file lists %(now)s parties and takes %(gone)s of %(before)s away. The list in force stays. "
                "A second person must allow that: ask for it."
            )
            % {"now": len(file.entries), "gone": removed, "before": before.parties}
        )


def _write(watch_list: WatchList, version: ListVersion, entries: list[Entry]) -> None:
    parties = ListedParty.objects.bulk_create(
        [
            ListedParty(
                watch_list=watch_list,
                uid=entry.uid,
                kind=entry.kind,
                name=entry.names[0].text[:300],
                programme=entry.programme[:300],
                remarks=entry.remarks,
                countries=[country[:80] for country in entry.countries],
                births=[
                    {"year": one.year, "on": one.on and one.on.isoformat(), "give_or_take": one.give_or_take}
                    for one in entry.births
                ],
                print=entry.print,
                whole_print=entry.whole_print,
                since=version,
            )
            for entry in entries
        ],
        batch_size=2_000,
    )
    rows = []
    for party, entry in zip(parties, entries, strict=True):
        for listed in entry.names:
            read = names.read(listed.text)
            if read.tokens:
                rows.append(
                    ListedName(
                        party=party,
                        text=listed.text[:300],
                        is_weak=listed.is_weak,
                        words=read.words,
                        keys=sorted(names.keys(read)),
                    )
                )
    ListedName.objects.bulk_create(rows, batch_size=2_000)
