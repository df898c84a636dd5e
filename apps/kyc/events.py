"""What kyc tells the floors above."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TierChanged(Event):
    """A customer has another tier."""

    name = "kyc.tier.changed"
    user_id: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchListLoaded(Event):
    """A list has a new version."""

    name = "kyc.watch_list.loaded"
    version_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningHitFound(Event):
    """A customer may be on a list; told once when found, and each time it wakes."""

    name = "kyc.screening.hit"
    hit_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningConfirmed(Event):
    """A customer is on a list; told once more when a business names them afterwards."""

    name = "kyc.screening.confirmed"
    hit_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningCleared(Event):
    """A customer is somebody else than the one on the list."""

    name = "kyc.screening.cleared"
    hit_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUploaded(Event):
    """A customer brought a part of a paper."""

    name = "kyc.document.uploaded"
    document_id: int
    user_id: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVerified(Event):
    """An officer found a part in order."""

    name = "kyc.document.verified"
    document_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRejected(Event):
    """An officer did not accept a part."""

    name = "kyc.document.rejected"
    document_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpired(Event):
    """A checked paper is no longer valid."""

    name = "kyc.document.expired"
    document_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationSubmitted(Event):
    """A customer handed papers in."""

    name = "kyc.verification.submitted"
    workflow_id: int
    user_id: int
