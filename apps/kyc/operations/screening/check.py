"""Comparing names with the lists in force."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.kyc.models import ListedName, ListedParty, WatchListKind
from apps.kyc.operations.screening.weights import Weight, weights
from apps.kyc.rules import matching, names
from apps.kyc.rules.matching import Birth, Born, Match
from apps.kyc.rules.names import Name


@dataclass(frozen=True, slots=True)
class Found:
    """A listed party that a name may be, by which of its names, and how alike they are."""

    party: ListedParty
    listed_name: str
    match: Match


# The names that share a key with each of these people; `since` narrows to what one version brought.
_ALIKE = """
SELECT s.user_id, n.id
  FROM kyc_screenedperson s
  JOIN kyc_listedname n ON n.keys && s.keys
  JOIN kyc_listedparty p ON p.id = n.party_id AND p.until_id IS NULL
 WHERE s.user_id = ANY(%s) AND (%s::bigint IS NULL OR p.since_id = %s)
"""


def check_name(name: str, *, born: date | None = None) -> list[Found]:
    """Who on the lists in force somebody may be, the likeliest first. Writes nothing."""
    ours = names.read(name)
    there = ListedName.objects.filter(party__until=None, keys__overlap=sorted(names.keys(ours)))
    listed = list(there.select_related("party__watch_list"))
    weight = weights([*ours.words, *(word for row in listed for word in row.words)])
    return best_of(ours, born, listed, weight)


def may_be_sanctioned(name: str) -> bool:
    """Whether somebody outside the bank may be on a sanctions list in force, by their name alone. Writes nothing."""
    return any(found.party.watch_list.kind == WatchListKind.SANCTIONS for found in check_name(name))


def alike(people: Sequence[int], since: int | None = None) -> tuple[dict[int, list[ListedName]], Weight]:
    """For each of these people the listed names worth a comparison, in two queries, and how much their words say."""
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, [list(people), since, since])
        pairs = cursor.fetchall()
    listed = {
        row.pk: row
        for row in ListedName.objects.filter(pk__in={name for _user, name in pairs}).select_related("party__watch_list")
    }
    found: dict[int, list[ListedName]] = {}
    for user, name in pairs:
        found.setdefault(user, []).append(listed[name])
    return found, weights(word for row in listed.values() for word in row.words)


def best_of(ours: Name, born: date | None, listed: Iterable[ListedName], weight: Weight) -> list[Found]:
    """Each party once, by the name of it that is most alike, when that is a hit."""
    best: dict[int, Found] = {}
    for row in listed:
        found = matching.match(ours, names.read(row.text), weight=weight, born=born, births=births_of(row.party))
        if row.is_weak and found.birth not in (Birth.SAME, Birth.NEAR):
            continue  # its publisher says that such a name alone says nothing
        if found.is_hit and (row.party_id not in best or best[row.party_id].match.score < found.score):
            best[row.party_id] = Found(row.party, row.text, found)
    return sorted(best.values(), key=lambda each: -each.match.score)


def births_of(party: ListedParty) -> list[Born]:
    """What a list knows of a party's birth."""
    return [
        Born(one["year"], date.fromisoformat(one["on"]) if one["on"] else None, one["give_or_take"])
        for one in party.births
    ]
