"""Knowing a business: begun, its people named, handed in, begun anew when it changes."""

from apps.kyc.operations.business.people import Person, change_person, name_person, remove_person
from apps.kyc.operations.business.verify import bring_paper, hand_in, live_of, start
from apps.kyc.operations.papers.reopen import changed_itself, lower_when_hit

__all__ = [
    "Person",
    "bring_paper",
    "change_person",
    "changed_itself",
    "hand_in",
    "live_of",
    "lower_when_hit",
    "name_person",
    "remove_person",
    "start",
]
