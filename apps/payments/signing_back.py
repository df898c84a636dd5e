"""How far a business is with answering another bank: for pages and the API, which show the same."""

from dataclasses import dataclass

from apps.accounts import mandates
from apps.payments.models import AskedBack, AskedBackStatus
from apps.users.models import User
from apps.users.queries import business_of


@dataclass(frozen=True, slots=True)
class SigningBack:
    """Of which business, who has signed, how many must (None when too few are left, or it is over), and who may."""

    business: str
    signed: tuple[User, ...]
    needed: int | None
    signers: tuple[User, ...]

    def waits_for(self, person: User) -> bool:
        """Whether this person's signature would count and is not there."""
        return person in self.signers and person not in self.signed


def signing_back(asked: AskedBack) -> SigningBack | None:
    """None for a person's own money, which they send back alone."""
    row = asked.incoming
    business = business_of(row.account.owner) if row is not None and row.account is not None else None
    if row is None or business is None:
        return None
    signed = tuple(one.user for one in asked.signatures.all())
    by = mandates.signing_of(business) if asked.status == AskedBackStatus.ASKED else None
    if by is None:
        return SigningBack(business.name, signed, None, ())
    needed = by.needed(row.amount)
    return SigningBack(business.name, signed, needed if needed <= len(by.signers) else None, by.signers)
