"""What customers, apps and staff ask of open banking; answers are frozen."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, QuerySet, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.money import Money
from apps.open_banking.models import (
    AccessLog,
    Consent,
    ConsentType,
    Resource,
    SandboxAccount,
    SandboxPayment,
    ThirdPartyApp,
    TransactionRequest,
)
from apps.open_banking.states import OPEN, ConsentStatus
from apps.users.models import User

MOST_READS = 50


@dataclass(frozen=True, slots=True)
class Shared:
    """One consent as its customer sees it."""

    consent: Consent
    accounts: tuple[Account | SandboxAccount, ...]
    last_used_at: datetime | None

    @property
    def words(self) -> list[str]:
        """What it lets the app do, in words."""
        if is_identity(self.consent):
            return [str(Resource.IDENTITY.label)]
        return [str(one.label) for one in self.consent.permissions]

    @property
    def is_open(self) -> bool:
        """Whether it can still be stopped."""
        return self.consent.status in OPEN


def shared_by(user: User) -> list[Shared]:
    """Every app a customer let in or refused, with its accounts and last use, in a few queries. What still sees
    something comes first, so that however much was over since, it is there to be stopped; then the newest.
    """
    is_over = Case(When(status=ConsentStatus.VALID, then=0), default=1)
    rows = Consent.objects.owned_by(user).with_last_use().select_related("app", "app__developer")
    rows = rows.prefetch_related("chosen__account", "chosen__sandbox_account").order_by(is_over, "-created_at")
    return [_shared(row) for row in rows[:100]]


def _shared(row: Consent) -> Shared:
    accounts = {one.held.pk: one.held for one in row.chosen.all()}
    return Shared(row, tuple(accounts[pk] for pk in sorted(accounts)), getattr(row, "last_used_at", None))


def shared(user: User, public_id: uuid.UUID) -> Shared | None:
    """One of them."""
    rows = Consent.objects.owned_by(user).filter(public_id=public_id).with_last_use()
    row = (
        rows.select_related("app", "app__developer")
        .prefetch_related("chosen__account", "chosen__sandbox_account")
        .first()
    )
    return _shared(row) if row else None


FIELD_WORDS: dict[str, str | Promise] = {
    "label": _("what you call it"),
    "number": _("number"),
    "kind": _("kind"),
    "holder": _("your name"),
    "balance": _("balance"),
    "available": _("what can be spent"),
    "amount": _("amounts"),
    "day": _("days"),
    "description": _("descriptions"),
    "counterparty": _("the other side's names"),
    "running_balance": _("balance after each"),
    "answer": _("yes or no"),
    "sub": _("a code for you"),
    "name": _("your name"),
    "given_name": _("your first name"),
    "locale": _("your language"),
    "email": _("your e-mail address"),
    "phone": _("your phone number"),
    "date_of_birth": _("your date of birth"),
    "payee": _("who is paid"),
}


def what_left(consent: Consent) -> list[AccessLog]:
    """What left by a consent, the newest first, each with the names of its fields in words (`field_words`)."""
    rows = (
        AccessLog.objects.filter(consent=consent)
        .select_related("account", "sandbox_account", "app")
        .order_by("-at", "-pk")
    )
    found = list(rows[:MOST_READS])
    for row in found:
        row.held = row.account or row.sandbox_account  # type: ignore[attr-defined]
        codes = [code for code in row.fields.split(",") if code]
        row.field_words = ", ".join(str(FIELD_WORDS.get(code, code)) for code in codes)  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment by an app, as its customer sees it."""

    amount: Money
    status: str | Promise
    reference: str
    created_at: datetime


def payments_by(consent: Consent) -> list[Paid]:
    """What an app asked to be paid by a consent, the newest first; of a sandbox consent, what was made up."""
    if consent.is_sandbox:
        made_up = SandboxPayment.objects.filter(consent=consent).order_by("-pk")[:MOST_READS]
        return [Paid(one.amount, one.get_status_display(), str(one.public_id), one.created_at) for one in made_up]
    rows = TransactionRequest.objects.filter(consent=consent).select_related("payment").order_by("-pk")[:MOST_READS]
    return [
        Paid(one.payment.amount, one.payment.get_status_display(), one.payment.reference, one.created_at)
        for one in rows
    ]  # fmt: skip


def waiting_apps() -> QuerySet[ThirdPartyApp]:
    """Apps nobody has decided on, the oldest first."""
    rows: QuerySet[ThirdPartyApp] = ThirdPartyApp.objects.filter(status="PENDING").select_related("developer__user")
    return rows.order_by("created")


def is_identity(consent: Consent) -> bool:
    """Whether it only says who somebody is."""
    return consent.consent_type == ConsentType.IDENTITY
