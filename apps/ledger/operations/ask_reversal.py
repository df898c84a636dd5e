"""Asking for a reversal: one member of staff asks, another allows, then it is posted."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import approvals
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.ledger.errors import AlreadyReversed
from apps.ledger.models import Entry, Transfer
from apps.ledger.operations.reverse import reverse
from apps.ledger.policies import require_may_ask_for_reversal
from apps.ledger.tied import require_untied

REVERSAL = "ledger.reversal"
_acts: list[Callable[..., Any]] = []


@transaction.atomic
def ask_reversal(*, transfer_id: int, reason: str, by: Any, at: datetime) -> Approval:
    """Ask for a transfer to be reversed; nothing moves until another person approves.

    Raises NotAllowed, NotFound, AlreadyReversed, TransferTied.
    """
    require_may_ask_for_reversal(by)
    transfer = Transfer.objects.filter(pk=transfer_id).first()
    if transfer is None:
        raise NotFound(_("There is no such transfer."))
    _require_can_be(transfer)
    legs = list(transfer.entries.select_related("account").order_by("leg"))
    return approvals.ask(
        kind=REVERSAL,
        subject=f"ledger/transfers/{transfer_id}",
        payload={"transfer": transfer_id, "reason": reason.strip()},
        after=_mirror(legs),
        amount=max((abs(leg.amount) for leg in legs), key=lambda money: money.minor),
        reason=reason,
        by=by,
        at=at,
    )


def _mirror(legs: list[Entry]) -> dict[str, str]:
    """What the reversal writes on each account, as books say it: a signed amount would read as the customer's."""
    said: dict[str, list[str]] = {}
    for leg in legs:
        back = Money(-leg.amount_minor, leg.currency)
        said.setdefault(leg.account.code, []).append(f"{'DR' if back.minor > 0 else 'CR'} {abs(back)}")
    return {code: ", ".join(sides) for code, sides in said.items()}


def why_not_reversed(transfer_id: int) -> str:
    """Why a transfer cannot be taken back in the books, for whoever looks at it; empty when it can be asked for."""
    transfer = Transfer.objects.get(pk=transfer_id)
    try:
        _require_can_be(transfer)
    except DomainError as no:
        return str(no)
    return ""


def _require_can_be(transfer: Transfer) -> None:
    if transfer.reverses_id is not None or transfer.reversals.exists():
        raise AlreadyReversed(
            _("This transfer is or has a reversal. No money has moved. There is nothing more to do."),
            transfer=transfer.pk,
        )
    require_untied(transfer.pk, transfer.reference)


def run_reversal(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """The approved reversal, with what the floors above write beside it. Raises TransferTied, and as `reverse` does."""
    transfer = Transfer.objects.get(pk=payload["transfer"])
    require_untied(transfer.pk, transfer.reference)
    asked = {"transfer_id": payload["transfer"], "reason": payload["reason"], "by": checker, "at": at}
    for act in reversed(_acts):  # from the top down, as locks are taken
        act(**asked)
    return {"transfer": reverse(**asked).transfer_id}  # made by an act before, it is answered as it is


def reversed_with(act: Callable[..., Any]) -> None:
    """Let a floor above write beside a reversal what it keeps: `act` may call `reverse` itself; one transaction."""
    _acts.append(act)


def register_kind() -> None:
    """Called in `AppConfig.ready()`."""
    approvals.register(
        approvals.Kind(
            code=REVERSAL, label=_("Reversal of a transfer"), permission="ledger.reverse_transfer", run=run_reversal
        )
    )
