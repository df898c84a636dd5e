"""A person joins the bank."""

import uuid
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.notifications import operations as notifications
from apps.users import rules
from apps.users.errors import Invalid, Taken, WeakPassword
from apps.users.events import UserRegistered
from apps.users.models import Language, OtpChallenge, User
from apps.users.operations.codes import use_code


def register(
    *,
    phone_proof: uuid.UUID | str,
    full_name: str,
    id_number: str,
    password: str,
    at: datetime,
    email: str = "",
    date_of_birth: date | None = None,
    language: str = Language.ENGLISH,
) -> User:
    """Make a customer of whoever proved a phone number (an answered JOIN code). They start in TIER_1.

    Raises Invalid, WeakPassword, CodeSpent, and Taken without saying which of phone, e-mail or ID is taken.
    """
    fields = read_fields(full_name=full_name, id_number=id_number, email=email)
    require_adult(date_of_birth, local_date(at))
    try:
        with transaction.atomic():
            proof = use_code(challenge_id=phone_proof, purpose=OtpChallenge.Purpose.JOIN, at=at)
            user = User(phone=proof.address, language=language, created_at=at, **fields)
            user.date_of_birth = date_of_birth.isoformat() if date_of_birth else None
            require_strong(password, user)
            user.set_password(password)
            user.save()
            audit_trail.record("users.user.registered", on=user, by=user, at=at)
            notifications.send(
                "users.welcome", to=user, context={"name": user.first_name}, at=at, key=f"users/{user.pk}/welcome"
            )
            events.publish(UserRegistered(user_id=user.pk))
    except IntegrityError as no:
        if "_print" not in str(no):
            raise
        raise Taken(
            _("Someone has joined with these details already. Sign in, or recover your password if it is you.")
        ) from no
    return user


def read_fields(*, full_name: str, id_number: str, email: str) -> dict[str, str | None]:
    """Name, ID number and e-mail as they are kept. Raises Invalid naming every wrong field."""
    kept: dict[str, str | None] = {}
    errors: dict[str, list[str]] = {}
    readers = {"full_name": (full_name, rules.full_name), "id_number": (id_number, rules.id_number)}
    if email.strip():
        readers["email"] = (email, rules.checked_email)
    for field, (text, read) in readers.items():
        try:
            kept[field] = read(text)
        except rules.Unreadable as no:
            errors[field] = [str(no)]
    if errors:
        raise Invalid(_("Correct the marked fields. Nothing was done."), errors=errors)
    return kept


def require_adult(born: date | None, today: date) -> None:
    """18 or more, when the birthday is given. Raises Invalid."""
    if born is None:
        return
    if born > today or rules.age_on(born, today) > 120:
        raise Invalid(_("That is not a date of birth."), errors={"date_of_birth": [_("Write your date of birth.")]})
    if rules.age_on(born, today) < rules.ADULT_YEARS:
        words = _("You can join when you are 18.")
        raise Invalid(words, errors={"date_of_birth": [words]})


def require_strong(password: str, user: User) -> None:
    """Twelve characters or more, not a common one, not made of the person's own details. Raises WeakPassword."""
    if "\0" in password or len(password) > 256:
        raise WeakPassword(_("Choose another password."), errors={"password": [_("Use up to 256 characters.")]})
    try:
        validate_password(password, user)
    except ValidationError as no:
        raise WeakPassword(_("Choose a stronger password. Nothing was done."), errors={"password": no.messages}) from no
