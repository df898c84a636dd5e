"""A copy of all of a person's data: asked for, made by a task, fetched with proof, deleted after seven days."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from apps.audit_trail import operations as audit_trail
from apps.compliance.events import DataRequestAnswered
from apps.compliance.models import DataRequest, ExportFile, RequestKind, RequestStatus
from apps.compliance.operations.privacy import request as requests
from apps.compliance.operations.privacy import retention
from apps.compliance.states import DATA_REQUEST
from apps.kernel import cipher, events, personal
from apps.kernel.errors import NotFound
from apps.notifications import operations as notifications
from apps.notifications.wake import is_quiet
from apps.users import operations as users
from apps.users.acts import act
from apps.users.models import User

log = structlog.get_logger(__name__)
OPERATION = act("privacy.export", _("download a copy of your data"))


@transaction.atomic
def ask_export(*, user: User, at: datetime) -> DataRequest:
    """Ask for a copy of all of one's data; a task makes it. Raises NotAllowed, AskedAlready while one is under way or
    ready.
    """
    row = requests.open_request(user=user, kind=RequestKind.EXPORT, at=at)
    transaction.on_commit(_wake, robust=True)
    return row


def _wake() -> None:
    if is_quiet():
        return
    try:
        current_app.send_task("apps.compliance.tasks.make_exports", retry=False)
    except OperationalError as no:
        log.warning("broker_unreachable", task="make_exports", exc_info=no)  # the sweep finds it within a minute


def make_exports(*, at: datetime, most: int = 20) -> int:
    """Make what was asked for and is not made yet; safe to run twice and at once. Returns how many."""
    waiting = DataRequest.objects.filter(kind=RequestKind.EXPORT, status=RequestStatus.OPEN).order_by("pk")
    return sum(make_export(request_id=pk, at=at) for pk in list(waiting.values_list("pk", flat=True)[:most]))


@transaction.atomic
def make_export(*, request_id: int, at: datetime) -> bool:
    """Make one copy; False when another worker has it or it is made. The person is told when it is ready."""
    rows = DataRequest.objects.select_for_update(of=("self",), skip_locked=True).select_related("user")
    request = rows.filter(pk=request_id, kind=RequestKind.EXPORT, status=RequestStatus.OPEN).first()
    if request is None:
        return False
    content = archive(request.user, at=at)
    kept = requests.sealed("exportfile", request, content)
    ExportFile.objects.create(request=request, made_at=at, expires_at=at + retention.export_life(), **kept)
    DATA_REQUEST.make(request, RequestStatus.READY, answered_at=at)
    facts = {"request": request.reference, "bytes": len(content)}
    audit_trail.record("privacy.export.made", on=request.user, by=None, at=at, after=facts)
    events.publish(DataRequestAnswered(request_id=request.pk))
    notifications.send(
        "privacy.export_ready", to=request.user, context={"days": str(retention.export_life().days)}, at=at,
        key=f"privacy/{request.pk}/ready",
    )  # fmt: skip
    return True


def archive(user: User, *, at: datetime) -> bytes:
    """A ZIP of all parts as JSON and CSV, of the files that belong to them, and a page that explains, in two languages.

    Amounts are decimal text beside their currency, instants ISO 8601.
    """
    made, counts = io.BytesIO(), []
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as box:
        for part in personal.parts():
            rows = list(personal.rows_of(part, user.pk))
            counts.append((part.name, len(rows)))
            box.writestr(f"json/{part.name}.json", json.dumps(rows, ensure_ascii=False, indent=1, default=str))
            box.writestr(f"csv/{part.name}.csv", _csv(rows))
            for name, body in _files(part, user.pk):
                box.writestr(f"files/{part.name}/{name}", body)
        for language, name in (("en", "README.txt"), ("sw", "SOMA.txt")):
            with translation.override(language):
                told = {"person": user, "at": at, "counts": counts}
                box.writestr(name, render_to_string("messages/privacy/readme.txt", told))
    return made.getvalue()


def _files(part: personal.Part, user_id: int) -> Iterable[tuple[str, bytes]]:
    return part.files(user_id) if part.files else ()


def _csv(rows: list[dict[str, Any]]) -> str:
    """With a line of names, or nothing. A cell that a spreadsheet would run is put behind an apostrophe."""
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and not value.lstrip("+-").replace(".", "", 1).isdigit():
        return f"'{value}"
    return value


def subject_of(request: DataRequest) -> str:
    """What a proof for the download is bound to."""
    return f"privacy/export/{request.public_id}"


@transaction.atomic
def fetch_export(*, request: DataRequest, by: User, challenge_id: Any, at: datetime) -> bytes:
    """The copy, for the same person with proof that it is them. Raises NotFound, StepUpRequired."""
    row = ExportFile.objects.filter(request=request, request__user=by, expires_at__gt=at).first()
    if row is None:
        raise NotFound(_("There is no copy to download, or its seven days are over. Ask for a new one."))
    users.use(challenge_id=challenge_id, user=by, operation=OPERATION, subject=subject_of(request), at=at)
    ExportFile.objects.filter(pk=row.pk).update(fetched_at=at)
    audit_trail.record("privacy.export.fetched", on=by, by=by, at=at, after={"request": request.reference})
    return cipher.unseal(bytes(row.sealed), requests.place("exportfile", request.public_id, row.sha256))


@transaction.atomic
def expire_exports(*, at: datetime) -> int:
    """Delete the copies whose time is over; returns how many."""
    old = ExportFile.objects.filter(expires_at__lte=at)
    people = list(old.values_list("request_id", flat=True))
    old.filter(request_id__in=people).delete()
    DataRequest.objects.filter(pk__in=people, status=RequestStatus.READY).update(status=RequestStatus.EXPIRED)
    return len(people)
