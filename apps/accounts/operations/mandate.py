"""A business says who operates its accounts: proposed by one, signed by all whom it takes, then in force."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import mandates, signing
from apps.accounts.errors import BadMandate, TooFewSign
from apps.accounts.models import Mandate, MandateBand, MandateSignatory, MandateSignature, MandateStatus
from apps.accounts.signing import Band
from apps.accounts.states import MANDATE
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.models import Approval, ApprovalStatus
from apps.users import operations as people
from apps.users.acts import act
from apps.users.models import BusinessProfile, StepUpChallenge, User
from apps.users.operations.businesses import locked as locked_business
from apps.users.policies import may_sign_for, require_right, require_unconnected, role_in

BY_BANK = "accounts.mandate"
RIGHT = "kyc.approve_kyc"
WHY = {
    "nobody": _("Name who signs."),
    "bands": _("Say for which amounts how many sign, the last without an end."),
    "count": _("That many signatures cannot be given by those who are named."),
    "falls": _("A larger amount must not need fewer signatures than a smaller one."),
}

SIGN = act("accounts.mandate.sign", _("sign who may pay for %(payee)s"))


@transaction.atomic
def propose_mandate(
    *, business: BusinessProfile, signatories: Iterable[int], bands: Sequence[Band], by: User, at: datetime
) -> Mandate:
    """Write a mandate down, in place of one that waits. `signatories` are keys of members who sign for the business.

    It is in force once it is signed, by its maker too: see `sign_mandate`. Raises NotFound, NotAllowed, BadMandate.
    """
    business = locked_business(business)
    _require_signs(by, business)
    named = sorted(set(signatories))
    if code := signing.wrong(bands, len(named)):
        raise BadMandate(WHY[code], because=code)
    if not set(named) <= {one.pk for one in mandates.may_be_named(business)}:
        raise BadMandate(_("Only owners and signatories of the business can be named."), because="signatories")
    for waiting in Mandate.objects.filter(business=business, status=MandateStatus.WAITING):
        MANDATE.make(waiting, MandateStatus.DROPPED, ended_at=at)
    mandate = Mandate.objects.create(business=business, made_by=by, made_at=at)
    MandateSignatory.objects.bulk_create(MandateSignatory(mandate=mandate, user_id=pk) for pk in named)
    MandateBand.objects.bulk_create(
        MandateBand(
            mandate=mandate,
            upto_minor=band.upto_minor,
            needs=band.needs,
            count=band.count if band.needs == signing.SOME else 0,
        )
        for band in bands
    )
    audit_trail.record("accounts.mandate.proposed", on=mandate, by=by, at=at, after=facts(mandate), customer=by)
    return mandate


def bound_to(mandate: Mandate) -> dict[str, Any]:
    """What a proof is bound to: this mandate of this business."""
    return {
        "operation": SIGN,
        "subject": f"mandates/{mandate.public_id}",
        "payee": mandate.business.name,
    }


def challenge_mandate(*, mandate: Mandate, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask for proof before signing it. Raises NotFound, NotAllowed, IllegalMove, TooSoon."""
    _require_asked(mandate, by)
    return people.challenge(user=by, at=at, method=method, **bound_to(mandate))


@transaction.atomic
def sign_mandate(*, mandate: Mandate, challenge_id: uuid.UUID | str | None, by: User, at: datetime) -> Mandate:
    """Agree to it, with proof. The last signature puts it in force; signed before, it is answered as it is.

    The first is signed by everybody it names, every owner and every director who banks here; a later one by everybody
    it names anew, and by as many as the hardest band of the one in force asks for. Raises NotFound, NotAllowed,
    IllegalMove, StepUpRequired.
    """
    business = locked_business(mandate.business)
    mandate = Mandate.objects.whole().get(pk=mandate.pk)
    if MandateSignature.objects.filter(mandate=mandate, user=by).exists():
        return mandate
    _require_asked(mandate, by)
    people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(mandate))
    MandateSignature.objects.create(mandate=mandate, user=by, at=at)
    audit_trail.record("accounts.mandate.signed", on=mandate, by=by, at=at, customer=by)
    if not mandates.waits_for(Mandate.objects.whole().get(pk=mandate.pk)):
        _put_in_force(mandate, business, by, at)
    return Mandate.objects.whole().get(pk=mandate.pk)


@transaction.atomic
def drop_mandate(*, mandate: Mandate, by: User, at: datetime) -> Mandate:
    """Take back, or turn down, one that waits: anyone asked to sign may. Raises NotFound, NotAllowed, IllegalMove."""
    locked_business(mandate.business)
    _require_signs(by, mandate.business)
    MANDATE.make(mandate, MandateStatus.DROPPED, ended_at=at)
    audit_trail.record("accounts.mandate.dropped", on=mandate, by=by, at=at, customer=by)
    return mandate


@transaction.atomic
def ask_bank_for_mandate(*, mandate: Mandate, reason: str, by: User, at: datetime) -> Approval:
    """Where too few are left to sign: one officer asks, having seen the resolution, another puts it in force.

    Raises NotAllowed, Connected, Conflict when its signatories can still decide, or have not all signed.
    """
    require_right(by, RIGHT)
    require_unconnected(by, mandate.business.party)
    _require_stuck(mandate)
    subject = f"mandates/{mandate.pk}"
    if Approval.objects.filter(kind=BY_BANK, subject=subject, status=ApprovalStatus.PENDING).exists():
        raise Conflict(_("Another officer asked for this already; it waits for a decision. Nothing was changed."))
    return approvals.ask(
        kind=BY_BANK, subject=subject, payload={"mandate": mandate.pk, "user": mandate.business.party_id},
        after=facts(mandate), reason=reason, by=by, at=at,
    )  # fmt: skip


def run_by_bank(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved request: the mandate is in force. Raises Connected, Conflict, IllegalMove."""
    mandate = Mandate.objects.whole().get(pk=payload["mandate"])
    business = locked_business(mandate.business)
    require_unconnected(checker, business.party)
    _require_stuck(mandate)
    _put_in_force(mandate, business, checker, at)
    return {"mandate": mandate.pk}


def facts(mandate: Mandate) -> dict[str, Any]:
    """What the record keeps of one."""
    return {
        "signatories": sorted(MandateSignatory.objects.filter(mandate=mandate).values_list("user_id", flat=True)),
        "bands": [[row.upto_minor, row.needs, row.count] for row in MandateBand.objects.filter(mandate=mandate)],
    }


def _put_in_force(mandate: Mandate, business: BusinessProfile, by: User, at: datetime) -> None:
    for before in Mandate.objects.filter(business=business, status=MandateStatus.IN_FORCE):
        MANDATE.make(before, MandateStatus.REPLACED, ended_at=at)
    MANDATE.make(mandate, MandateStatus.IN_FORCE, in_force_at=at)
    audit_trail.record("accounts.mandate.in_force", on=mandate, by=by, at=at, after=facts(mandate))


def _require_signs(who: User, business: BusinessProfile) -> None:
    if role_in(who, business) is None:
        raise NotFound(_("There is no such business, or you do not belong to it."))
    if not may_sign_for(who, business):
        raise NotAllowed(_("Only owners and signatories decide on this. Nothing was changed."))


def _require_asked(mandate: Mandate, who: User) -> None:
    _require_signs(who, mandate.business)
    if mandate.status != MandateStatus.WAITING:
        raise IllegalMove(_("This is not waiting for signatures any more. Nothing was changed."))


def _require_stuck(mandate: Mandate) -> None:
    waits = mandates.waits_for(mandate)
    if mandate.status != MandateStatus.WAITING or waits.names or not waits.is_stuck:
        raise TooFewSign(_("Its signatories can decide this themselves, or those named anew have not signed yet."))
