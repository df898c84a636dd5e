"""Ends consents: by the customer, the app, the bank or the clock; the tokens die in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import NotAllowed, NotFound
from apps.notifications import operations as notifications
from apps.open_banking.events import ConsentExpired, ConsentRevoked
from apps.open_banking.models import (
    AccessToken,
    Actor,
    AuthorisationCode,
    Consent,
    ConsentEvent,
    DeviceGrant,
    RefreshToken,
    ThirdPartyApp,
)
from apps.open_banking.policies import RIGHT
from apps.open_banking.states import CONSENT, OPEN, ConsentStatus
from apps.users.models import User

ONE_SWEEP = 500


@transaction.atomic
def revoke(*, consent: Consent, by: User, at: datetime, reason: str = "") -> Consent:
    """Stop it: its customer, or staff with the right and a reason. Stopping what has ended changes nothing.

    Its next request is refused: every request asks the consent itself. Raises NotFound, NotAllowed.
    """
    row = _locked(consent)
    is_own = row.user_id == by.pk
    if not is_own and not by.has_perm(RIGHT):
        raise NotFound(_("There is nothing here, or it is not yours."))
    if not is_own and not reason.strip():
        raise NotAllowed(_("Say why: the record is read later. Nothing was changed."))
    if row.status not in OPEN:
        return row
    is_given = row.status == ConsentStatus.VALID
    to = (
        ConsentStatus.REVOKED_BY_BANK
        if not is_own
        else (ConsentStatus.REVOKED_BY_PSU if is_given else ConsentStatus.REJECTED)
    )
    end_many([row.pk], to=to, actor=Actor.PSU if is_own else Actor.BANK, by=by, reason=reason, at=at)
    audit_trail.record("open_banking.consent.revoked", on=row, by=by, at=at, reason=reason, after={"status": to})
    if row.user is not None and is_given and not row.is_sandbox:
        facts = {"app": row.app.name}
        notifications.send(
            "open_banking.stopped", to=row.user, context=facts, at=at, key=f"open_banking/{row.pk}/stopped"
        )
    row.refresh_from_db()
    return row


@transaction.atomic
def reject(*, consent: Consent, by: User, at: datetime) -> Consent:
    """The customer says no. Saying so twice is once. Raises NotFound."""
    row = _locked(consent)
    if row.user_id not in (None, by.pk):
        raise NotFound(_("There is nothing here, or it is not yours."))
    if row.status not in OPEN[:2]:
        return row
    Consent.objects.filter(pk=row.pk).update(user=by)
    end_many([row.pk], to=ConsentStatus.REJECTED, actor=Actor.PSU, by=by, reason="", at=at)
    audit_trail.record("open_banking.consent.rejected", on=row, by=by, at=at, customer=by)
    row.refresh_from_db()
    return row


@transaction.atomic
def terminate(*, consent: Consent, app: ThirdPartyApp, at: datetime) -> Consent:
    """The app gives it back. Raises NotFound for another app's."""
    row = _locked(consent)
    if row.app_id != app.pk:
        raise NotFound(_("There is nothing here, or it is not yours."))
    if row.status in OPEN:
        end_many([row.pk], to=ConsentStatus.TERMINATED_BY_TPP, actor=Actor.TPP, by=None, reason="", at=at)
        audit_trail.record("open_banking.consent.terminated", on=row, by=None, at=at)
        row.refresh_from_db()
    return row


@transaction.atomic
def consume(*, consent: Consent, at: datetime) -> Consent:
    """What could be done once was done. Raises IllegalMove when it is not live any more.

    Its access tokens live out their minutes, so that the app can send its request again and read what became of it;
    they open nothing else. Refresh tokens end.
    """
    row = _locked(consent)
    CONSENT.make(row, ConsentStatus.CONSUMED, ended_at=at)
    _write_moves([(row.pk, ConsentStatus.VALID)], ConsentStatus.CONSUMED, Actor.TPP, None, "", at)
    _end_renewing([row.pk], at)
    audit_trail.record("open_banking.consent.consumed", on=row, by=None, at=at)
    return row


@transaction.atomic
def expire_due(*, at: datetime) -> int:
    """End what is over, and what nobody authorised in time; a few hundred at a time. Returns how many."""
    rows = Consent.objects.overdue(at).select_for_update(skip_locked=True).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:ONE_SWEEP])
    count = end_many(ids, to=ConsentStatus.EXPIRED, actor=Actor.CLOCK, by=None, reason="", at=at)
    if count:
        audit_trail.record(
            "open_banking.consents.expired", on="open_banking/consents", by=None, at=at, after={"consents": count}
        )
    return count


def end_many(ids: Sequence[int], *, to: str, actor: str, by: User | None, reason: str, at: datetime) -> int:
    """Move locked consents that are open to one end, with their moves written, tokens dead and events told."""
    open_now = list(
        Consent.objects.filter(pk__in=ids, status__in=CONSENT.sources(to)).values_list(
            "pk", "status", "user_id", "app_id"
        )
    )
    ended = [row[0] for row in open_now]
    Consent.objects.filter(pk__in=ended).update(status=to, ended_at=at)
    _write_moves([(pk, was) for pk, was, _user, _app in open_now], to, actor, by, reason, at)
    end_tokens(ended, at)
    for pk, _was, user_id, app_id in open_now:
        if to == ConsentStatus.EXPIRED:
            events.publish(ConsentExpired(consent_id=pk, user_id=user_id, app_id=app_id))
        elif to != ConsentStatus.REJECTED:
            events.publish(ConsentRevoked(consent_id=pk, user_id=user_id, app_id=app_id, by=actor))
    return len(ended)


def end_tokens(consents: Sequence[int], at: datetime) -> None:
    """Everything that was given for these consents opens nothing any more."""
    AccessToken.objects.filter(consent__in=consents).delete()
    _end_renewing(consents, at)


def _end_renewing(consents: Sequence[int], at: datetime) -> None:
    RefreshToken.objects.filter(consent__in=consents, revoked=None).update(revoked=at)
    AuthorisationCode.objects.filter(consent__in=consents, used_at=None).delete()
    DeviceGrant.objects.filter(consent__in=consents).exclude(status=DeviceGrant.DENIED).update(
        status=DeviceGrant.DENIED
    )


def end_family(family: UUID, at: datetime) -> None:
    """Everything that came of one code opens nothing any more: it was used twice."""
    AccessToken.objects.filter(family=family).delete()
    RefreshToken.objects.filter(Q(token_family=family), revoked=None).update(revoked=at)


def _locked(consent: Consent) -> Consent:
    return Consent.objects.select_for_update(of=("self",)).select_related("app", "user").get(pk=consent.pk)


def _write_moves(
    rows: Sequence[tuple[int, str]], to: str, actor: str, by: User | None, reason: str, at: datetime
) -> None:
    moves = [
        ConsentEvent(consent_id=pk, was=was, became=to, actor=actor, by=by, reason=reason.strip()[:200], at=at)
        for pk, was in rows
    ]
    ConsentEvent.objects.bulk_create(moves)
