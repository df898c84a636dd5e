"""Proof asked for one act: bound to operation, subject, amount and payee; answered once, used once."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction
from django.db.models import Min, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import cipher, statements
from apps.kernel.errors import NotFound
from apps.kernel.locks import in_turn
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.notifications import operations as notifications
from apps.users import webauthn
from apps.users.acts import in_words
from apps.users.errors import CodeSpent, StepUpRequired, TooManyTries, TooSoon, WrongCode
from apps.users.models import StepUpChallenge, User
from apps.users.operations.codes import RESEND_AFTER, code_hash, is_code, new_code, spend_try, tries_left

LIFE = timedelta(minutes=5)
HOUR = timedelta(hours=1)
WRONG_AN_HOUR = (
    10  # over all challenges, to sign in and once in apart: at an app's code of a million, three of them good
)
Method = StepUpChallenge.Method

# Plain SQL, because every payment waits for it. A proof by USSD PIN is good for what was dialled, and for nothing else.
_USE = """
UPDATE users_stepupchallenge SET used_at = greatest(%(at)s, answered_at)
 WHERE id = %(id)s AND user_id = %(user)s::bigint AND operation = %(operation)s AND subject = %(subject)s
   AND amount_minor IS NOT DISTINCT FROM %(minor)s::bigint AND currency = %(currency)s AND payee = %(payee)s
   AND answered_at IS NOT NULL AND expires_at > %(at)s AND used_at IS NULL
   AND (method = 'USSD_PIN') = %(by_ussd)s
"""


def methods_of(user: User) -> list[str]:
    """How a person can prove it is them, the strongest first; an SMS code needs nothing set up."""
    kinds = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
    known = {Authenticator.Type.WEBAUTHN: Method.PASSKEY, Authenticator.Type.TOTP: Method.TOTP}
    return [method.value for kind, method in known.items() if kind in kinds] + [Method.SMS.value]


@transaction.atomic
def challenge(
    *,
    user: User,
    operation: str,
    subject: str,
    at: datetime,
    amount: Money | None = None,
    payee: str = "",
    method: str = "",
) -> StepUpChallenge:
    """Ask for proof of one act. An SMS code says what it approves. Raises TooSoon, StepUpRequired."""
    available = methods_of(user)
    method = method or available[0]
    if method not in available:
        raise StepUpRequired(_("That way of proving it is you is not set up."), methods=available)
    if method == Method.SMS:
        in_turn(f"step-up/{user.pk}")
    recent = StepUpChallenge.objects.filter(  # of those that were not used, nor ended by another password
        user=user, operation=operation, subject=subject, method=Method.SMS, created_at__gt=at - RESEND_AFTER,
        used_at=None, expires_at__gt=at,
    )  # fmt: skip
    if method == Method.SMS and (last := recent.order_by("-created_at").first()):
        wait = int((last.created_at + RESEND_AFTER - at).total_seconds()) + 1
        words = _("We sent a code a moment ago. You can ask for another one in %(seconds)s seconds.")
        raise TooSoon(words % {"seconds": wait}, retry_after_seconds=wait, challenge=str(last.pk))
    row = StepUpChallenge(
        user=user,
        operation=operation,
        subject=subject,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else "",
        payee=known_payee(payee),
        method=method,
        created_at=at,
        expires_at=at + LIFE,
    )
    code = new_code()
    if method == Method.SMS:
        row.code_hash = code_hash(row.pk, code)
    if method == Method.PASSKEY:
        row.state = webauthn.start_assertion(user)
    row.save()
    if method == Method.SMS:
        _send(row, code, payee, at)
    return row


def known_payee(payee: str) -> str:
    """Who is paid, as a challenge is bound to them: their phone or account is nothing a proof has to keep."""
    return cipher.fingerprint(payee, "users_stepupchallenge.payee").hex() if payee else ""


def _send(row: StepUpChallenge, code: str, payee: str, at: datetime) -> None:
    context: dict[str, Any] = {"code": code, "minutes": int(LIFE.total_seconds() // 60)}
    amount = "" if row.amount_minor is None else str(Money(row.amount_minor, row.currency))
    facts = {"amount": amount, "payee": payee.replace("•", "*")}
    text = "users.otp_sign_in"
    if amount and payee:
        text = "users.step_up_payment"
        context |= facts
    elif row.operation != "users.sign_in":
        text = "users.step_up"
        context["what"] = in_words(row.operation, row.user.language, facts)
    notifications.send(text, to=row.user, context=context, at=at, key=f"users/step-up/{row.pk}", channel="SMS")


_ASKED = Written(lambda pk: StepUpChallenge.objects.select_related("user").filter(pk=pk), pk=uuid.UUID(int=1))


def _asked(challenge_id: uuid.UUID | str) -> StepUpChallenge | None:
    try:
        key = uuid.UUID(str(challenge_id))
    except ValueError:
        return None
    found: StepUpChallenge | None = _ASKED.first(pk=key)
    return found


def answer(*, challenge_id: uuid.UUID | str, user: User, answer: Any, at: datetime) -> StepUpChallenge:
    """Answer one's own challenge: a code, or for a passkey its assertion. Call it outside any transaction that may
    fail, because a wrong try is spent for good. Raises NotFound, WrongCode, CodeSpent, CodeExpired, TooManyTries.
    """
    row = _asked(challenge_id)
    if row is None or row.user_id != user.pk or row.method == Method.USSD_PIN:
        raise NotFound(_("There is no such challenge. Ask for a new one."))
    return _answer(row, answer, at)


def answer_sign_in(*, challenge_id: uuid.UUID | str, answer: Any, at: datetime) -> StepUpChallenge:
    """Answer the challenge of a sign-in, whose id only the browser that gave the password knows."""
    row = _asked(challenge_id)
    if row is None or row.operation != "users.sign_in" or not row.user.is_active:
        raise CodeSpent(_("Sign in again: this step has run out."))
    return _answer(row, answer, at)


def _answer(row: StepUpChallenge, answer: Any, at: datetime) -> StepUpChallenge:
    _spend_try(row, at)
    if not _is_right(row, answer):
        _tell_of_guessing(row, at)
        raise WrongCode(_("That is not the right code. Nothing was done."), tries_left=tries_left(row))
    StepUpChallenge.objects.filter(pk=row.pk, answered_at=None).update(answered_at=at)
    row.answered_at = at
    return row


@transaction.atomic
def _spend_try(row: StepUpChallenge, at: datetime) -> None:
    """Count the try; tries of one person wait for each other, or many at once would pass by the limit."""
    in_turn(f"step-up/{row.user_id}")
    wrong = _wrong_tries(row, at)
    if wrong["tries"] >= WRONG_AN_HOUR:
        wait = int((wrong["first"] + HOUR - at).total_seconds()) + 1
        words = _("Too many wrong codes within an hour. Nothing was done. Try again later.")
        raise TooManyTries(words, retry_after_seconds=wait)
    spend_try(row, at)


def _wrong_tries(row: StepUpChallenge, at: datetime) -> dict[str, Any]:
    """`tries`, and when the `first` of their challenges was asked for."""
    lately = StepUpChallenge.objects.filter(
        user_id=row.user_id, created_at__gt=at - HOUR, answered_at=None, attempts__gt=0
    )
    at_the_door = Q(operation="users.sign_in")
    same = lately.filter(at_the_door if row.operation == "users.sign_in" else ~at_the_door)
    return same.exclude(method=Method.USSD_PIN).aggregate(tries=Coalesce(Sum("attempts"), 0), first=Min("created_at"))


def _tell_of_guessing(row: StepUpChallenge, at: datetime) -> None:
    wrong = _wrong_tries(row, at)
    if wrong["tries"] >= WRONG_AN_HOUR:
        with transaction.atomic():
            audit_trail.record("users.codes.guessed", on=row.user, by=None, at=at, after={"tries": wrong["tries"]})
            key = f"users/{row.user_id}/guessed/{wrong['first']:%Y%m%d%H%M%S}"
            notifications.send("users.codes_guessed", to=row.user, context={}, at=at, key=key)


def _is_right(row: StepUpChallenge, answer: Any) -> bool:
    if row.method == Method.PASSKEY:
        return webauthn.check_assertion(row.user, row.state or {}, answer)
    code = str(answer or "").replace(" ", "")
    if row.method == Method.SMS:
        return is_code(row.code_hash, row.pk, code)
    return _totp_is_right(row.user, code) or _recovery_code_is_right(row, code)


def _totp_is_right(user: User, code: str) -> bool:
    held = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).first()
    return held is not None and bool(TOTP(held).validate_code(code))


def _recovery_code_is_right(row: StepUpChallenge, code: str) -> bool:
    """Recovery codes open the door, never a payment."""
    held = Authenticator.objects.filter(user_id=row.user_id, type=Authenticator.Type.RECOVERY_CODES).first()
    return held is not None and row.operation == "users.sign_in" and bool(RecoveryCodes(held).validate_code(code))


def use(
    *,
    challenge_id: uuid.UUID | str | None,
    user: User,
    operation: str,
    subject: str,
    at: datetime,
    amount: Money | None = None,
    payee: str = "",
    by_ussd: bool = False,
) -> None:
    """Spend an answered challenge on exactly the act it was asked for, inside that act's transaction.

    A USSD PIN proves what was dialled (`by_ussd`) and nothing else does; it proves nothing that was not.
    Raises StepUpRequired when it is missing, unanswered, used, out of time, or given for another act, amount, payee.
    """
    act = {
        "user": user.pk,
        "operation": operation,
        "subject": subject,
        "minor": amount.minor if amount else None,
        "currency": amount.currency if amount else "",
        "payee": known_payee(payee),
        "by_ussd": by_ussd,
        "at": at,
    }
    if challenge_id is None or not _spent(challenge_id, act):
        raise StepUpRequired(
            _("Prove that it is you for exactly this. Nothing was done."), methods=methods_of(user), operation=operation
        )


def _spent(challenge_id: uuid.UUID | str, act: dict[str, Any]) -> bool:
    try:
        key = uuid.UUID(str(challenge_id))
    except ValueError:
        return False
    return statements.run(_USE, {"id": key, **act}) == 1
