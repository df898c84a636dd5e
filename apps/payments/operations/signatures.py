"""What payments and orders of a business have alike while they wait: whose they are, who signs, who says no."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from apps.accounts import mandates
from apps.accounts.models import Account
from apps.kernel import live
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.money import Money
from apps.payments.errors import NotASignatory, PaymentExpired
from apps.payments.models import JointOrder, JointPayment
from apps.users.models import BusinessProfile, User
from apps.users.queries import business_of

WAITS = timedelta(hours=72)


def held(business_id: int) -> BusinessProfile:
    """The business, held until the transaction ends: who belongs to it, and its mandate, do not change meanwhile. One
    that was closed, too: what still waits for its signatures lapses all the same.
    """
    return BusinessProfile.objects.select_for_update(of=("self",)).select_related("party").get(pk=business_id)


def require_signatory(by: User, account: Account, amount: Money | None) -> BusinessProfile:
    """The business that holds the account, for whom its mandate names.

    Raises NotFound, NotAllowed, NotASignatory, NoMandate, TooFewSign.
    """
    mandates.require_may_operate(by, account)
    require_names(by, account, amount or Money.zero(account.currency))
    business = business_of(account.owner)
    if business is None:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    return business


def require_names(by: User, account: Account, amount: Money) -> mandates.Asked:
    """What the mandate asks for this amount, for whom it names. Raises NotASignatory, NoMandate, TooFewSign."""
    asked = mandates.asked_for(account, amount)
    if by not in asked.signers:
        raise NotASignatory(_("The mandate does not name you. Nothing was done."))
    return asked


def require_theirs(by: User, row: JointPayment | JointOrder) -> None:
    """Of a business one belongs to. Raises NotFound."""
    if not by.is_active or not type(row).objects.visible_to(by).filter(pk=row.pk).exists():
        raise NotFound(_("There is no such payment, or it is not yours."))


def signs_by_mandate(who: User, business: BusinessProfile) -> bool:
    """Named by the mandate in force, and signing for the business still."""
    by = mandates.signing_of(business)
    return by is not None and who in by.signers


def require_signs(by: User, business: BusinessProfile) -> None:
    """As `signs_by_mandate`. Raises NotASignatory."""
    if not signs_by_mandate(by, business):
        raise NotASignatory(_("The mandate does not name you. Nothing was done."))


def require_waiting(row: JointPayment | JointOrder, at: datetime) -> None:
    """Raises IllegalMove, PaymentExpired."""
    if row.status != "WAITING":
        raise IllegalMove(_("This payment is not waiting for signatures any more. Look at it again."))
    if row.expires_at <= at:
        raise PaymentExpired(_("It was not signed in time, so nothing was sent. Start the payment again."))


def require_says_why(row: JointPayment | JointOrder, by: User, reason: str) -> None:
    """Who turns down what another wrote says why. Raises NotAllowed."""
    if row.status == "WAITING" and by.pk != row.made_by_id and not reason.strip():
        raise NotAllowed(_("Say why: whoever made it reads your reason."))


def tell_members(business: BusinessProfile) -> None:
    """Open pages of those who sign for it look again."""
    for member in mandates.may_be_named(business):
        live.tell(member.pk)
