"""Tiers and what they may do, lists of the watched, and who may be on them."""

from apps.kyc.models.screening import (
    ListedName,
    ListedParty,
    ListVersion,
    NameWord,
    PartyKind,
    ScreenedPerson,
    ScreeningDecision,
    ScreeningHit,
    ScreeningStatus,
    WatchList,
    WatchListKind,
)
from apps.kyc.models.tiers import LimitKind, TierLimit

__all__ = [
    "LimitKind",
    "ListVersion",
    "ListedName",
    "ListedParty",
    "NameWord",
    "PartyKind",
    "ScreenedPerson",
    "ScreeningDecision",
    "ScreeningHit",
    "ScreeningStatus",
    "TierLimit",
    "WatchList",
    "WatchListKind",
]
