"""Linking in one call."""

from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.operations.link import address_of


def link(bank, there, user, at=None):
    begun = operations.begin_link(bank=bank, by=user, at=at or now())
    back = there.allow(address_of(begun))
    return operations.finish_link(**back, by=user, at=at or now(), address="41.80.1.9")
