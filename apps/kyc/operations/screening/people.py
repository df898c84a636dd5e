"""Finding which customers may be on a list: those who are new or changed, and all for what is new on a list."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from apps.kernel import events
from apps.kernel.written import written_among
from apps.kyc.events import ScreeningHitFound
from apps.kyc.models import (
    ListedName,
    ListedParty,
    ListVersion,
    ScreenedPerson,
    ScreeningDecision,
    ScreeningHit,
    ScreeningStatus,
)
from apps.kyc.operations.screening.check import Found, alike, best_of
from apps.kyc.operations.screening.weights import Weight, count_words
from apps.kyc.rules import names
from apps.kyc.states import HIT
from apps.ledger.rules import arrays
from apps.users.models import User
from apps.users.queries import system_user

AT_ONCE = 500


_PEOPLE = written_among(User.objects.order_by("pk"), "users_user.id")
_LOCK = written_among(
    ScreenedPerson.objects.select_related("user").select_for_update(of=("self",)).order_by("user_id"),
    "kyc_screenedperson.user_id",
)
_LOCK_HITS = written_among(ScreeningHit.objects.select_for_update().order_by("pk"), "kyc_screeninghit.user_id")


def screen_people(user_ids: Iterable[int], *, at: datetime) -> int:
    """Compare these people with all lists in force. Answers how many hits were opened or woken."""
    opened = 0
    for some in _chunks(sorted(set(user_ids))):
        with transaction.atomic():
            people = _kept(some, at)
            opened += _screen(people, at, since=None)
    return opened


def screen_version(version: ListVersion, *, at: datetime) -> int:
    """Compare everybody with what one version of a list brought, and let go of what it took away."""
    _let_go(version, at)
    opened, after = 0, 0
    while some := list(
        ScreenedPerson.objects.filter(user_id__gt=after).order_by("user_id").values_list("user_id", flat=True)[:AT_ONCE]
    ):
        with transaction.atomic():
            people = dict(_locked(some))
            opened += _screen(people, at, since=version.pk)
        after = some[-1]
    return opened


def screen_changed(*, at: datetime) -> str:
    """Screen who joined or changed since they were screened, and wake what slept long enough. For each night."""
    screened = ScreenedPerson.objects.filter(user_id=OuterRef("pk")).values("screened_at")
    people = User.objects.screened().annotate(screened=Subquery(screened))
    due = people.filter(Q(screened=None) | Q(screened__lt=F("updated_at"))).values_list("pk", flat=True)
    opened = screen_people(due, at=at)
    count_words()
    return f"{opened} hits opened, {wake(at=at)} woken"


def wake(*, at: datetime) -> int:
    """Open what was cleared long ago: what was true then may not be. Each by itself, with its event."""
    slept = ScreeningHit.objects.filter(status=ScreeningStatus.CLEARED, sleeps_until__lte=at)
    return sum(_woken(pk, at) for pk in slept.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _woken(pk: int, at: datetime) -> bool:
    hits = ScreeningHit.objects.select_for_update().filter(status=ScreeningStatus.CLEARED, sleeps_until__lte=at)
    hit = hits.filter(pk=pk).first()
    return hit is not None and _open(hit, "It was cleared long ago", at)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _kept(user_ids: Sequence[int], at: datetime) -> dict[int, User]:
    """The people, their names kept as they are now, and locked: who screens them next waits."""
    rows = []
    for user in _PEOPLE.rows(among=arrays.numbers(user_ids)):
        read = names.read(user.full_name)
        rows.append(
            ScreenedPerson(
                user=user, print=_print(user), words=read.words, keys=sorted(names.keys(read)), screened_at=at
            )
        )
    ScreenedPerson.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user"], update_fields=["print", "words", "keys", "screened_at"]
    )
    return dict(_locked(user_ids))


def _locked(user_ids: Sequence[int]) -> Iterator[tuple[int, User]]:
    for row in _LOCK.rows(among=arrays.numbers(user_ids)):
        yield row.user_id, row.user


def _print(user: User) -> str:
    return hashlib.sha256(f"{user.full_name}/{user.date_of_birth}".encode()).hexdigest()


def _screen(people: dict[int, User], at: datetime, since: int | None) -> int:
    listed, weight = alike(list(people), since)
    known: dict[int, dict[tuple[int, str], ScreeningHit]] = {}
    for hit in _LOCK_HITS.rows(among=arrays.numbers(people)):
        known.setdefault(hit.user_id, {})[hit.watch_list_id, hit.uid] = hit
    return sum(
        _screen_one(user, listed.get(pk, []), weight, known.get(pk, {}), at, is_whole=since is None)
        for pk, user in people.items()
    )


def _screen_one(
    user: User,
    listed: list[ListedName],
    weight: Weight,
    known: dict[tuple[int, str], ScreeningHit],
    at: datetime,
    *,
    is_whole: bool,
) -> int:
    born = date.fromisoformat(str(user.date_of_birth)) if user.date_of_birth else None
    found = best_of(names.read(user.full_name), born, listed, weight)
    opened = sum(_keep(user, each, known, at) for each in found)
    alike_still = {(each.party.watch_list_id, each.party.uid) for each in found}
    for pair, hit in known.items():
        if is_whole and hit.status == ScreeningStatus.OPEN and pair not in alike_still:
            _gone(hit, "The names are no longer alike", at)
    return opened


def _keep(user: User, found: Found, known: dict[tuple[int, str], ScreeningHit], at: datetime) -> bool:
    """Keep one pair. Answers whether a person must look now who need not before."""
    party, now_is = found.party, _facts(found, user)
    hit = known.get((party.watch_list_id, party.uid))
    if hit is None:
        hit = ScreeningHit.objects.create(user=user, watch_list=party.watch_list, uid=party.uid, found_at=at, **now_is)
        known[party.watch_list_id, party.uid] = hit
        return _told(hit, "Found", at)
    is_same = (hit.user_print, hit.party_print) == (now_is["user_print"], now_is["party_print"])
    ScreeningHit.objects.filter(pk=hit.pk).update(**now_is)
    for name, value in now_is.items():
        setattr(hit, name, value)
    if hit.status == ScreeningStatus.GONE or (hit.status == ScreeningStatus.CLEARED and not is_same):
        return _open(hit, "One of the two has changed", at)
    return False


def _facts(found: Found, user: User) -> dict[str, object]:
    pairs = [[pair.ours, pair.listed, pair.alike] for pair in found.match.pairs]
    return {
        "party": found.party,
        "listed_name": found.listed_name,
        "score": found.match.score,
        "birth": found.match.birth.value,
        "pairs": pairs,
        "user_print": _print(user),
        "party_print": found.party.print,
    }


def _open(hit: ScreeningHit, why: str, at: datetime) -> bool:
    HIT.make(hit, ScreeningStatus.OPEN, found_at=at, decided_by=None, decided_at=None, reason="", sleeps_until=None)
    return _told(hit, why, at)


def _told(hit: ScreeningHit, why: str, at: datetime) -> bool:
    _write_down(hit, ScreeningStatus.OPEN, why, at)
    events.publish(ScreeningHitFound(hit_id=hit.pk, user_id=hit.user_id))
    return True


def _gone(hit: ScreeningHit, why: str, at: datetime) -> None:
    HIT.make(hit, ScreeningStatus.GONE)
    _write_down(hit, ScreeningStatus.GONE, why, at)


def _write_down(hit: ScreeningHit, became: str, why: str, at: datetime) -> None:
    ScreeningDecision.objects.create(hit=hit, became=became, reason=why, by=system_user(), at=at, score=hit.score)


@transaction.atomic
def _let_go(version: ListVersion, at: datetime) -> None:
    """Who is no longer listed needs no look any more; what was confirmed stays for a person to see."""
    current = ListedParty.objects.filter(watch_list=OuterRef("watch_list"), uid=OuterRef("uid"), until=None)
    hits = ScreeningHit.objects.filter(watch_list=version.watch_list, status=ScreeningStatus.OPEN)
    for hit in hits.annotate(still=Subquery(current.values("pk")[:1])).filter(still=None).order_by("pk"):
        _gone(hit, "They are no longer on the list", at)
