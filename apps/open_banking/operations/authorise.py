"""A customer lets an app in, with proof for exactly this app, these accounts, this amount and payee."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.open_banking import policies, rules
from apps.open_banking.errors import ConsentEnded
from apps.open_banking.events import ConsentAuthorised
from apps.open_banking.models import Actor, Consent, ConsentAccount, ConsentEvent, ConsentType, PaymentTerms
from apps.open_banking.operations.creditor import cost_of, creditor_of
from apps.open_banking.operations.end import end_many
from apps.open_banking.states import CONSENT, OPEN, ConsentStatus
from apps.users import operations as people
from apps.users.acts import act
from apps.users.models import StepUpChallenge, User

AUTHORISE = act("open_banking.authorise", _("let an app see your accounts"))


def act_of(consent: Consent, accounts: Sequence[Account], at: datetime) -> dict[str, Any]:
    """What a proof is bound to: the consent and the choice of accounts; of a payment, its amount with what it costs
    from that account, and its payee too. Of recurring payments, the most of a month.

    Another choice, amount, cost or payee makes the proof one for something else.
    """
    mark = rules.choice(account.pk for account in accounts)
    return {
        "operation": AUTHORISE,
        "subject": f"open_banking/consents/{consent.public_id}/{mark}",
        "amount": _to_prove(consent, accounts, at),
        "payee": consent.payee or "",
    }


def cost_told(consent: Consent, account: Account, at: datetime) -> Money:
    """Fee and duty of one payment of the consent's amount from this account today. Raises NotOffered."""
    terms = consent.terms
    creditor = creditor_of(terms)
    return cost_of(payer=account.owner, account=account, creditor=creditor, amount=consent.amount, at=at)


def _to_prove(consent: Consent, accounts: Sequence[Account], at: datetime) -> Money | None:
    if consent.consent_type != ConsentType.PIS:
        return None
    if (monthly := consent.terms.monthly) is not None:
        return monthly
    amount: Money = consent.amount
    return amount + cost_told(consent, accounts[0], at)


def challenge(
    *, consent: Consent, accounts: Sequence[Account], by: User, at: datetime, method: str = ""
) -> StepUpChallenge:
    """Ask for the proof. Raises NotFound, ConsentEnded, AppNotLive, AccountNotEligible, TooSoon, StepUpRequired."""
    policies.require_waiting(consent, by, at)
    policies.require_live(consent.app)
    policies.require_choice(consent, by, accounts)
    return people.challenge(user=by, at=at, method=method, **act_of(consent, accounts, at))


@transaction.atomic
def authorise(
    *, consent: Consent, accounts: Sequence[Account], by: User, at: datetime, challenge_id: UUID | str | None
) -> Consent:
    """Let the app in. Once: a consent that was decided is refused. The recurring one before it, of the same app and
    customer, ends. Saying who one is takes no proof beyond the sign-in.

    Raises NotFound, ConsentEnded, AppNotLive, AccountNotEligible, StepUpRequired.
    """
    policies.require_waiting(consent, by, at)
    row, others = locked(consent, by, at)
    policies.require_live(row.app)
    policies.require_choice(row, by, accounts)
    method = ""
    if row.consent_type != ConsentType.IDENTITY:
        people.use(challenge_id=challenge_id, user=by, at=at, **act_of(row, accounts, at))
        method = StepUpChallenge.objects.values_list("method", flat=True).get(pk=str(challenge_id))
    if row.consent_type == ConsentType.PIS:
        PaymentTerms.objects.filter(consent=row).update(cost_minor=cost_told(row, accounts[0], at).minor)
    chosen = [
        ConsentAccount(consent=row, account=account, permission=one) for account in accounts for one in row.permissions
    ]
    give(row, others, chosen, method=method, by=by, at=at)
    tell(row, by, at)
    return row


def locked(consent: Consent, by: User, at: datetime) -> tuple[Consent, list[Consent]]:
    """The consent, locked and still to be decided, and the customer's other open ones of its app, locked too.

    Raises NotFound, ConsentEnded.
    """
    of_both = Consent.objects.select_for_update(of=("self",)).filter(app_id=consent.app_id, status__in=OPEN)
    rows = of_both.filter(user=by).select_related("app__developer").order_by("pk")
    held = {row.pk: row for row in rows}
    row = held.pop(consent.pk, None)
    if row is None:
        raise ConsentEnded(_("This request was decided before, or its time is over. Nothing was shared."))
    policies.require_waiting(row, by, at)
    return row, list(held.values())


def give(
    row: Consent, others: Sequence[Consent], chosen: Sequence[ConsentAccount], *, method: str, by: User, at: datetime
) -> Consent:
    """Make a locked consent valid with what was chosen; the recurring one before it ends. Inside a transaction."""
    _end_the_one_before(row, others, by, at)
    was = row.status
    CONSENT.make(row, ConsentStatus.VALID, authorised_at=at, sca_method=method)
    ConsentAccount.objects.bulk_create(chosen)
    ConsentEvent.objects.create(consent=row, was=was, became=row.status, actor=Actor.PSU, by=by, at=at)
    accounts = {one.account_id or one.sandbox_account_id for one in chosen}
    facts = {"accounts": len(accounts), "permissions": row.permissions, "method": method}
    audit_trail.record("open_banking.consent.authorised", on=row, by=by, at=at, after=facts, customer=by)
    events.publish(ConsentAuthorised(consent_id=row.pk, user_id=by.pk, app_id=row.app_id))
    return row


def _end_the_one_before(row: Consent, others: Sequence[Consent], by: User, at: datetime) -> None:
    if row.consent_type != ConsentType.AIS or not row.is_recurring:
        return
    older = [
        one.pk for one in others
        if one.status == ConsentStatus.VALID and one.consent_type == ConsentType.AIS and one.is_recurring
        and one.persona_id == row.persona_id
    ]  # fmt: skip
    reason = f"replaced by {row.public_id}"
    end_many(older, to=ConsentStatus.TERMINATED_BY_TPP, actor=Actor.TPP, by=by, reason=reason, at=at)


def tell(row: Consent, by: User, at: datetime) -> None:
    """The customer hears that an app was let in."""
    facts = {
        "app": row.app.name,
        "until": f"{local_date(row.valid_until):%d/%m/%Y}",
        "address": f"{settings.PUBLIC_ADDRESS}/settings/access",
    }
    notifications.send("open_banking.given", to=by, context=facts, at=at, key=f"open_banking/{row.pk}/given")
