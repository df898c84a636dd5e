"""Names of people and firms made comparable: script, order, titles, particles and legal forms aside."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Said before or after a name, and no part of it.
TITLES = _words(
    "mr mrs ms miss dr prof eng hon rev fr sr jr haj haji hajj hajji alhaj sheikh shaykh sheik mwalimu bi bwana "
    "general gen col colonel maj major capt captain lt sgt brig president minister ambassador"
)
# They join names and are written, left out and moved about at will.
PARTICLES = _words(
    "al el ul ar as ash at az an bin ibn ben bint binti binte wa wal wad ould oglu van von der den de da dos del "
    "della di la le du the of and arap ole"
)
# How a firm is set up: written, abbreviated and left out at will.
LEGAL_FORMS = _words(
    "ltd limited co company corp corporation inc incorporated llc llp plc gmbh ag sa sarl spa bv nv oy ab fze fzco "
    "fzc pty pte jsc ojsc pjsc ooo zao ao kg srl est"
)
# Words that many firms share: they alone never make a match.
GENERIC = _words(
    "establishment group holding holdings trading traders trade general international global enterprise enterprises "
    "services service industries industry industrial investment investments import export imports exports bank "
    "foundation fund organization organisation association society agency center centre shipping transport "
    "logistics construction technologies technology systems east west north south africa african kenya national "
    "united new"
)
# A servant of …: written in one word or two, with the article in any of its vowels.
_SERVANT = re.compile(r"abd(?:[aeiou]?l?|[iu]r)")
_ARABIC_ARTICLE = re.compile(r"\bال(?=\w{3})")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SIGNS = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"['`’ʼʿʾ´]")
_SOUNDS = (
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("t?sch", "s"),
        ("[ckq]h|ck|q", "k"),
        ("sh|zh|ts|tz|cz", "s"),
        ("ph|v", "f"),
        ("dj|dzh", "j"),
        ("gh|g(?=[ei])", "g"),
        ("th", "s"),  # Othman, Osman
        ("dh", "d"),
        ("^x", "s"),
        ("x", "ks"),
        ("c(?=[eiy])|z", "s"),
        ("c", "k"),
    )
)
SOUNDS = tuple(_SOUNDS)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a name: `text` in Latin letters, `skeleton` its consonants as they sound."""

    text: str
    skeleton: str
    is_bare: bool = False  # written in a script that leaves vowels out

    @property
    def is_initial(self) -> bool:
        """One letter for a name."""
        return len(self.text) == 1

    @property
    def is_generic(self) -> bool:
        """A word that says little of who bears it."""
        return self.text in GENERIC


@dataclass(frozen=True, slots=True)
class Run:
    """One word of a name, or two neighbours written as one: which words of it, by their places."""

    token: Token
    places: frozenset[int]


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared; `runs` are its words and its neighbours joined."""

    tokens: tuple[Token, ...]
    runs: tuple[Run, ...]

    @property
    def words(self) -> list[str]:
        """The words in Latin letters, in their order."""
        return [token.text for token in self.tokens]


@lru_cache(maxsize=65_536)
def read(text: str) -> Name:
    """A name in any script, cut into words without titles and particles."""
    text = unicodedata.normalize("NFKC", text)
    words: list[tuple[str, bool]] = []
    for piece in re.split(r"[\s\-‐-―.,;:/()\"&+]+", _ARABIC_ARTICLE.sub("", text)):
        is_bare = any(_leaves_vowels_out(letter) for letter in piece)
        latin = _APOSTROPHES.sub("", _CAMEL.sub(" ", anyascii(piece)))
        words += [(word, is_bare) for chunk in latin.lower().split() for word in _without_signs(chunk)]
    joined = _with_servants(_without(TITLES | LEGAL_FORMS, words))
    tokens = _without(PARTICLES, joined)
    made = tuple(Token(word, skeleton(word), is_bare) for word, is_bare in tokens)
    return Name(made, tuple(_runs(made)))


def _without_signs(chunk: str) -> list[str]:
    """The words of a chunk that was written with signs in it: `viktor_bout` is two, `v*ikt*or` is one. A sign takes no
    word out of the comparison, or a star would be enough to pass by.
    """
    parts = [part for part in _SIGNS.split(chunk) if part]
    is_one = any(len(part) < 3 and part not in PARTICLES for part in parts)
    return ["".join(parts)] if is_one else parts


def _runs(tokens: tuple[Token, ...]) -> Iterator[Run]:
    for at, token in enumerate(tokens):
        yield Run(token, frozenset([at]))
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if following and not token.is_initial and not following.is_initial:
            joined = token.text + following.text
            yield Run(Token(joined, skeleton(joined), token.is_bare or following.is_bare), frozenset([at, at + 1]))


def _without(said: frozenset[str], words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """What is left without these words, or all when nothing is. Bare consonants may look like a title: Omar is mr."""
    return [word for word in words if word[1] or word[0] not in said] or words


def _leaves_vowels_out(letter: str) -> bool:
    return "֐" <= letter <= "߿" or "ࢠ" <= letter <= "ࣿ"


def _with_servants(words: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """`abdul rahman`, `abd al-rahman` and `abdirahman` are one word."""
    made: list[tuple[str, bool]] = []
    waiting = False
    for word, is_bare in words:
        if waiting and word in PARTICLES:
            continue
        if waiting:
            made[-1] = (made[-1][0] + word, is_bare)
            waiting = False
            continue
        made.append((word, is_bare))
        waiting = bool(_SERVANT.fullmatch(word)) or (is_bare and word == "bd")
    return made


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """The consonants of a Latin word as they sound, doubled ones once: `mohammed` and `muhamad` are both `mhmd`."""
    if word.startswith("abd") and len(word) > 6:
        word = "bd" + _SERVANT.sub("", word, count=1)
    for pattern, sound in SOUNDS:
        word = pattern.sub(sound, word)
    bones = re.sub(r"[aeiouyw]", "", word.rstrip("h"))
    return re.sub(r"(.)\1+", r"\1", bones) or word[:1]


def keys(name: Name) -> set[str]:
    """What two spellings of one name are likely to share, for a first cut by an index.

    Each word's skeleton, those of two neighbours written as one, and with one letter left out: two words one letter
    apart have such a key in common.
    """
    words = [token for token in name.tokens if not token.is_generic and not token.is_initial] or list(name.tokens)
    bones = {token.skeleton for token in words} | {run.token.skeleton for run in name.runs if len(run.places) > 1}
    less = {bone[:nth] + bone[nth + 1 :] for bone in bones if len(bone) > 3 for nth in range(len(bone))}
    return bones | less
