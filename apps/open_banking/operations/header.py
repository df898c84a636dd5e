"""Consents by OBP's own door: the customer, by their own word, lets an app in and answers one challenge for that.

Only apps that may take people's passwords may hold such a consent: its word is enough to read by, wherever it is sent
from. In the sandbox those are all with a secret, for personas of their own developer, and the answer is 123.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import NotFound
from apps.open_banking.errors import AppNotLive, RequestUsed, WrongSandboxCode
from apps.open_banking.models import Consent, ConsentRequest, HeaderConsent, SandboxAccount, ThirdPartyApp
from apps.open_banking.operations.authorise import authorise, challenge
from apps.open_banking.operations.end import reject
from apps.open_banking.operations.lodge import Wish, claim, lodge
from apps.open_banking.operations.sandbox.let_in import CODE, let_in
from apps.open_banking.operations.sandbox.pay import ANSWER, TRIES
from apps.open_banking.states import WAITING
from apps.users import operations as people
from apps.users.errors import CodeSpent
from apps.users.models import User


@transaction.atomic
def request_consent(*, app: ThirdPartyApp, payload: dict[str, Any], at: datetime) -> ConsentRequest:
    """Write down what an app will ask for. Raises AppNotLive."""
    _require_may_hold(app)
    row = ConsentRequest.objects.create(app=app, payload=payload, created_at=at)
    audit_trail.record("open_banking.consent.requested", on=row, by=None, at=at, after={"app": str(app.public_id)})
    return row


@transaction.atomic
def begin_consent(
    *, app: ThirdPartyApp, wish: Wish, accounts: Sequence[Account] | Sequence[SandboxAccount], by: User, at: datetime,
    request: ConsentRequest | None = None,
) -> Consent:  # fmt: skip
    """The customer begins to let an app in, and is sent a code; for a persona its developer, and nothing is sent. Of a
    request, once.

    Raises AppNotLive, RequestUsed, and what lodging and asking for proof raise.
    """
    _require_may_hold(app)
    row = claim(consent=lodge(app=app, wish=wish, at=at), by=by, at=at)
    if request is not None and not ConsentRequest.objects.filter(pk=request.pk, consent=None).update(consent=row):
        raise RequestUsed(_("A consent was made of this request before. Nothing was asked for."))
    HeaderConsent.objects.create(
        consent=row, accounts=[one.pk for one in accounts], challenge=_challenge(row, accounts, by, at)
    )
    return row


def _challenge(row: Consent, accounts: Sequence[Account | SandboxAccount], by: User, at: datetime) -> uuid.UUID:
    real = [one for one in accounts if isinstance(one, Account)]
    if not row.is_sandbox:
        return uuid.UUID(str(challenge(consent=row, accounts=real, by=by, at=at, method="SMS").pk))
    row.persona = next(one.persona for one in accounts if isinstance(one, SandboxAccount))
    Consent.objects.filter(pk=row.pk).update(persona=row.persona)  # whose it is, while it waits too
    return uuid.uuid4()


def answer_consent(*, consent: Consent, answer: str, by: User, at: datetime) -> Consent:
    """Let the app in by the code that was sent; one that was decided stays as it is. After three wrong tries the next
    one refuses the app. Call it outside any transaction: a try is spent for good.

    Raises NotFound, WrongCode, CodeExpired, WrongSandboxCode, and what `authorise` and `let_in` raise.
    """
    if consent.status not in WAITING:
        return consent
    held = HeaderConsent.objects.filter(consent=consent).first()
    if held is None:  # it was asked for on the bank's page, and is answered there
        raise NotFound(_("There is nothing here, or it is not yours."))
    if consent.is_sandbox:
        return _answer_in_sandbox(held, consent, answer, by, at)
    try:
        people.answer(challenge_id=held.challenge, user=by, answer=answer, at=at)
    except CodeSpent:
        return reject(consent=consent, by=by, at=at)
    accounts = list(Account.objects.owned_by(by).filter(pk__in=held.accounts).order_by("pk"))
    return authorise(consent=consent, accounts=accounts, by=by, at=at, challenge_id=held.challenge)


def _answer_in_sandbox(held: HeaderConsent, consent: Consent, answer: str, by: User, at: datetime) -> Consent:
    """A try is counted before it is looked at."""
    if not HeaderConsent.objects.filter(pk=held.pk, tries__lt=TRIES).update(tries=F("tries") + 1):
        return reject(consent=consent, by=by, at=at)
    if answer != ANSWER:
        raise WrongSandboxCode(_("In the sandbox the answer is 123. Nothing was shared."))
    names = SandboxAccount.objects.filter(pk__in=held.accounts).values_list("public_id", flat=True)
    return let_in(consent=consent, accounts=list(names), code=CODE, by=by, at=at)


def _require_may_hold(app: ThirdPartyApp) -> None:
    if not app.may_hold_words:
        raise AppNotLive(
            _("The bank has not allowed this app consents by header. Send the customer to the bank's page.")
        )
