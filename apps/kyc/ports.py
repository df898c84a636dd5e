"""Who else is asked about a paper: a reader of print, a comparer of faces, the registries of people and businesses.

Each has an honest default that answers "a person must look". None of them is ever called inside a transaction, and
none that is silent or cannot be read makes anything pass.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """How alike two faces are and how surely somebody living took the photo, each 0 to 1; None: not judged."""

    alike: float | None = None
    living: float | None = None


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """What a registry has under a number; empty name: nobody."""

    full_name: str = ""
    born_on: date | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class RegisteredPerson:
    """A director, partner, official or owner as a registrar has them; the number of their paper where it is told."""

    full_name: str
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class BusinessAnswer:
    """What a registrar has under a registration number; empty name: nothing. `kind` is one of BusinessKind."""

    name: str = ""
    kind: str = ""
    is_active: bool = False
    people: tuple[RegisteredPerson, ...] = ()
    reference: str = ""


class BadAnswer(ValueError):
    """The registry answered something that cannot be read; the message says what."""


class Reader(Protocol):
    """Reads print on a picture."""

    name: str

    def read(self, picture: bytes) -> str | None:
        """The text on it, or None when a person must read it."""


class Faces(Protocol):
    """Compares faces."""

    name: str

    def compare(self, selfie: bytes, paper: bytes) -> FaceAnswer:
        """How alike they are."""


class Registry(Protocol):
    """A register of people."""

    name: str

    def is_set_up(self) -> bool:
        """Whether the bank has a key for it."""

    def ask(self, kind: str, number: str) -> RegistryAnswer:
        """Who has this number. Raises BadAnswer, ProviderResting, NotReached, NoAnswer."""


class BusinessRegistry(Protocol):
    """A register of businesses."""

    name: str

    def is_set_up(self) -> bool:
        """Whether the bank has a key for it."""

    def ask(self, number: str) -> BusinessAnswer:
        """Which business has this number. Raises BadAnswer, ProviderResting, NotReached, NoAnswer."""


class ByPerson:
    """The default: nothing is judged by machine."""

    name = "person"

    def read(self, picture: bytes) -> str | None:
        """Left to a person."""
        return None

    def compare(self, selfie: bytes, paper: bytes) -> FaceAnswer:
        """Left to a person."""
        return FaceAnswer()


_readers: list[Reader] = [ByPerson()]
_faces: list[Faces] = [ByPerson()]
_registries: list[Registry] = []
_business_registries: list[BusinessRegistry] = []


def register(
    *,
    reader: Reader | None = None,
    faces: Faces | None = None,
    registry: Registry | None = None,
    business_registry: BusinessRegistry | None = None,
) -> None:
    """Declare one; a later one takes its place. Called in `AppConfig.ready()`."""
    if reader:
        _readers.append(reader)
    if faces:
        _faces.append(faces)
    if registry:
        _registries.append(registry)
    if business_registry:
        _business_registries.append(business_registry)


def reader() -> Reader:
    """The one that reads."""
    return _readers[-1]


def faces() -> Faces:
    """The one that compares."""
    return _faces[-1]


def registry() -> Registry:
    """The one that is asked."""
    return _registries[-1]


def business_registry() -> BusinessRegistry:
    """The one that is asked of businesses."""
    return _business_registries[-1]
