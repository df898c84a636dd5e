"""What a mandate says now: who may sign, how many must, and whom a new one still waits for."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.accounts import signing
from apps.accounts.errors import NoMandate, TooFewSign
from apps.accounts.models import Account, Mandate, MandateStatus
from apps.fx import queries as fx
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.money import Money
from apps.kyc.queries import people_of
from apps.users.models import BusinessMember, BusinessProfile, BusinessRole, User
from apps.users.policies import may_sign_for, role_in
from apps.users.queries import business_of

_SIGNS = (BusinessRole.OWNER, BusinessRole.SIGNATORY)


def may_be_named(business: BusinessProfile) -> list[User]:
    """Owners and signatories who belong to it now and may use the bank."""
    rows = BusinessMember.objects.filter(business=business, left_at=None, role__in=_SIGNS).select_related("user")
    return [row.user for row in rows.order_by("pk") if row.user.is_active]


def in_force(business: BusinessProfile) -> Mandate | None:
    """The mandate of a business, whole."""
    return Mandate.objects.whole().filter(business=business, status=MandateStatus.IN_FORCE).first()


def waiting(business: BusinessProfile) -> Mandate | None:
    """The one that waits for signatures, whole."""
    return Mandate.objects.whole().filter(business=business, status=MandateStatus.WAITING).first()


def signers(mandate: Mandate) -> list[User]:
    """Whom it names and who still sign for the business."""
    named = set(mandate.named)
    return [one for one in may_be_named(mandate.business) if one.pk in named]


@dataclass(frozen=True, slots=True)
class Waits:
    """Whom a proposed mandate waits for: `names` must each sign, and `more` of `among` besides."""

    names: tuple[User, ...] = ()
    more: int = 0
    among: tuple[User, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names) or self.more > 0

    @property
    def is_stuck(self) -> bool:
        """Whether too few are left to sign it at all."""
        return self.more > len(self.among)


def waits_for(mandate: Mandate) -> Waits:
    """Whose signatures a proposed mandate lacks; see `operations.sign_mandate` for who must.

    A director or owner who does not sign for the business any more cannot give theirs: then two officers decide.
    """
    signed = {row.user_id for row in mandate.signatures.all()}
    here = may_be_named(mandate.business)
    before = in_force(mandate.business)
    if before is None:
        owners = {
            row.user_id
            for row in BusinessMember.objects.filter(business=mandate.business, left_at=None, role=BusinessRole.OWNER)
        }
        directors = {one.who_id for one in people_of(mandate.business) if one.is_director and one.banks_here}
        must = {*mandate.named, *owners, *directors}
        gone = must - {one.pk for one in here}
        return Waits(tuple(one for one in here if one.pk in must - signed), len(gone))
    anew = set(mandate.named) - set(before.named)
    old = signers(before)
    more = signing.strictest(before.rules, len(before.named)) - sum(one.pk in signed for one in old)
    return Waits(
        tuple(one for one in here if one.pk in anew - signed),
        max(more, 0),
        tuple(one for one in old if one.pk not in signed),
    )


@dataclass(frozen=True, slots=True)
class Signing:
    """A mandate in force and who signs by it now."""

    mandate: Mandate
    signers: tuple[User, ...]

    def needed(self, amount: Money) -> int:
        """How many signatures an amount needs, another currency at its middle rate: bands are in shillings.

        Raises RatesStale.
        """
        return signing.needed(self.mandate.rules, fx.in_home(amount, now()).minor, len(self.mandate.named))


def signing_of(business: BusinessProfile) -> Signing | None:
    """How a business signs now; None before a mandate is in force."""
    mandate = in_force(business)
    return Signing(mandate, tuple(signers(mandate))) if mandate else None


@dataclass(frozen=True, slots=True)
class Asked:
    """How many signatures an amount needs, and who may give them."""

    needed: int
    signers: tuple[User, ...]


def asked_for(account: Account, amount: Money) -> Asked:
    """What leaves a business account needs this. Raises NoMandate, TooFewSign, RatesStale."""
    business = business_of(account.owner)
    by = signing_of(business) if business else None
    if by is None:
        raise NoMandate(_("Nobody has said who may pay from this account. No money moved. Set a mandate first."))
    needed = by.needed(amount)
    if needed > len(by.signers):
        raise TooFewSign(
            _("Somebody whom the mandate names has left, so too few can sign. No money moved. Change the mandate.")
        )
    return Asked(needed, by.signers)


def unfreezing(account: Account) -> Asked | None:
    """How many let go of what another froze, and who may: as many as the hardest band asks for, as it frees any amount.

    None for people's own accounts and before a mandate is in force.
    """
    business = business_of(account.owner)
    by = signing_of(business) if business else None
    if by is None:
        return None
    return Asked(signing.strictest(by.mandate.rules, len(by.mandate.named)), by.signers)


def require_may_operate(who: User, account: Account) -> None:
    """Who signs for the business that holds the account. Raises NotFound for others, NotAllowed for viewers."""
    business = business_of(account.owner)
    if business is None or role_in(who, business) is None:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    if not who.is_active or not may_sign_for(who, business):
        raise NotAllowed(_("Only owners and signatories pay for the business. Nothing was done."))
