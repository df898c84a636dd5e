"""Who may make, see and decide batches of payments, and who may act for a shop."""

from django.utils.translation import gettext_lazy as _

from apps.accounts import mandates
from apps.accounts.models import Account
from apps.kernel.errors import DomainError, NotAllowed, NotFound
from apps.kernel.money import Money
from apps.payments.errors import NotASignatory, SecondPersonNeeded
from apps.payments.models import BulkPayment, BulkSignature, Eyes, Merchant
from apps.users.models import BusinessKind, BusinessMember, BusinessProfile, BusinessRole, User
from apps.users.policies import may_sign_for, role_in
from apps.users.queries import business_of

BULK_PAY = "payments.bulk_pay"
_SIGNS = (BusinessRole.OWNER, BusinessRole.SIGNATORY)


def require_may_bring(who: User, *, business: BusinessProfile | None, account: Account) -> None:
    """A business pays from its own account, by whom its mandate names, or from one of an owner; a person from theirs,
    staff from the bank's own.

    Raises NotFound for what is not theirs to see, NotAllowed for what is.
    """
    if not who.is_active:
        raise NotAllowed(_("This profile cannot be used now."))
    if business is not None:
        _require_signs(who, business)
        _require_its(account, business)
        if account.owner_id == business.party_id:
            _require_named(who, account)
    elif account.owner.is_service:
        if not who.has_perm(BULK_PAY):
            raise NotFound(_("There is no such account, or it is not yours."))
    elif account.owner_id != who.pk:
        raise NotFound(_("There is no such account, or it is not yours."))


def require_may_act(who: User, bulk: BulkPayment) -> None:
    """Change or submit it: who signs for its owner. Raises NotFound, NotAllowed (a viewer)."""
    if not who.is_active:
        raise NotAllowed(_("This profile cannot be used now."))
    if bulk.business is not None:
        _require_signs(who, bulk.business)
    elif bulk.customer_id is not None:
        if bulk.customer_id != who.pk:
            raise NotFound(_("There is no such batch, or it is not yours."))
    elif not who.has_perm(BULK_PAY):
        raise NotFound(_("There is no such batch, or it is not yours."))


def require_may_submit(who: User, bulk: BulkPayment) -> None:
    """Ask for it to be paid: of an account of the business, whom its mandate names, for asking is signing.

    Raises as `require_may_act`; NotASignatory, NoMandate, TooFewSign.
    """
    require_may_act(who, bulk)
    if is_of_business(bulk):
        _require_named(who, bulk.from_account)


def require_may_decide(who: User, bulk: BulkPayment) -> None:
    """Another member than its maker, who signs for the business; and of the two, one holds the account.

    Whoever is asked to allow that money leaves an account must not be able to do so behind its holder's back.
    Raises NotFound, NotAllowed.
    """
    require_may_act(who, bulk)
    if bulk.eyes != Eyes.MEMBERS:
        raise NotAllowed(_("This batch is not decided here."))
    if who.pk in {bulk.submitted_by_id, bulk.made_by_id}:
        raise NotAllowed(_("Another member must decide what you made. Nothing was paid."))
    if is_of_business(bulk):
        _require_named(who, bulk.from_account)
    elif bulk.from_account.owner_id not in {who.pk, bulk.submitted_by_id}:
        raise NotAllowed(_("The holder of the account must make or approve it. Nothing was paid."))


def eyes_of(bulk: BulkPayment, maker: User) -> Eyes:
    """Who must look besides `maker`. Raises SecondPersonNeeded when nobody can.

    A person, or a sole trader with nobody else who signs, pays what is theirs: there is nobody to protect it from, and
    proving twice that it is them would not make them two. They pay alone, within the limits of their tier. A company,
    partnership or group always needs two.
    """
    if bulk.is_of_the_bank:
        return Eyes.BANK
    if bulk.business is None:
        return Eyes.OWN
    if others(bulk, maker):
        return Eyes.MEMBERS
    own = bulk.from_account.owner_id == maker.pk or (is_of_business(bulk) and signatures_for(bulk) == 1)
    if bulk.business.kind == BusinessKind.SOLE and own:
        return Eyes.OWN
    raise SecondPersonNeeded(
        _("Nobody else can approve for this business. No money moved. Invite another owner or signatory first.")
    )


def others(bulk: BulkPayment, maker: User) -> list[User]:
    """Who could approve what `maker` asks for: whom the mandate names, or of the two, one holds the account."""
    rows = BusinessMember.objects.filter(business=bulk.business, left_at=None, role__in=_SIGNS).select_related("user")
    signers = [row.user for row in rows if row.user_id not in {maker.pk, bulk.made_by_id} and row.user.is_active]
    if is_of_business(bulk):
        named = mandates.asked_for(bulk.from_account, bulk.needed).signers
        return [one for one in signers if one in named]
    holder = bulk.from_account.owner_id
    return signers if maker.pk == holder else [one for one in signers if one.pk == holder]


def is_of_business(bulk: BulkPayment) -> bool:
    """Whether it is paid from an account that the business itself holds."""
    return bulk.business is not None and bulk.from_account.owner_id == bulk.business.party_id


def signatures_for(bulk: BulkPayment) -> int:
    """How many must sign, its maker among them: a batch always two, unless one alone stands behind the business."""
    return mandates.asked_for(bulk.from_account, bulk.needed).needed if is_of_business(bulk) else 2


def has_enough(bulk: BulkPayment, *, also: User | None = None) -> bool:
    """Whether as many have signed a batch as the mandate asks for: who asked for it, and those who allowed it since.

    Who does not sign for the business any more does not count; `also` counts as one who signed.
    """
    asked = mandates.asked_for(bulk.from_account, bulk.needed)
    signed = {bulk.submitted_by_id, *BulkSignature.objects.filter(bulk=bulk).values_list("user_id", flat=True)}
    if also is not None:
        signed.add(also.pk)
    return sum(one.pk in signed for one in asked.signers) >= asked.needed


def may_act(who: User, bulk: BulkPayment) -> bool:
    """As `require_may_act`, as an answer for pages."""
    try:
        require_may_act(who, bulk)
    except DomainError:
        return False
    return True


def may_decide(who: User, bulk: BulkPayment) -> bool:
    """As `require_may_decide`, as an answer for pages."""
    try:
        require_may_decide(who, bulk)
    except DomainError:
        return False
    return True


def require_may_open_shop(who: User, *, business: BusinessProfile | None, account: Account) -> None:
    """One's own shop, paid out into an own account; a business's by who signs, into an owner's.

    Raises NotFound for what is not theirs to see, NotAllowed for what is.
    """
    if not who.is_active:
        raise NotAllowed(_("This profile cannot be used now."))
    if business is not None:
        _require_signs(who, business)
        _require_its(account, business)
    elif account.owner_id != who.pk:
        raise NotFound(_("There is no such account, or it is not yours."))


def require_may_run_shop(who: User, merchant: Merchant) -> None:
    """Ask for amounts, take them back, give money back: its owner, or who signs for its business.

    Raises NotFound for others, NotAllowed for who may only look.
    """
    if not who.is_active:
        raise NotAllowed(_("This profile cannot be used now."))
    if merchant.business is not None:
        role = role_in(who, merchant.business)
        if role in _SIGNS:
            return
        if role is not None:
            raise NotAllowed(_("Only owners and signatories act for the shop. Nothing was done."))
    elif merchant.owner_id == who.pk:
        return
    raise NotFound(_("There is no such shop, or it is not yours."))


def require_may_give_back_from(who: User, account: Account, amount: Money) -> None:
    """What a shop was paid out is given back by the account's holder; of a business's own account by whom its mandate
    lets pay that much alone: running the shop gives nobody a right to an owner's account.

    Raises NotAllowed, NoMandate, TooFewSign.
    """
    if account.owner_id == who.pk:
        return
    asked = mandates.asked_for(account, amount) if business_of(account.owner) is not None else None
    if asked is None or who not in asked.signers:
        raise NotAllowed(
            _("This sale was paid out to an account that is not yours. No money moved. Its holder can give it back.")
        )
    if asked.needed > 1:
        raise NotAllowed(
            _("The mandate asks for several signatures. No money moved. Pay it back from the account itself.")
        )


def may_run_shop(who: User, merchant: Merchant) -> bool:
    """As `require_may_run_shop`, as an answer for pages."""
    try:
        require_may_run_shop(who, merchant)
    except (NotAllowed, NotFound):
        return False
    return True


def people_of(merchant: Merchant) -> list[int]:
    """Who stands behind a shop: its owner, or those who belong to its business."""
    if merchant.owner_id is not None:
        return [merchant.owner_id]
    members = BusinessMember.objects.filter(business_id=merchant.business_id, left_at=None)
    return list(members.values_list("user_id", flat=True))


def _require_its(account: Account, business: BusinessProfile) -> None:
    """An account of the business itself, or of one of its owners."""
    if account.owner_id != business.party_id and role_in(account.owner, business) != BusinessRole.OWNER:
        raise NotFound(_("There is no such account, or it is not an owner's of this business."))


def _require_named(who: User, account: Account) -> None:
    """Whom the mandate of the business names. Raises NotASignatory, NoMandate, TooFewSign."""
    if who not in mandates.asked_for(account, Money.zero(account.currency)).signers:
        raise NotASignatory(_("The mandate does not name you. Nothing was done."))


def _require_signs(who: User, business: BusinessProfile) -> None:
    if role_in(who, business) is None:
        raise NotFound(_("There is no such business, or you do not belong to it."))
    if not may_sign_for(who, business):
        raise NotAllowed(_("Only owners and signatories pay for the business. Nothing was done."))
