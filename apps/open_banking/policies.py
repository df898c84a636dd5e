"""Who may do what in open banking."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.errors import NotFound
from apps.open_banking import rules
from apps.open_banking.errors import AccountNotEligible, AppNotLive, BadAccess, ConsentEnded, NotADeveloper
from apps.open_banking.models import Consent, ConsentType, DeveloperAccount, SandboxPersona, ThirdPartyApp
from apps.open_banking.states import WAITING
from apps.users.models import User

RIGHT = "open_banking.approve_apps"


def require_developer(user: User) -> DeveloperAccount:
    """Who has registered as a developer. Raises NotADeveloper."""
    found = DeveloperAccount.objects.filter(user=user).first()
    if found is None:
        raise NotADeveloper(_("Register as a developer first. Nothing was done."))
    return found


def own_app(user: User, public_id: UUID) -> ThirdPartyApp:
    """One's own app. Raises NotADeveloper, NotFound."""
    developer = require_developer(user)
    found: ThirdPartyApp | None = ThirdPartyApp.objects.filter(developer=developer, public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such app, or it is not yours."))
    return found


def require_live(app: ThirdPartyApp) -> None:
    """Sandbox apps and suspended ones never reach a customer's accounts. Raises AppNotLive."""
    if not app.is_live:
        raise AppNotLive(_("This app is not approved to see customers' accounts. Nothing was shown to it."))


def require_may_ask(app: ThirdPartyApp, user: User) -> None:
    """A live app asks customers; one in the sandbox its own developer and nobody else. Raises AppNotLive."""
    if app.is_sandbox and app.may_ask and app.developer.user_id == user.pk:
        return
    require_live(app)


def require_sandbox(consent: Consent, user: User) -> None:
    """A sandbox consent of an app in the sandbox, before its own developer. Raises AppNotLive."""
    require_may_ask(consent.app, user)
    if not (consent.is_sandbox and consent.app.is_sandbox):
        raise AppNotLive(_("This request is not one of the sandbox. Nothing was shared."))


def require_fits(app: ThirdPartyApp, persona: SandboxPersona | None) -> None:
    """In the sandbox one of the developer's personas, elsewhere none. Raises NotFound."""
    if (persona is None) == app.is_sandbox or (persona is not None and persona.developer_id != app.developer_id):
        raise NotFound(_("There is no such person in your sandbox. Nothing was shared."))


def require_scope(app: ThirdPartyApp, consent_type: str) -> None:
    """An app asks for what it was registered for. Raises BadAccess."""
    if rules.SCOPE_OF.get(consent_type) not in app.allowed_scopes:
        raise BadAccess(_("The app was not registered for this kind of access. Nothing was asked for."))


def require_waiting(consent: Consent, user: User, at: datetime) -> None:
    """A consent this customer may still decide on. Raises NotFound (somebody else's), ConsentEnded."""
    if consent.user_id not in (None, user.pk):
        raise NotFound(_("There is nothing here, or it is not yours."))
    if consent.status not in WAITING or consent.authorise_before <= at or consent.valid_until <= at:
        raise ConsentEnded(
            _("This request was decided before, or its time is over. Nothing was shared. Start again in the app.")
        )


def eligible(user: User) -> QuerySet[Account]:
    """The accounts a customer may share: their own, open, no goals, deposits or accounts of a business."""
    rows: QuerySet[Account] = Account.objects.owned_by(user).open().for_payments().in_order().select_related("product")
    return rows


def require_choice(consent: Consent, user: User, accounts: Sequence[Account]) -> None:
    """Accounts that can be shared: one or more to read, one to pay from, none to sign in. Raises AccountNotEligible."""
    count = len({account.pk for account in accounts})
    if consent.consent_type == ConsentType.IDENTITY:
        fits = count == 0
    elif consent.consent_type == ConsentType.AIS:
        fits = count >= 1
    else:
        fits = count == 1
    if not fits:
        raise AccountNotEligible(_("Choose an account. Nothing was shared."))
    if consent.consent_type == ConsentType.PIS and not _can_pay(consent, accounts[0]):
        raise AccountNotEligible(
            _("Choose an account in the currency of the payment, that can pay. Nothing was shared.")
        )
    if eligible(user).filter(pk__in=[account.pk for account in accounts]).count() != count:
        raise AccountNotEligible(_("One of these accounts cannot be shared. Nothing was shared."))


def _can_pay(consent: Consent, account: Account) -> bool:
    return account.currency == consent.currency and account.pk != consent.terms.to_account_id
