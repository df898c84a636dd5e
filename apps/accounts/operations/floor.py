"""An amount from which on something is large: it holds from a day on, asked for by one and allowed by another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import DomainError, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.users.models import User

RIGHT = "accounts.manage_products"


@dataclass(frozen=True, slots=True)
class Floor:
    """What is large: `kind` and `label` of its requests, what they are about, the action recorded, the words for
    who lacks the right, its refusals, what `held` on a day, and the row of another amount from a day on.
    """

    kind: str
    label: Promise
    subject: str
    action: str
    lacks_right: Promise
    refused: type[DomainError]
    currency: str
    held: Callable[[date], Money | None]
    row: Callable[[int, date], models.Model]

    def ask(self, *, amount: Money, valid_from: date, reason: str, by: User, at: datetime) -> Approval:
        """Ask for another amount, in its currency; a second person must allow it. Raises NotAllowed, and `refused`."""
        if not by.is_active or not by.has_perm(RIGHT):
            raise NotAllowed(self.lacks_right)
        if amount.currency != self.currency or amount.minor <= 0:
            raise self.refused(_("Write an amount of more than nothing, in shillings. Nothing was changed."))
        self._require_later(valid_from, at)
        before = self.held(valid_from)
        if before == amount:
            raise self.refused(_("That is the amount that holds on that day already. Nothing was changed."))
        return approvals.ask(
            kind=self.kind,
            subject=self.subject,
            payload={"minor": amount.minor, "valid_from": valid_from.isoformat()},
            before={"amount": str(before)} if before else {},
            after={"from": valid_from.isoformat(), "amount": str(amount)},
            reason=reason,
            by=by,
            at=at,
        )

    @transaction.atomic
    def run(self, *, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
        """The approved change. Raises `refused` when its day has come meanwhile or another change took that day."""
        valid_from = date.fromisoformat(payload["valid_from"])
        self._require_later(valid_from, at)
        row = self.row(payload["minor"], valid_from)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as no:
            raise self.refused(_("Another change already starts on that day. Choose another day.")) from no
        audit_trail.record(self.action, on=row, by=checker, at=at, after=payload)
        return {"floor": row.pk}

    def register_kind(self) -> None:
        """Called in `AppConfig.ready()`."""
        approvals.register(approvals.Kind(self.kind, self.label, RIGHT, self.run))

    def _require_later(self, valid_from: date, at: datetime) -> None:
        if valid_from <= local_date(at):
            raise self.refused(
                _("It changes tomorrow at the earliest, so that one day is told alike. Nothing was changed.")
            )
