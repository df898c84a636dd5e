"""Who may do what with an account."""

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account, Till
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.models import Approval
from apps.users.models import StaffMember, User
from apps.users.policies import require_unconnected


def require_may_manage(who: User, account: Account) -> None:
    """The holder; or staff with the right, on an account that is not theirs. Raises NotFound, NotAllowed."""
    if not who.is_active:
        raise NotAllowed(_("This profile cannot be used now."))
    if who.pk != account.owner_id and not who.has_perm("accounts.freeze_account"):
        raise NotFound(_("There is no such account, or it is not yours."))
    if who.pk != account.owner_id:
        require_unconnected(who, account.owner)


def require_may_take_cash(who: User, account: Account, till: Till) -> None:
    """A teller at their own till, on someone else's account. Raises NotAllowed."""
    if not who.is_active or not who.has_perm("accounts.take_cash"):
        raise NotAllowed(_("You do not hold the right to take cash."))
    if till.teller_id != who.pk:
        raise NotAllowed(_("That is another teller's till."))
    if account.owner_id == who.pk:
        raise NotAllowed(_("Another teller must serve you."))
    require_unconnected(who, account.owner)


def require_may_approve_cash(who: User, approval: Approval) -> None:
    """Within the approver's own limit. Raises NotAllowed."""
    staff = StaffMember.objects.filter(user=who).first()
    limit = staff.approval_limit_minor if staff else 0
    if (approval.amount_minor or 0) > limit:
        raise NotAllowed(_("The amount is over your own approval limit."))
