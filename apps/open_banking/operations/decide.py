"""Staff decide on apps: going live takes two of them, stopping takes one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.notifications import operations as notifications
from apps.notifications.operations import Telling
from apps.open_banking.errors import BadApp
from apps.open_banking.events import AppApproved, AppSuspended
from apps.open_banking.models import AccessToken, Actor, Consent, RefreshToken, ThirdPartyApp
from apps.open_banking.operations.end import end_many
from apps.open_banking.operations.sandbox.end import end_sandbox
from apps.open_banking.policies import RIGHT
from apps.open_banking.states import APP, OPEN, AppStatus, ConsentStatus
from apps.users.models import User
from apps.users.policies import require_right, require_unconnected

APPROVE_APP = "open_banking.app_approval"
MOST_CALLS = 100_000_000  # a day; far below what the column holds


@transaction.atomic
def ask_approval(*, app: ThirdPartyApp, reason: str, by: User, at: datetime, direct_login: bool = False) -> Approval:
    """Ask a colleague to let an app see customers' accounts: a new one, one that was refused, or a suspended one.

    Raises NotAllowed, Connected, IllegalMove.
    """
    require_right(by, RIGHT)
    _require_no_developer(by, app)
    row = ThirdPartyApp.objects.select_for_update().get(pk=app.pk)
    if not APP.allows(row.status, AppStatus.APPROVED):
        raise IllegalMove(_("This app is approved already. Nothing was changed."))
    if Approval.objects.filter(kind=APPROVE_APP, subject=_subject(row), status="PENDING").exists():
        raise IllegalMove(_("A colleague was asked about this app already. Nothing was changed."))
    after = {
        "name": row.name, "redirect_uris": row.redirect_uris,
        "post_logout_redirect_uris": row.post_logout_redirect_uris, "allowed_scopes": row.allowed_scopes,
        "website_url": row.website_url, "uses_devices": row.uses_devices, "certificate": row.certificate_thumbprint,
        "status": AppStatus.APPROVED, "direct_login": direct_login,
    }  # fmt: skip
    return approvals.ask(
        kind=APPROVE_APP, subject=_subject(row), reason=reason, by=by, at=at, after=after,
        before={"status": row.status},
        payload={"app": row.pk, "direct_login": direct_login, "seen": _seen(row)},
    )  # fmt: skip


def run_approval(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """Let it ask customers, if it still is what both have seen.

    What it was let in to in the sandbox ends. Raises IllegalMove, NotAllowed, Connected.
    """
    row = ThirdPartyApp.objects.select_for_update().get(pk=payload["app"])
    _require_no_developer(checker, row)
    if payload["seen"] != _seen(row):
        raise IllegalMove(_("The app was changed since it was looked at. Return this and look at it again."))
    end_sandbox(row, by=checker, reason="the app went live", at=at)
    APP.make(
        row,
        AppStatus.APPROVED,
        is_sandbox=False,
        approved_at=at,
        approved_by_id=checker.pk,
        status_because="",
        allows_direct_login=payload["direct_login"] and row.client_type == "confidential",
    )
    audit_trail.record(
        "open_banking.app.approved", on=row, by=checker, at=at, after={"direct_login": payload["direct_login"]}
    )
    events.publish(AppApproved(app_id=row.pk))
    return {"app": str(row.public_id)}


@transaction.atomic
def reject_app(*, app: ThirdPartyApp, reason: str, by: User, at: datetime) -> ThirdPartyApp:
    """Say no to an app; its developer reads why. Raises NotAllowed, Connected, IllegalMove."""
    require_right(by, RIGHT)
    _require_no_developer(by, app)
    APP.make(app, AppStatus.REJECTED, status_because=_said(reason))
    audit_trail.record("open_banking.app.rejected", on=app, by=by, at=at, reason=reason)
    return app


@transaction.atomic
def suspend_app(*, app: ThirdPartyApp, reason: str, by: User, at: datetime) -> int:
    """Stop an app at once: its tokens die, and every consent it holds ends by the bank. Returns how many.

    Raises NotAllowed, IllegalMove.
    """
    require_right(by, RIGHT)
    row = ThirdPartyApp.objects.select_for_update().get(pk=app.pk)
    APP.make(row, AppStatus.SUSPENDED, status_because=_said(reason))
    rows = list(Consent.objects.select_for_update().filter(app=row, status__in=OPEN).order_by("pk"))
    ended = end_many(
        [one.pk for one in rows], to=ConsentStatus.REVOKED_BY_BANK, actor=Actor.BANK, by=by, reason=reason, at=at
    )
    AccessToken.objects.filter(application=row).delete()
    RefreshToken.objects.filter(application=row, revoked=None).update(revoked=at)
    audit_trail.record("open_banking.app.suspended", on=row, by=by, at=at, reason=reason, after={"consents": ended})
    _tell_customers(row, rows, at)
    events.publish(AppSuspended(app_id=row.pk, consents=ended))
    app.status = row.status
    return ended


def _tell_customers(app: ThirdPartyApp, stopped: list[Consent], at: datetime) -> None:
    """Whoever had let it in hears that it sees nothing any more, once each."""
    by_person = {one.user_id: one.pk for one in stopped if one.status == ConsentStatus.VALID and not one.is_sandbox}
    facts = {"app": app.name}
    tellings = [
        Telling(to=person, key=f"open_banking/{pk}/stopped", context=facts)
        for person, pk in by_person.items()
        if person is not None
    ]
    notifications.send_many("open_banking.stopped", tellings=tellings, at=at)


@transaction.atomic
def limit_app(*, app: ThirdPartyApp, per_minute: int, per_day: int, by: User, at: datetime) -> ThirdPartyApp:
    """How often an app may call. Raises NotAllowed, Connected, BadApp."""
    require_right(by, RIGHT)
    _require_no_developer(by, app)
    if not 1 <= per_minute <= per_day <= MOST_CALLS:
        raise BadApp(
            _("From 1 to %(most)s calls, a day at least as many as a minute. Nothing was changed.")
            % {"most": f"{MOST_CALLS:,}"},
            errors={},
        )
    row = ThirdPartyApp.objects.select_for_update().get(pk=app.pk)
    before = {"minute": row.rate_limit_per_minute, "day": row.rate_limit_per_day}
    row.rate_limit_per_minute, row.rate_limit_per_day = per_minute, per_day
    row.save(update_fields=["rate_limit_per_minute", "rate_limit_per_day"])
    after = {"minute": per_minute, "day": per_day}
    audit_trail.record("open_banking.app.limited", on=row, by=by, at=at, before=before, after=after)
    return row


def _subject(app: ThirdPartyApp) -> str:
    return f"open_banking/apps/{app.public_id}"


def _seen(app: ThirdPartyApp) -> str:
    """What both people decide on, and where it stood: a change of it, or a colleague's no, since voids the request."""
    returns = f"{app.redirect_uris}|{app.post_logout_redirect_uris}"
    proves = f"{app.client_type}|{app.uses_devices}|{app.certificate_thumbprint}|{app.status}"
    return f"{app.name}|{returns}|{','.join(app.allowed_scopes)}|{app.website_url}|{proves}"


def _said(reason: str) -> str:
    if not reason.strip():
        raise NotAllowed(_("Say why: the record is read later. Nothing was changed."))
    return reason.strip()[:200]


def _require_no_developer(who: User, app: ThirdPartyApp) -> None:
    if app.developer.user_id == who.pk:
        raise NotAllowed(_("Another member of staff must decide on your own app."))
    require_unconnected(who, app.developer.user)
