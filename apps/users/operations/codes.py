"""Six-digit codes sent to a phone or an address: five minutes, three tries, one purpose."""

import secrets
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.kernel import cipher, statements
from apps.kernel.locks import in_turn
from apps.kernel.written import Written
from apps.notifications import operations as notifications
from apps.users import rules
from apps.users.errors import CallWithoutSms, CodeExpired, CodeSpent, Invalid, TooSoon, WrongCode
from apps.users.models import OtpChallenge, StepUpChallenge, User

CODE_LIFE = timedelta(minutes=5)
RESEND_AFTER = timedelta(seconds=30)
CALL_AFTER = timedelta(seconds=60)  # after the SMS, and between calls
UNANSWERED_AN_HOUR = 6  # to one address for one purpose: eighteen tries at a million
CALLS_AN_HOUR = 3  # a phone that rings is worse than one that buzzes
TRIES = 3
NEW_EMAIL_WAITS = timedelta(days=3)  # before it resets a password: time for whoever did not change it to say so
Purpose, Channel = OtpChallenge.Purpose, OtpChallenge.Channel


def new_code() -> str:
    """Six digits nobody can foresee."""
    return f"{secrets.randbelow(1_000_000):06d}"


def code_hash(challenge_id: uuid.UUID, code: str) -> str:
    """What is kept of a code: a keyed hash bound to its challenge."""
    return cipher.blind_index(f"{challenge_id}:{code}", "one-time codes").hex()


def is_code(kept: str, challenge_id: uuid.UUID, code: str) -> bool:
    """Whether what was kept is of this code, under any key: keys may be changed between sending and answering."""
    prints = cipher.blind_index(f"{challenge_id}:{code}", "one-time codes").any_of
    return any(secrets.compare_digest(kept, one.hex()) for one in prints)


def _normal(address: str, channel: str) -> str:
    try:
        return rules.checked_email(address) if channel == Channel.EMAIL else rules.phone(address)
    except rules.Unreadable as no:
        field = "email" if channel == Channel.EMAIL else "phone"
        raise Invalid(str(no), errors={field: [str(no)]}) from no


@transaction.atomic
def send_code(*, purpose: str, address: str, at: datetime, channel: str = Channel.SMS) -> OtpChallenge:
    """Send a code to a phone or an address. The answer is the same whether or not someone here owns it.

    VOICE rings the phone and says a new code, once an SMS was sent a minute ago. Raises Invalid for what is neither
    phone nor address, TooSoon within 30 seconds of the last one (60 before a call) and after six in an
    hour that nobody answered, CallWithoutSms.
    """
    if purpose == Purpose.CONFIRM_EMAIL and channel != Channel.EMAIL:
        words = _("An e-mail address is confirmed by e-mail.")
        raise Invalid(words, errors={"email": [words]})
    address = _normal(address, channel)
    address_print = cipher.blind_index(address, "codes by address")
    in_turn(f"codes/{purpose}/{address_print.turn.hex()}")
    sent = OtpChallenge.objects.filter(address_print__in=address_print.any_of, purpose=purpose)
    _require_patience(sent, at, CALL_AFTER if channel == Channel.VOICE else RESEND_AFTER)
    if channel == Channel.VOICE:
        _require_may_call(sent, address_print, at)
    owner = _owner_of(address, purpose, at)
    code = new_code()
    challenge = OtpChallenge(
        user=owner,
        purpose=purpose,
        channel=channel,
        address=address,
        address_print=address_print,
        created_at=at,
        expires_at=at + CODE_LIFE,
    )
    challenge.code_hash = code_hash(challenge.pk, code)
    challenge.save()
    _tell(challenge, owner, code, at)
    return challenge


def _owner_of(address: str, purpose: str, at: datetime) -> User | None:
    """Whose address it is. A password is recovered by mail only where the mailbox was proven and, if it is another than
    before, the phone heard of that days ago; who has no phone (staff) proves a second factor afterwards.
    """
    owner: User | None = User.objects.called(address).first()
    if owner is None or purpose != Purpose.RESET or "@" not in address or not owner.phone:
        return owner
    is_new = owner.email_changed_at is not None and owner.email_changed_at > at - NEW_EMAIL_WAITS
    return owner if owner.email_confirmed_at and not is_new else None


def _require_patience(sent: QuerySet[OtpChallenge], at: datetime, between: timedelta) -> None:
    if last := sent.filter(created_at__gt=at - between).order_by("-created_at").first():
        wait = int((last.created_at + between - at).total_seconds()) + 1
        message = _("We sent a code a moment ago. You can ask for another one in %(seconds)s seconds.")
        raise TooSoon(message % {"seconds": wait}, retry_after_seconds=wait)
    hour = timedelta(hours=1)
    written = sent.exclude(channel=Channel.VOICE)  # calls have a limit of their own
    guessed = written.filter(answered_at=None, created_at__gt=at - hour)
    if many := guessed.order_by("-created_at")[UNANSWERED_AN_HOUR - 1 : UNANSWERED_AN_HOUR].first():
        wait = int((many.created_at + hour - at).total_seconds()) + 1
        raise TooSoon(_("We sent you many codes within an hour. Try again later."), retry_after_seconds=wait)


def _require_may_call(sent: QuerySet[OtpChallenge], address_print: cipher.Print, at: datetime) -> None:
    """A call follows an SMS that did not come; nobody's phone is made to ring again and again."""
    if not sent.filter(channel=Channel.SMS, created_at__gt=at - timedelta(minutes=15)).exists():
        raise CallWithoutSms(_("Ask for a code by SMS first. If it does not come, we call you."))
    calls = OtpChallenge.objects.filter(
        address_print__in=address_print.any_of, channel=Channel.VOICE, created_at__gt=at - timedelta(hours=1)
    )
    if calls.count() >= CALLS_AN_HOUR:
        first = calls.order_by("-created_at")[CALLS_AN_HOUR - 1]
        wait = int((first.created_at + timedelta(hours=1) - at).total_seconds()) + 1
        raise TooSoon(_("We called you three times within an hour. Try again later."), retry_after_seconds=wait)


def _tell(challenge: OtpChallenge, owner: User | None, code: str, at: datetime) -> None:
    """Joining with a number that has a profile, or resetting one that does not exist, sends no usable code."""
    joining = challenge.purpose == Purpose.JOIN
    if joining == (owner is not None):
        if owner is None:
            return
        notifications.send("users.already_here", to=owner, context={}, at=at, key=f"users/code/{challenge.pk}")
        return
    text = {"JOIN": "users.otp_join", "RESET": "users.otp_reset", "SIGN_IN": "users.otp_sign_in"}
    email, address = challenge.channel == Channel.EMAIL, str(challenge.address)
    notifications.send_to_address(
        text.get(challenge.purpose, "users.otp_email"),
        phone=None if email else address,
        email=address if email else None,
        by_call=challenge.channel == Channel.VOICE,
        language=owner.language if owner else (get_language() or "en")[:2],
        context={"code": code, "minutes": int(CODE_LIFE.total_seconds() // 60)},
        at=at,
        key=f"users/code/{challenge.pk}",
    )


_SENT = Written(lambda pk: OtpChallenge.objects.filter(pk=pk), pk=uuid.UUID(int=1))


def _sent(challenge_id: uuid.UUID | str) -> OtpChallenge | None:
    try:
        key = uuid.UUID(str(challenge_id))
    except ValueError:
        return None
    found: OtpChallenge | None = _SENT.first(pk=key)
    return found


def check_code(*, challenge_id: uuid.UUID | str, code: str, purpose: str, at: datetime) -> OtpChallenge:
    """Answer a challenge. A wrong try is spent for good, so this must not be called inside a transaction that fails.

    Raises WrongCode, CodeSpent, CodeExpired.
    """
    challenge = _sent(challenge_id)
    if challenge is None or challenge.purpose != purpose or challenge.used_at:
        raise CodeSpent(_("That code was used or never sent. Ask for a new one."))
    spend_try(challenge, at)
    if not is_code(challenge.code_hash, challenge.pk, code.strip()):
        raise WrongCode(
            _("That is not the code we sent. Look at the newest message."), tries_left=tries_left(challenge)
        )
    OtpChallenge.objects.filter(pk=challenge.pk, answered_at=None).update(answered_at=at)
    challenge.answered_at = at
    return challenge


# Plain SQL, because every proof waits for it.
_SPEND = {
    model: f"UPDATE {model._meta.db_table} SET attempts = attempts + 1"  # noqa: S608  # the model's own name
    " WHERE id = %s AND expires_at > %s AND used_at IS NULL AND attempts < %s"
    for model in (OtpChallenge, StepUpChallenge)
}


def spend_try(challenge: OtpChallenge | StepUpChallenge, at: datetime) -> None:
    """Count one try of a challenge in one guarded UPDATE. Raises CodeExpired, CodeSpent."""
    if not statements.run(_SPEND[type(challenge)], [challenge.pk, at, TRIES]):
        if challenge.expires_at <= at:
            raise CodeExpired(_("The time for this code has passed. Ask for a new one. Nothing was done."))
        if challenge.used_at is not None:
            raise CodeSpent(_("That code was used or never sent. Ask for a new one."))
        raise CodeSpent(_("Three tries are used up. Ask for a new code. Nothing was done."))
    challenge.attempts += 1


def tries_left(challenge: OtpChallenge | StepUpChallenge) -> int:
    """How often it may still be tried."""
    return max(TRIES - challenge.attempts, 0)


def use_code(*, challenge_id: uuid.UUID | str, purpose: str, at: datetime) -> OtpChallenge:
    """Spend an answered challenge on the act it was for, once. Raises CodeSpent."""
    answered = OtpChallenge.objects.filter(
        pk=challenge_id, purpose=purpose, answered_at__gt=at - timedelta(minutes=30), used_at=None
    )
    if not answered.update(used_at=at):
        raise CodeSpent(_("Prove your number first: ask for a new code."))
    used: OtpChallenge = _SENT.rows(pk=uuid.UUID(str(challenge_id)))[0]
    return used
