"""Who may do what with an account."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account, Till, Transaction
from apps.fx import queries as fx
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.kyc.models import BusinessPerson, ScreeningHit, ScreeningStatus, WatchListKind
from apps.ledger.operations.ask_reversal import REVERSAL
from apps.users.models import StaffMember, User
from apps.users.policies import may_sign_for, require_unconnected, role_in
from apps.users.queries import business_of


def require_may_manage(who: User, account: Account) -> None:
    """The holder, for a business who signs for it; or staff with the right, on an account that is not theirs.

    Raises NotFound, NotAllowed.
    """
    if not who.is_active:
        raise NotAllowed(_("This profile cannot be used now."))
    if holds(who, account):
        return
    business = business_of(account.owner)
    if business is not None and role_in(who, business) is not None:
        raise NotAllowed(_("Only owners and signatories act for the business. Nothing was done."))
    if not who.has_perm("accounts.freeze_account"):
        raise NotFound(_("There is no such account, or it is not yours."))
    require_unconnected(who, account.owner)


def holds(who: User, account: Account) -> bool:
    """Whether an account is a person's, or of a business they sign for."""
    if who.pk == account.owner_id:
        return True
    business = business_of(account.owner)
    return business is not None and may_sign_for(who, business)


def require_not_sanctioned(owner: User) -> None:
    """Nobody who was found to be on a sanctions list, nor a business that such a person directs or owns: what they had
    was frozen when it was found, and a new account would not be. Says no more than that. Raises NotAllowed.
    """
    behind = BusinessPerson.objects.present().filter(business__party=owner).values("who")
    hits = ScreeningHit.objects.filter(Q(user=owner) | Q(user__in=behind), watch_list__kind=WatchListKind.SANCTIONS)
    if hits.filter(status=ScreeningStatus.CONFIRMED).exists():
        raise NotAllowed(_("This account cannot be opened now. Nothing was done."))


def require_may_take_cash(who: User, account: Account, till: Till) -> None:
    """A teller at their own till, on someone else's account. Raises NotAllowed."""
    if not who.is_active or not who.has_perm("accounts.take_cash"):
        raise NotAllowed(_("You do not hold the right to take cash."))
    if till.teller_id != who.pk:
        raise NotAllowed(_("That is another teller's till."))
    if account.owner_id == who.pk:
        raise NotAllowed(_("Another teller must serve you."))
    require_unconnected(who, account.owner)


def own_limit(who: User) -> Money:
    """Up to how much in shillings a member of staff may decide alone."""
    staff = StaffMember.objects.filter(user=who).first()
    return staff.approval_limit if staff else Money.zero("KES")


def require_not_ones_own(who: User, account: Account) -> None:
    """Nobody decides on money of their own, nor of whom they are connected with. Raises NotAllowed, Connected."""
    if account.owner_id == who.pk:
        raise NotAllowed(_("No one decides on their own account."))
    require_unconnected(who, account.owner)


def require_uninvolved_in_reversal(who: User, approval: Approval) -> None:
    """Neither who asked nor who decides reverses what went over an account of theirs, nor more than they may decide.

    Raises NotAllowed, Connected, RatesStale.
    """
    if approval.kind != REVERSAL:
        return
    touched = Transaction.objects.filter(transfer_id=approval.payload["transfer"]).values("account")
    for account in Account.objects.filter(pk__in=touched).select_related("owner"):
        for person in (approval.maker, who):
            require_not_ones_own(person, account)
    require_within_own_limit(who, approval)


def require_within_own_limit(who: User, approval: Approval) -> None:
    """Within the approver's own limit, another currency at its middle rate. Raises NotAllowed, RatesStale."""
    if approval.amount is not None and fx.in_home(approval.amount, now()) > own_limit(who):
        raise NotAllowed(_("The amount is over your own approval limit. Nothing was decided; pass it on."))
