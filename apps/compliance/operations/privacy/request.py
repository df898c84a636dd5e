"""Asking for a copy, a correction or erasure; taking it back; saying no."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance import policies
from apps.compliance.errors import AskedAlready, ReasonNeeded
from apps.compliance.events import DataRequestAnswered, DataRequestAsked
from apps.compliance.models import DataRequest, ExportFile, RequestKind, RequestPaper, RequestStatus
from apps.compliance.states import DATA_REQUEST
from apps.kernel import cipher, events
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.notifications import operations as notifications
from apps.users.models import User

# The bank's promise for all kinds; the Act says "without undue delay", the regulations of 2021 name days by kind.
ANSWER_WITHIN = timedelta(days=30)


def open_request(
    *, user: User, kind: str, at: datetime, field: str = "", held: str | None = None, wanted: str | None = None,
    reason: str = "",
) -> DataRequest:  # fmt: skip
    """Write a request down; one of a kind at a time (a constraint). Raises NotAllowed, AskedAlready."""
    if user.is_staff or user.is_service:
        raise NotAllowed(_("This is for customers. Ask the data protection officer about your own data."))
    try:
        with transaction.atomic():
            row = DataRequest.objects.create(
                user=user, kind=kind, field=field, held=held, wanted=wanted, reason=reason.strip()[:500], asked_at=at,
                due_at=at + ANSWER_WITHIN,
            )  # fmt: skip
    except IntegrityError as no:
        raise AskedAlready(_("You asked for this already, and we are on it. Nothing was changed.")) from no
    audit_trail.record(
        "privacy.request.asked", on=user, by=user, at=at, after={"request": row.reference, "kind": kind, "field": field}
    )
    events.publish(DataRequestAsked(request_id=row.pk))
    return row


@transaction.atomic
def withdraw(*, request: DataRequest, by: User, at: datetime) -> DataRequest:
    """Take one's own request back before it is answered. Raises NotAllowed, IllegalMove."""
    if request.user_id != by.pk:
        raise NotAllowed(_("Only who asked can take it back."))
    if request.kind == RequestKind.EXPORT:
        raise IllegalMove(_("A copy is made by itself and cannot be taken back. It is deleted after seven days."))
    DATA_REQUEST.make(request, RequestStatus.WITHDRAWN, answered_at=at)
    audit_trail.record("privacy.request.withdrawn", on=by, by=by, at=at, after={"request": request.reference})
    return request


@transaction.atomic
def refuse(*, request: DataRequest, reason: str, by: User, at: datetime) -> DataRequest:
    """Say no, in words the person reads. Raises NotFound, NotAllowed, ReasonNeeded, IllegalMove."""
    policies.require_may_answer(by, request)
    if not reason.strip():
        raise ReasonNeeded(_("Say why not: the person reads your reason and may go to the Commissioner with it."))
    if request.status != RequestStatus.OPEN:
        raise IllegalMove(_("A second person looks at it, or it is over. Nothing was changed."))
    answer(request, RequestStatus.REFUSED, reason, by=by, at=at)
    return request


def answer(
    request: DataRequest, status: str, words: str, *, by: User, at: datetime, erased_on: date | None = None
) -> None:
    """Close a request with an answer, and tell the person; who is closed cannot sign in and is told all of it."""
    DATA_REQUEST.make(request, status, answered_by=by, answered_at=at, answer=words.strip()[:1000])
    audit_trail.record(
        f"privacy.request.{status.lower()}", on=request.user, by=by, at=at, after={"request": request.reference}
    )
    events.publish(DataRequestAnswered(request_id=request.pk))
    context = {"reference": request.reference}
    if erased_on is not None:
        context["day"] = erased_on.isoformat()
    code = "privacy.closed" if erased_on else "privacy.answered"
    notifications.send(code, to=request.user, context=context, at=at, key=f"privacy/{request.pk}/answered")


def place(kind: str, public_id: UUID | str, content_hash: str) -> str:
    """Where a sealed file of a request belongs."""
    return f"compliance_{kind}.sealed:{public_id}/{content_hash}"


def sealed(kind: str, request: DataRequest, content: bytes) -> dict[str, object]:
    """The columns of a file that is kept with a request."""
    digest = sha256(content).hexdigest()
    return {
        "size": len(content), "sha256": digest, "sealed": cipher.seal(content, place(kind, request.public_id, digest)),
    }  # fmt: skip


def rotate_files() -> int:
    """Seal papers and copies again that older keys sealed, one at a time; safe to stop and to run again."""
    return sum(_rotate(kind, model) for kind, model in (("requestpaper", RequestPaper), ("exportfile", ExportFile)))


def _rotate(kind: str, model: type[RequestPaper] | type[ExportFile]) -> int:
    newest, done = cipher.keyring().newest, 0
    for pk in list(model.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = model.objects.select_for_update(of=("self",)).select_related("request").filter(pk=pk).first()
            if row is None or cipher.key_id_of(bytes(row.sealed)) == newest:
                continue
            clear = cipher.unseal(bytes(row.sealed), place(kind, row.request.public_id, row.sha256))
            model.objects.filter(pk=pk).update(**sealed(kind, row.request, clear))
            done += 1
    return done
