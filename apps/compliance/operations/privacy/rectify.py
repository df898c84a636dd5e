"""Correcting what the bank holds: asked with a reason and a paper; what says who somebody is, two people change."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance import policies
from apps.compliance.errors import BadCorrection, ReasonNeeded
from apps.compliance.models import DataRequest, RequestField, RequestKind, RequestPaper, RequestStatus
from apps.compliance.operations.privacy import request as requests
from apps.compliance.states import DATA_REQUEST
from apps.kernel import approvals, cipher
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, IllegalMove, NotFound
from apps.kernel.models import Approval
from apps.kyc.rules import images
from apps.users import rules
from apps.users.models import User

CORRECT = "privacy.correct_identity"
RIGHT = "compliance.handle_data_requests"


@transaction.atomic
def ask_correction(
    *, user: User, field: str, wanted: str, reason: str, at: datetime, paper: bytes = b"", name: str = ""
) -> DataRequest:
    """Ask for a correction; `paper` shows what is right and is needed where it says who somebody is.

    Raises NotAllowed, BadCorrection with the field that is wrong, AskedAlready.
    """
    if field not in RequestField.values:
        raise BadCorrection(_("Choose what is wrong."), errors={"field": [_("Choose what is wrong.")]})
    value = _read(field, wanted, local_date(at))
    if not reason.strip():
        raise BadCorrection(_("Say what is wrong and why."), errors={"reason": [_("Say what is wrong and why.")]})
    clean = _clean(field, paper, name)
    held = _held(user, field)
    if value == held:
        raise BadCorrection(_("That is what we have."), errors={"wanted": [_("That is what we have.")]})
    row = requests.open_request(
        user=user, kind=RequestKind.RECTIFY, field=field, held=held or None, wanted=value, reason=reason, at=at
    )
    if clean is not None:
        content = requests.sealed("requestpaper", row, clean.body)
        RequestPaper.objects.create(request=row, media_type=clean.media_type, at=at, **content)
    return row


def _held(user: User, field: str) -> str:
    return "" if field == RequestField.OTHER else str(getattr(user, field) or "")


def _read(field: str, wanted: str, today: date) -> str:
    text = " ".join(wanted.split())
    try:
        if field == RequestField.ID_NUMBER:
            return rules.id_number(text)
        if field == RequestField.DATE_OF_BIRTH:
            return _birth(text, today)
        if field == RequestField.FULL_NAME:
            return rules.full_name(text)
    except (rules.Unreadable, ValueError) as no:
        words = str(no) if isinstance(no, rules.Unreadable) else _("Write a day like 1990-04-23.")
        raise BadCorrection(str(words), errors={"wanted": [words]}) from no
    if not 2 <= len(text) <= 120:
        words = _("Write what is right, in up to 120 letters.")
        raise BadCorrection(words, errors={"wanted": [words]})
    return text


def _birth(text: str, today: date) -> str:
    born = date.fromisoformat(text)
    if not date(1900, 1, 1) <= born < today:
        raise ValueError(text)
    return born.isoformat()


def _clean(field: str, paper: bytes, name: str) -> images.Clean | None:
    """The clean copy of a paper, as kyc makes them. Raises BadCorrection."""
    if not paper:
        if field == RequestField.OTHER:
            return None
        words = _("Add a picture of a paper that shows what is right.")
        raise BadCorrection(words, errors={"paper": [words]})
    try:
        return images.cleaned(paper, name=name, may_be_pdf=True)
    except images.BadFile as no:
        raise BadCorrection(str(no), errors={"paper": [str(no)]}) from no


@transaction.atomic
def open_paper(*, request: DataRequest, by: User, at: datetime) -> tuple[bytes, str]:
    """The paper of a request and its media type, for its owner or staff with the right; the look is recorded.

    Raises NotFound.
    """
    if request.user_id != by.pk:
        policies.require_may_see(by, request)
    row = RequestPaper.objects.filter(request=request).first()
    if row is None:
        raise NotFound(_("There is no paper, or its time was over and it was deleted."))
    audit_trail.record(
        "privacy.paper.viewed", on=request.user, by=by, at=at, after={"request": request.reference},
    )  # fmt: skip
    return cipher.unseal(
        bytes(row.sealed), requests.place("requestpaper", request.public_id, row.sha256)
    ), row.media_type


@transaction.atomic
def accept_correction(*, request: DataRequest, answer: str, by: User, at: datetime) -> Approval | None:
    """Agree to a correction. A field of identity is changed once a second person allows it; anything else is answered
    in words, which must say what was done. Raises NotFound, NotAllowed, ReasonNeeded, IllegalMove, Conflict.
    """
    policies.require_may_answer(by, request)
    if request.kind != RequestKind.RECTIFY:
        raise IllegalMove(_("This is not a correction. Nothing was changed."))
    if not answer.strip():
        raise ReasonNeeded(_("Say what you checked: the person and your colleague read it."))
    if request.field == RequestField.OTHER:
        requests.answer(request, RequestStatus.DONE, answer, by=by, at=at)
        return None
    if _held(request.user, request.field) != (request.held or ""):
        raise Conflict(_("What we hold has changed since they asked. Refuse this and let them ask again."))
    DATA_REQUEST.make(request, RequestStatus.WAITING, maker=by)
    return approvals.ask(
        kind=CORRECT,
        subject=f"privacy/{request.pk}",
        payload={"request": request.pk, "answer": answer.strip()[:1000]},
        # The values stand sealed in the request alone, where the second person reads them.
        before={"field": request.field},
        after={"field": request.field, "request": request.reference},
        reason=answer,
        by=by,
        at=at,
    )


def may_decide(who: Any, approval: Approval) -> None:
    """Nobody allows what is about themselves. Raises NotFound."""
    row = DataRequest.objects.get(pk=approval.payload["request"])
    policies.require_may_answer(who, row)


@transaction.atomic
def run_correction(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does: the profile changes, and is screened again by the nightly look at who changed.

    Raises NotFound, Conflict when the value is another's or changed meanwhile, IllegalMove.
    """
    request = DataRequest.objects.select_related("user").get(pk=payload["request"])
    user = User.objects.select_for_update(of=("self",)).get(pk=request.user_id)
    if _held(user, request.field) != (request.held or ""):
        raise Conflict(_("What we hold has changed since they asked. Nothing was changed."))
    setattr(user, request.field, str(request.wanted))
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as no:
        raise Conflict(_("Another customer has this number. Nothing was changed: look into both.")) from no
    audit_trail.record(
        "users.user.corrected", on=user, by=checker, at=at, before={request.field: request.held},
        after={request.field: request.wanted}, reason=payload["answer"],
    )  # fmt: skip
    requests.answer(request, RequestStatus.DONE, payload["answer"], by=checker, at=at)
    return {"field": request.field}


@transaction.atomic
def undo_correction(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """A request that came back is open again."""
    request = DataRequest.objects.get(pk=payload["request"])
    DATA_REQUEST.make(request, RequestStatus.OPEN, maker=None)
    return {}
