"""Giving and withdrawing consent; every word is kept with the text it answered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import CannotWithdraw
from apps.compliance.events import ConsentChanged
from apps.compliance.models import Basis, ConsentPurpose, ConsentRecord
from apps.kernel import consents, events
from apps.kernel.errors import NotFound
from apps.notifications import operations as notifications
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Consent:
    """A purpose as it stands for one person; `at` is when they last spoke of it."""

    purpose: ConsentPurpose
    is_given: bool
    at: datetime | None
    channel: str


def purposes() -> list[ConsentPurpose]:
    """The newest text of every purpose that has not ended: what needs no consent first."""
    rows = ConsentPurpose.objects.order_by("code", "-version").distinct("code")
    return sorted((row for row in rows if not row.is_ended), key=lambda row: (row.can_change, row.pk))


def consents_of(user_id: int) -> list[Consent]:
    """Every purpose, and what this person last said of it. Two questions to the database."""
    said: dict[str, ConsentRecord] = {}
    for row in ConsentRecord.objects.filter(user_id=user_id).select_related("purpose").order_by("pk"):
        said[row.purpose.code] = row
    return [_stands(purpose, said.get(purpose.code)) for purpose in purposes()]


def _stands(purpose: ConsentPurpose, row: ConsentRecord | None) -> Consent:
    if purpose.is_ended:
        return Consent(purpose, is_given=False, at=None, channel="")
    if not purpose.can_change:
        return Consent(purpose, is_given=True, at=None, channel="")
    if row is None:
        return Consent(purpose, is_given=False, at=None, channel="")
    counts = row.is_given and (row.purpose.version == purpose.version or not purpose.asks_again)
    return Consent(purpose, counts, row.at, row.channel)


def holds(user_id: int, code: str) -> bool:
    """Whether this person's last word on `code` is yes, and still answers the text in force. Two questions."""
    return user_id in among([user_id], code)


def among(user_ids: Collection[int], code: str) -> set[int]:
    """Who of these people agrees to `code` in its text in force. Two questions, however many they are."""
    purpose = ConsentPurpose.objects.filter(code=code).order_by("-version").first()
    if purpose is None:
        return set()
    rows = ConsentRecord.objects.filter(user_id__in=user_ids, purpose__code=code).select_related("purpose")
    last = {row.user_id: row for row in rows.order_by("user_id", "-pk").distinct("user_id")}
    return {user_id for user_id in user_ids if _stands(purpose, last.get(user_id)).is_given}


@transaction.atomic
def change_consent(*, user: User, code: str, is_given: bool, channel: str, at: datetime) -> bool:
    """Write a person's word down; returns whether it is a new one. Raises NotFound, CannotWithdraw.

    Two words at once queue at the person's row, so that the same word twice is one.
    """
    code = code.replace("\0", "")  # which no column takes, to be looked for either
    purpose = ConsentPurpose.objects.filter(code=code).order_by("-version").first()
    if purpose is None or purpose.is_ended:
        raise NotFound(_("There is no such purpose. Nothing was changed."))
    if purpose.basis != Basis.CONSENT:
        raise CannotWithdraw(
            _("This does not rest on your consent, so it cannot be changed here. Nothing was changed.")
        )
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    if holds(user.pk, code) == is_given:
        return False
    ConsentRecord.objects.create(user=user, purpose=purpose, is_given=is_given, channel=channel, at=at)
    if code == consents.MARKETING and is_given:
        notifications.allow_offers(user=user)
    action = "privacy.consent.given" if is_given else "privacy.consent.withdrawn"
    audit_trail.record(action, on=user, by=user, at=at, after={"purpose": code, "version": purpose.version})
    events.publish(ConsentChanged(user_id=user.pk, purpose=code, is_given=is_given))
    return True


def withdraw_all(*, user: User, channel: str, at: datetime) -> int:
    """Withdraw everything that rests on consent; returns how much that was."""
    given = [one for one in consents_of(user.pk) if one.is_given and one.purpose.can_change]
    for one in given:
        change_consent(user=user, code=one.purpose.code, is_given=False, channel=channel, at=at)
    return len(given)


class Keeper:
    """Compliance as the keeper that the floors below ask."""

    def holds(self, user_id: int, purpose: str) -> bool:
        """Whether this person agrees."""
        return holds(user_id, purpose)

    def among(self, user_ids: Collection[int], purpose: str) -> set[int]:
        """Who of these people agrees."""
        return among(user_ids, purpose)

    def change(self, *, user: Any, purpose: str, is_given: bool, channel: str, at: datetime) -> None:
        """Keep a word that was said elsewhere: in the notices, in the app."""
        change_consent(user=user, code=purpose, is_given=is_given, channel=channel, at=at)
