"""How much a word says: the rarer among listed names and customers, the more."""

import math
from collections.abc import Callable, Iterable, Mapping

from django.db import connection, transaction

from apps.kyc.models import ListedName, NameWord, ScreenedPerson

LEAST = 0.25
Weight = Callable[[str], float]
# Not TRUNCATE: who reads meanwhile sees the counts before.
_COUNT = """
INSERT INTO kyc_nameword (word, names)
SELECT word, count(*) FROM (
    SELECT DISTINCT n.party_id, word FROM kyc_listedname n
      JOIN kyc_listedparty p ON p.id = n.party_id AND p.until_id IS NULL, unnest(n.words) AS word
    UNION ALL
    SELECT DISTINCT -s.user_id, word FROM kyc_screenedperson s, unnest(s.words) AS word) AS each
GROUP BY word
"""


@transaction.atomic
def count_words() -> str:
    """Count in how many names each word is, listed and of customers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kyc.count_words'))")
        cursor.execute("DELETE FROM kyc_nameword")
        cursor.execute(_COUNT)
        return f"{cursor.rowcount} words"


def weights(words: Iterable[str]) -> Weight:
    """A weight from 0.25 to 1 for each of these words; a word nobody has weighs 1."""
    asked = set(words)
    if not asked:  # nothing to compare with: most who join are like nobody on a list
        return weigher({}, 0)
    counts = dict(NameWord.objects.filter(word__in=asked).values_list("word", "names"))
    names = ListedName.objects.filter(party__until=None).count() + ScreenedPerson.objects.count()
    return weigher(counts, names)


def weigher(counts: Mapping[str, int], names: int) -> Weight:
    """A weight by how many of so many names have a word."""
    most = math.log(names + 2)

    def weight(word: str) -> float:
        rare = math.log((names + 2) / (counts.get(word, 0) + 1)) / most
        return min(max(rare, LEAST), 1.0)

    return weight
