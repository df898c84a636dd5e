"""A developer lets their own app in to one of their personas, with a fixed code for a proof."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.open_banking import policies
from apps.open_banking.errors import AccountNotEligible, WrongSandboxCode
from apps.open_banking.models import Consent, ConsentAccount, ConsentType, SandboxAccount
from apps.open_banking.operations.authorise import give, locked
from apps.users.models import User

CODE = "123456"  # told on the page: in the sandbox there is nobody to protect


@transaction.atomic
def let_in(*, consent: Consent, accounts: Sequence[UUID], code: str, by: User, at: datetime) -> Consent:
    """As `authorise`, in the sandbox: the app's own developer chooses accounts of one persona. Nobody is messaged.

    Raises NotFound, ConsentEnded, AppNotLive, AccountNotEligible, WrongSandboxCode.
    """
    policies.require_waiting(consent, by, at)
    row, others = locked(consent, by, at)
    policies.require_sandbox(row, by)
    mine = SandboxAccount.objects.filter(persona__developer=row.app.developer, public_id__in=accounts)
    chosen = list(mine.select_related("persona").order_by("pk"))
    if len(chosen) != len(set(accounts)) or len({one.persona_id for one in chosen}) != 1:
        raise AccountNotEligible(_("Choose accounts of one person of your sandbox. Nothing was shared."))
    if row.consent_type != ConsentType.AIS and len(chosen) != 1:
        raise AccountNotEligible(_("Choose one account. Nothing was shared."))
    if row.consent_type == ConsentType.PIS and not can_pay(row, chosen[0]):
        raise AccountNotEligible(
            _("Choose an account in the currency of the payment, that can pay. Nothing was shared.")
        )
    if code != CODE:
        raise WrongSandboxCode(_("In the sandbox the code is 123456. Nothing was shared."))
    row.persona = chosen[0].persona
    Consent.objects.filter(pk=row.pk).update(persona=row.persona)
    given = [
        ConsentAccount(consent=row, sandbox_account=one, permission=each)
        for one in chosen
        for each in row.permissions
    ]  # fmt: skip
    return give(row, others, given, method="SANDBOX", by=by, at=at)


def can_pay(consent: Consent, account: SandboxAccount) -> bool:
    """Whether what a consent asks for could leave this account: its currency, not its own payee, not frozen."""
    to = consent.sandbox_terms.to_account_id
    return account.currency == consent.currency and account.pk != to and account.status == account.Status.ACTIVE
