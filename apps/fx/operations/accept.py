"""Believing a feed after all: a currency may really fall by a fifth in a day, and two people say so."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.fx import queries
from apps.fx.errors import NotAcceptable
from apps.fx.models import Because, RefusedFeed
from apps.fx.operations.refresh import record_rates
from apps.fx.policies import require_may_manage
from apps.kernel import approvals
from apps.kernel.models import Approval
from apps.users.models import User

ACCEPT_RATES = "fx.accept_rates"


def ask_to_accept(*, refused: RefusedFeed, reason: str, by: User, at: datetime) -> Approval:
    """Ask to use a feed that was refused for a jump; a second person allows it. Raises NotAllowed, NotAcceptable."""
    require_may_manage(by)
    _require_acceptable(refused, at)
    held = queries.newest(at)
    return approvals.ask(
        kind=ACCEPT_RATES,
        subject=f"fx/feeds/{refused.pk}",
        payload={"refused": refused.pk},
        before={code: str(rate) for code, rate in held.table.items() if code in refused.figures} if held else {},
        after=refused.figures,
        reason=reason,
        by=by,
        at=at,
    )


def _require_acceptable(refused: RefusedFeed, at: datetime) -> None:
    held = queries.newest(at)
    is_passed = held is not None and held.fetched_at >= refused.received_at
    if refused.because != Because.JUMP or is_passed or at - refused.received_at > queries.TOO_OLD:
        raise NotAcceptable(
            _("Only a feed that was refused for a jump, is less than a day old and was not overtaken can be accepted.")
        )


@transaction.atomic
def run_accept(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved feed becomes the rates of its moment, once. Raises NotAcceptable."""
    refused = RefusedFeed.objects.get(pk=payload["refused"])
    _require_acceptable(refused, at)
    table = {code: Decimal(rate) for code, rate in refused.figures.items()}
    try:
        with transaction.atomic():
            record_rates(
                table=table, source=refused.source, as_of=refused.as_of or refused.received_at, at=refused.received_at
            )
    except IntegrityError as no:
        raise NotAcceptable(_("These rates hold already.")) from no
    audit_trail.record("fx.feed.accepted", on=refused, by=checker, at=at, after=refused.figures)
    return {"refused": refused.pk}
