"""Saying of a hit who it is: somebody else, or the one on the list."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.states import Moves
from apps.kyc.events import ScreeningCleared, ScreeningConfirmed
from apps.kyc.models import ScreeningDecision, ScreeningHit, ScreeningStatus, WatchListKind
from apps.kyc.operations.screening.load import RIGHT
from apps.kyc.rules.matching import Birth
from apps.kyc.states import HIT, HIT_BY_TWO
from apps.users.models import User
from apps.users.policies import require_right, require_unconnected

CLEAR = "kyc.clear_screening"
SLEEPS = timedelta(days=365)
STRONG = 0.95  # of a sanctions list, or with the same day of birth: two people clear it


def is_strong(hit: ScreeningHit) -> bool:
    """Whether clearing it takes two people."""
    if hit.status == ScreeningStatus.CONFIRMED:
        return True
    is_alike = float(hit.score) >= STRONG or hit.birth == Birth.SAME.value
    return is_alike and hit.watch_list.kind == WatchListKind.SANCTIONS


def clear(*, hit: ScreeningHit, reason: str, by: User, at: datetime) -> Approval | None:
    """Say that the customer is somebody else. A strong match is asked of a second person, whose request is answered.

    Raises NotAllowed, IllegalMove when it was decided before.
    """
    _require(hit, reason, by)
    if not is_strong(hit):
        _decide(hit, ScreeningStatus.CLEARED, reason, by, at)
        return None
    if hit.status not in (ScreeningStatus.OPEN, ScreeningStatus.CONFIRMED):
        raise IllegalMove(_("This has already been decided. Nothing was changed. Look at it again."))
    return approvals.ask(
        kind=CLEAR,
        subject=f"screening/{hit.pk}",
        payload={"hit": hit.pk, "reason": reason.strip(), "party_print": hit.party_print, "user_print": hit.user_print},
        before={"status": hit.status, "score": str(hit.score), "listed": hit.listed_name},
        after={"status": ScreeningStatus.CLEARED.value},
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_clear(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises NotAllowed, IllegalMove when the two changed since it was asked."""
    hit = ScreeningHit.objects.select_related("watch_list").select_for_update(of=("self",)).get(pk=payload["hit"])
    _require(hit, payload["reason"], checker)
    if (hit.party_print, hit.user_print) != (payload["party_print"], payload["user_print"]):
        raise IllegalMove(
            _("The customer or the list has changed since. Look at the match again. Nothing was changed.")
        )
    _decide(hit, ScreeningStatus.CLEARED, payload["reason"], checker, at, moves=HIT_BY_TWO)
    return {"hit": hit.pk}


def confirm(*, hit: ScreeningHit, reason: str, by: User, at: datetime) -> None:
    """Say that the customer is the one on the list: for sanctions their accounts are frozen by who hears it.

    Raises NotAllowed, IllegalMove.
    """
    _require(hit, reason, by)
    _decide(hit, ScreeningStatus.CONFIRMED, reason, by, at)


def _require(hit: ScreeningHit, reason: str, by: User) -> None:
    require_right(by, RIGHT)
    if by.pk == hit.user_id:
        raise NotAllowed(_("Another officer must decide on a match with yourself."))
    require_unconnected(by, hit.user)
    if not reason.strip():
        raise NotAllowed(_("Say why: the record of this decision is read later."))


@transaction.atomic
def _decide(hit: ScreeningHit, to: ScreeningStatus, reason: str, by: User, at: datetime, *, moves: Moves = HIT) -> None:
    reason = reason.strip()[:500]
    sleeps = at + SLEEPS if to == ScreeningStatus.CLEARED else None
    moves.make(hit, to, decided_by=by, decided_at=at, reason=reason, sleeps_until=sleeps)
    ScreeningDecision.objects.create(hit=hit, became=to, reason=reason, by=by, at=at, score=hit.score)
    audit_trail.record(
        f"kyc.screening.{to.lower()}", on=hit, by=by, at=at, reason=reason, customer=hit.user,
        after={"listed": hit.listed_name, "score": str(hit.score)},
    )  # fmt: skip
    told = ScreeningCleared if to == ScreeningStatus.CLEARED else ScreeningConfirmed
    events.publish(told(hit_id=hit.pk, user_id=hit.user_id))
