"""Letting go of an account that a business froze: whoever froze it, or as many as its mandate asks for the most.

Freezing takes one, so that whoever sees a thief stops them. Were one enough to let go, the thief among the signatories
would undo it in the next second; so one alone undoes only what they did themself.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.accounts import mandates
from apps.accounts.errors import TooFewSign
from apps.accounts.models import Account, UnfreezeSignature
from apps.audit_trail import operations as audit_trail
from apps.kernel import live
from apps.kernel.errors import NotAllowed
from apps.users.models import User


def is_agreed(account: Account, by: User, at: datetime) -> bool:
    """Note that `by` agrees, and whether that is enough now, within the caller's locks of business and account.

    Before a mandate is in force nothing can leave anyway, and one is enough. Raises NotAllowed for whom the mandate
    does not name, TooFewSign.
    """
    asked = mandates.unfreezing(account)
    if asked is None or account.frozen_by_id == by.pk:
        return True
    if by not in asked.signers:
        raise NotAllowed(_("The mandate does not name you. Nothing was done."))
    if asked.needed > len(asked.signers):
        raise TooFewSign(_("Too few are left who can sign. Nothing was changed. Change who signs, or call us."))
    _row, is_new = UnfreezeSignature.objects.get_or_create(account=account, user=by, defaults={"at": at})
    if is_new:
        audit_trail.record("accounts.account.unfreeze_agreed", on=account, by=by, at=at, customer=account.owner)
        for other in asked.signers:
            live.tell(other.pk)
    return UnfreezeSignature.objects.filter(account=account, user__in=asked.signers).count() >= asked.needed


def forget_agreed(account: Account) -> None:
    """What was agreed about one freezing says nothing about the next."""
    UnfreezeSignature.objects.filter(account=account).delete()
