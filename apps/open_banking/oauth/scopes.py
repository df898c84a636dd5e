"""Which scopes an app may ask for, and the consent that an authorization request is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.kernel.clock import now
from apps.open_banking import rules
from apps.open_banking.models import AuthorisationCode, Consent, ThirdPartyApp
from apps.open_banking.states import WAITING


def are_allowed(app: ThirdPartyApp, scopes: Sequence[str], *, by_itself: bool, given: Consent | None) -> bool:
    """Whether an app may ask for these. `given` is the consent that was just authorised for this very request.

    An app by itself asks for what it was registered for; with a customer, for who they are, and for what the one
    consent it names is about.
    """
    if by_itself:
        return bool(scopes) and set(scopes) <= set(app.allowed_scopes)
    plain = {scope for scope in scopes if not scope.startswith(rules.CONSENT_SCOPE)}
    if not plain <= rules.IDENTITY_SCOPES | set(app.allowed_scopes) or not scopes:
        return False
    try:
        named = rules.consent_named(scopes)
    except rules.Unfit:
        return False
    kinds = plain - rules.IDENTITY_SCOPES
    if named is None:
        return not kinds and "openid" in plain
    consent = given if given is not None and given.public_id == named else _waiting(app, named)
    return consent is not None and kinds == {rules.SCOPE_OF.get(consent.consent_type)}


def _waiting(app: ThirdPartyApp, public_id: Any) -> Consent | None:
    """One that waits for its customer; or that they gave by API, and whose code nobody has fetched."""
    at = now()
    row = Consent.objects.of_app(app).filter(public_id=public_id, valid_until__gt=at).first()
    if row is None or is_unfetched(row):
        return row
    return row if row.status in WAITING and row.authorise_before > at else None


def is_unfetched(consent: Consent) -> bool:
    """Whether it was given, and no code or token was made of it yet."""
    if not consent.is_live(now()) or consent.refresh_tokens.exists() or consent.access_tokens.exists():
        return False
    return not AuthorisationCode.objects.filter(consent=consent).exists()


def with_intent(scopes: Sequence[str], claims: Any) -> list[str]:
    """Scopes with the consent that UK clients name in `claims` (`openbanking_intent_id`) instead."""
    inner = claims.get("id_token") if isinstance(claims, Mapping) else None
    wanted = inner.get("openbanking_intent_id") if isinstance(inner, Mapping) else None
    value = wanted.get("value") if isinstance(wanted, Mapping) else None
    named = any(scope.startswith(rules.CONSENT_SCOPE) for scope in scopes)
    return [*scopes, f"{rules.CONSENT_SCOPE}{value}"] if value and not named else list(scopes)
