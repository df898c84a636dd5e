"""Makers of apps, consents and tokens for tests on this floor and above."""

import itertools
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from oauth2_provider.models import set_token_value
from oauthlib.common import generate_token

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.open_banking import operations
from apps.open_banking.models import AccessToken, Consent, DeveloperAccount, SigningKey, ThirdPartyApp
from apps.open_banking.models.key import new_pem
from apps.open_banking.operations import AppTerms, Wish
from apps.open_banking.operations.lodge import claim
from apps.users.models import StepUpChallenge, User
from apps.users.queries import system_user
from apps.users.testing import make_customer

RETURNS_TO = "https://bajeti.example/callback"
SCOPES = ("accounts", "payments", "fundsconfirmations")
_nth = itertools.count(1)


def make_developer(user: User | None = None) -> DeveloperAccount:
    """A person who registered as a developer."""
    return operations.register_developer(user=user or make_customer(), organisation="Bajeti Ltd", at=now())


def make_app(*, live: bool = True, developer: DeveloperAccount | None = None, **terms: Any) -> operations.WithSecret:
    """An app with its secret, approved unless told; approved by the bank itself, past the two people."""
    by = (developer or make_developer()).user
    said = {"name": f"Bajeti Yangu {next(_nth)}", "redirect_uris": [RETURNS_TO], "scopes": SCOPES} | terms
    made = operations.register_app(by=by, terms=AppTerms(**said), at=now())
    if live:
        go_live(made.app)
    return made


def go_live(app: ThirdPartyApp) -> None:
    """Approved."""
    ThirdPartyApp.objects.filter(pk=app.pk).update(
        status="APPROVED", is_sandbox=False, approved_at=now(), approved_by=system_user()
    )
    app.refresh_from_db()


def lodge(app: ThirdPartyApp, *, at: datetime | None = None, **wish: Any) -> Consent:
    """A consent that waits: to read everything, unless told."""
    asked: dict[str, Any] = {"consent_type": "AIS", "accounts": True, "balances": True, "transactions": True} | wish
    return operations.lodge(app=app, wish=Wish(**asked), at=at or now())


def lodge_payment(
    app: ThirdPartyApp, to: Account, amount: str = "250", *, at: datetime | None = None, **wish: Any
) -> Consent:
    """A consent to pay an account here, once unless told."""
    moment = at or now()
    asked: dict[str, Any] = {
        "consent_type": "PIS", "amount": Money.of(amount, "KES"), "is_recurring": False,
        "creditor": operations.creditor_here(to=to.number, at=moment),
    } | wish  # fmt: skip
    return operations.lodge(app=app, wish=Wish(**asked), at=moment)


def prove(user: User, consent: Consent, accounts: Sequence[Account], *, at: datetime | None = None) -> StepUpChallenge:
    """An answered challenge for exactly this."""
    moment = at or now()
    claim(consent=consent, by=user, at=moment)
    row = operations.challenge(consent=consent, accounts=accounts, by=user, at=moment, method="SMS")
    StepUpChallenge.objects.filter(pk=row.pk).update(answered_at=moment)
    return row


def give(consent: Consent, accounts: Sequence[Account], *, at: datetime | None = None) -> Consent:
    """Authorised by the owner of the accounts."""
    moment, user = at or now(), accounts[0].owner
    challenge = prove(user, consent, accounts, at=moment)
    return operations.authorise(consent=consent, accounts=accounts, by=user, at=moment, challenge_id=challenge.pk)


def make_token(app: ThirdPartyApp, consent: Consent | None = None, *, scope: str = "", **more: Any) -> str:
    """An access token as an app holds it: of a consent, or of the app by itself."""
    raw: str = generate_token(43)
    row = AccessToken(
        application=app, consent=consent, user=consent.user if consent else None, scope=scope or "openid accounts",
        expires=now() + timedelta(minutes=10), family=uuid.uuid4(), **more,
    )  # fmt: skip
    set_token_value(row, raw)
    row.save()
    return raw


@lru_cache
def _pem() -> str:
    return new_pem()


def make_key() -> SigningKey:
    """The bank's signing key, worked out once for all tests: making one takes a while."""
    return SigningKey.objects.make(at=now(), pem=_pem())
