"""Deciding on what the screen held: once, with a reason, by someone whose payment it is not."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.fraud.events import TransactionBlocked, TransactionCleared
from apps.fraud.models import FlaggedTransaction, Said
from apps.fraud.states import FLAGGED
from apps.kernel import events
from apps.kernel.errors import DomainError, IllegalMove, NotAllowed
from apps.users.models import User
from apps.users.policies import require_unconnected


class ReasonNeeded(DomainError):
    """A decision without words."""

    code, status = "reason_needed", 400


def clear(*, flag: FlaggedTransaction, note: str, by: User, at: datetime) -> None:
    """Let it go on. Raises NotAllowed, ReasonNeeded, IllegalMove when it was decided before."""
    _decide(flag, "CLEARED", note, by, at)


def confirm_fraud(*, flag: FlaggedTransaction, note: str, by: User, at: datetime) -> None:
    """Stop it for good. Raises what `clear` raises."""
    _decide(flag, "CONFIRMED", note, by, at)


@transaction.atomic
def judge_payee(*, flag: FlaggedTransaction, is_fraud: bool, note: str, by: User, at: datetime) -> None:
    """After a customer's no: say whether the payee took part in fraud. Until then their word is a doubt, and no more:
    who wants to harm a shop or a neighbour needs only to deny a payment. Once.

    Raises NotAllowed, ReasonNeeded, IllegalMove when there was no such no, or it was judged before.
    """
    if not by.is_active or not by.has_perm("fraud.review_fraud"):
        raise NotAllowed(_("You do not hold the right to decide on held payments."))
    _require_uninvolved(by, flag)
    if not note.strip():
        raise ReasonNeeded(_("Say why: the record of this decision is read later."))
    waiting = FlaggedTransaction.objects.filter(pk=flag.pk, customer_said=Said.NO, payee_is_fraud=None)
    if not waiting.update(payee_is_fraud=is_fraud, payee_judged_by=by, payee_judged_at=at):
        raise IllegalMove(_("Nobody waits for a word about this payee, or it was given. Nothing was changed."))
    flag.refresh_from_db()
    after = {"payee": flag.payee, "is_fraud": is_fraud}
    audit_trail.record("fraud.payee.judged", on=flag, by=by, at=at, reason=note, after=after, customer=flag.user)


@transaction.atomic
def _decide(flag: FlaggedTransaction, to: str, note: str, by: User, at: datetime) -> None:
    if not by.is_active or not by.has_perm("fraud.review_fraud"):
        raise NotAllowed(_("You do not hold the right to decide on held payments."))
    _require_uninvolved(by, flag)
    if not note.strip():
        raise ReasonNeeded(_("Say why: the record of this decision is read later."))
    FLAGGED.make(flag, to, reviewed_by=by, reviewed_at=at, note=note.strip()[:300])
    audit_trail.record(f"fraud.transaction.{to.lower()}", on=flag, by=by, at=at, reason=note, customer=flag.user)
    told = TransactionCleared if to == "CLEARED" else TransactionBlocked
    events.publish(told(reference=flag.reference, user_id=flag.user_id, by_id=by.pk))


def _require_uninvolved(by: User, flag: FlaggedTransaction) -> None:
    """Neither who pays nor who would be paid, nor anybody near them: a mule's friend would let the money through.

    Raises NotAllowed, Connected.
    """
    if flag.user_id == by.pk:
        raise NotAllowed(_("No one decides on their own payment."))
    require_unconnected(by, flag.user)
    kind, _slash, where = flag.payee.partition("/")  # as payments know an account of this bank again
    if kind == "accounts" and where.isdigit():
        for account in Account.objects.filter(pk=int(where)).select_related("owner"):
            require_unconnected(by, account.owner)
