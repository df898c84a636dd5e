"""The PIN for USSD: set with a step-up proof, three tries, and proof of one act dialled on that channel alone."""

import uuid
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.users import rules
from apps.users.acts import act
from apps.users.errors import AskedBefore, BadUssdPin, NoUssdPin, UssdLocked, WrongUssdPin
from apps.users.models import StepUpChallenge, User, UssdPin
from apps.users.operations import step_up

SET_PIN = act("users.ussd_pin.set", _("set your USSD PIN"))
TRIES = 3
LOCK = timedelta(hours=24)


def subject_of(user: User) -> str:
    """What a proof for a new PIN is bound to."""
    return f"users/{user.pk}/ussd"


def require_good_pin(pin: str, user: User, at: datetime) -> None:
    """Raises BadUssdPin for a PIN that others would guess: rows, repeats, years, one's own birthday or phone."""
    born = str(user.date_of_birth or "")
    try:
        rules.ussd_pin(pin, phone=str(user.phone or ""), born=_read_date(born), today=local_date(at))
    except rules.Unreadable as no:
        raise BadUssdPin(gettext(str(no))) from no


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@transaction.atomic
def set_ussd_pin(*, user: User, pin: str, challenge_id: uuid.UUID | str | None, at: datetime) -> None:
    """Set the PIN, or another one, with an answered challenge for exactly that; a lock stays as long as it was.

    Raises BadUssdPin, StepUpRequired.
    """
    require_good_pin(pin, user, at)
    step_up.use(challenge_id=challenge_id, user=user, operation=SET_PIN, subject=subject_of(user), at=at)
    facts = {"pin_hash": make_password(pin), "set_at": at}
    UssdPin.objects.update_or_create(user=user, defaults=facts)
    audit_trail.record("users.ussd_pin.set", on=user, by=user, at=at)
    key = f"users/{user.pk}/ussd-pin/{at:%Y%m%d%H%M%S%f}"
    notifications.send("users.ussd_pin_set", to=user, context={}, at=at, key=key)


@transaction.atomic
def remove_ussd_pin(*, user: User, at: datetime) -> None:
    """Turn USSD off for oneself, at once; asking for less needs no proof.

    A locked PIN stays, and its lock with it: a new one would have no wrong tries. Raises UssdLocked.
    """
    held = UssdPin.objects.filter(user=user)
    if held.filter(_unlocked(at)).delete()[0]:
        audit_trail.record("users.ussd_pin.removed", on=user, by=user, at=at)
    elif held.exists():
        raise _locked()


def hold_ussd(*, user: User) -> None:
    """Make other acts of this person by USSD wait until the caller's transaction ends."""
    list(UssdPin.objects.select_for_update().filter(user=user).values_list("pk"))


def prove_by_ussd(
    *,
    user: User,
    proof_id: uuid.UUID,
    nth: int,
    pin: str,
    operation: str,
    subject: str,
    at: datetime,
    amount: Money | None = None,
    payee: str = "",
) -> StepUpChallenge:
    """Answer with the PIN, for one act: the `nth` try (from 1) of the dialled session whose proof has this id.

    Each try is looked at once, however often the network posts it. Call it outside any transaction that may fail:
    a wrong try is spent for good. Raises NoUssdPin, UssdLocked, WrongUssdPin, AskedBefore.
    """
    row = _asked(user, proof_id, operation, subject, amount, payee, at)
    if row.answered_at is not None and row.expires_at > at:
        return row
    tried = StepUpChallenge.objects.filter(pk=row.pk, attempts=nth - 1, answered_at=None, expires_at__gt=at)
    if not 1 <= nth <= TRIES or not tried.update(attempts=nth):
        raise AskedBefore(_("That was sent already. Dial again to see what became of it."))
    held = _spend(user, at)
    if not check_password(pin, held.pin_hash):
        _refuse(user, at)
    UssdPin.objects.filter(pk=held.pk).update(wrong=0, locked_until=None)
    StepUpChallenge.objects.filter(pk=row.pk).update(answered_at=at)
    row.answered_at = at
    return row


def _asked(
    user: User, proof_id: uuid.UUID, operation: str, subject: str, amount: Money | None, payee: str, at: datetime
) -> StepUpChallenge:
    """The challenge of this session's act, written down at its first try."""
    row = StepUpChallenge(
        pk=proof_id,
        user=user,
        operation=operation,
        subject=subject,
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else "",
        payee=step_up.known_payee(payee),
        method=StepUpChallenge.Method.USSD_PIN,
        created_at=at,
        expires_at=at + step_up.LIFE,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return StepUpChallenge.objects.get(pk=proof_id, user=user, method=StepUpChallenge.Method.USSD_PIN)
    return row


def _unlocked(at: datetime) -> Q:
    return Q(locked_until=None) | Q(locked_until__lte=at)


def _spend(user: User, at: datetime) -> UssdPin:
    """Count one try in one guarded UPDATE; the third locks, and only the right PIN opens that again at once."""
    rows = UssdPin.objects.filter(_unlocked(at), user=user)
    over = Q(locked_until__lte=at)
    spent = rows.update(
        wrong=Case(When(over, then=Value(1)), default=F("wrong") + 1),
        locked_until=Case(When(over, then=Value(None)), When(wrong=TRIES - 1, then=Value(at + LOCK))),
    )
    held = UssdPin.objects.filter(user=user).first()
    if held is None:
        raise NoUssdPin(_("Set a USSD PIN first: in the app, Settings, USSD. Nothing was done."))
    if not spent:
        raise _locked()
    return held


def _refuse(user: User, at: datetime) -> None:
    held = UssdPin.objects.get(user=user)
    if held.locked_until is not None and held.locked_until > at:
        with transaction.atomic():
            audit_trail.record("users.ussd_pin.locked", on=user, by=user, at=at)
            key = f"users/{user.pk}/ussd-locked/{held.locked_until:%Y%m%d%H%M%S}"
            notifications.send("users.ussd_locked", to=user, context={}, at=at, key=key)
        raise _locked()
    raise WrongUssdPin(_("Wrong PIN. Nothing was done."), tries_left=TRIES - held.wrong)


def _locked() -> UssdLocked:
    return UssdLocked(_("USSD is locked for 24 hours after 3 wrong PINs. Nothing was done. The app still works."))
