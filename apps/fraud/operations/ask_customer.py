"""“Was this you?”: the customer says what the screen could not know, and a held payment goes on or is stopped."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.fraud.events import TransactionBlocked, TransactionCleared
from apps.fraud.models import FlaggedTransaction, Said
from apps.fraud.states import FLAGGED
from apps.kernel import events
from apps.kernel.errors import IllegalMove, NotFound
from apps.users import operations as people
from apps.users.acts import act
from apps.users.models import StepUpChallenge, User

OPERATION = act("fraud.was_this_you", _("say that you sent %(amount)s"))


def challenge(*, flag: FlaggedTransaction, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """The proof that a yes needs, for exactly this payment. Raises NotFound, IllegalMove, TooSoon, StepUpRequired."""
    _require_theirs(flag, by)
    if flag.status != "OPEN":
        raise IllegalMove(_("This payment is no longer waiting for you."))
    return people.challenge(user=by, at=at, method=method, **_bound_to(flag))


@transaction.atomic
def answer(*, flag: FlaggedTransaction, was_me: bool, by: User, at: datetime, challenge_id: Any = None) -> None:
    """Yes, with proof, lets it go on; no stops it, and nothing is asked for that. Once, whoever decides first.

    Raises NotFound (not theirs, or not asked), StepUpRequired, IllegalMove when it was decided meanwhile.
    """
    _require_theirs(flag, by)
    if was_me:
        people.use(challenge_id=challenge_id, user=by, at=at, **_bound_to(flag))
    to, said = ("CLEARED", Said.YES) if was_me else ("CONFIRMED", Said.NO)
    note = "The customer says that it was them" if was_me else "The customer says that it was not them"
    FLAGGED.make(flag, to, reviewed_by=by, reviewed_at=at, note=note, customer_said=said)
    audit_trail.record(f"fraud.transaction.{to.lower()}", on=flag, by=by, at=at, reason=note, customer=by)
    told = TransactionCleared if was_me else TransactionBlocked
    events.publish(told(reference=flag.reference, user_id=by.pk, by_id=by.pk))


def _bound_to(flag: FlaggedTransaction) -> dict[str, Any]:
    return {"operation": OPERATION, "subject": flag.reference, "amount": flag.check_made.amount}


def _require_theirs(flag: FlaggedTransaction, by: User) -> None:
    if flag.user_id != by.pk or not by.is_active or not flag.asks_customer:
        raise NotFound(_("There is no such question, or it is not for you."))
