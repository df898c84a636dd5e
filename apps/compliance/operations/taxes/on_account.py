"""Paying within the month, before there is a return: tax withheld is due five working days after it was withheld.

What is paid so is counted in the month's return, which then asks for the rest alone.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import OutOfTurn, TaxReturnIncomplete
from apps.compliance.events import TaxPaidOnAccount
from apps.compliance.models import TaxKind, TaxReturn
from apps.compliance.operations.taxes.compute import due_on, is_over, next_month, require_known
from apps.compliance.operations.taxes.slip import Payment, book, said_before, slip_of, wrong_slip
from apps.compliance.policies import FILE_TAXES
from apps.compliance.tax_books import EARLIEST, ON_ACCOUNT, PURPOSE, currencies_of, open_since
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict
from apps.kernel.locks import in_turn
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.users.models import User
from apps.users.policies import require_right

PAY_ON_ACCOUNT = "taxes.pay_on_account"


@dataclass(frozen=True, slots=True)
class Open:
    """What came up since the last return and is not covered: from which day on, and when the law wants that day's."""

    kind: str
    amount: Money
    since: date
    due_on: date

    @property
    def label(self) -> str:
        """The tax, for people."""
        return str(TaxKind(self.kind).label)


def open_of(kind: str, currency: str) -> Open | None:
    """What of a tax is open since its last return; None for nothing."""
    last = _last(kind, currency)
    after, credit = (last.last_on, last.figures.credit_left) if last else (EARLIEST, 0)
    since, minor = open_since(ledger.gl(PURPOSE[kind], currency).id, after=after, credit=credit)
    return Open(kind, Money(minor, currency), since, due_on(kind, since)) if since else None


def all_open() -> list[Open]:
    """Of every tax and currency."""
    found = [open_of(kind, currency) for kind in TaxKind.values for currency in currencies_of(kind)]
    return [one for one in found if one]


@transaction.atomic
def ask_pay_on_account(*, kind: str, amount: Money, payment: Payment, reason: str, by: User, at: datetime) -> Approval:
    """Ask for a payment on account to be booked; a second person decides.

    Raises NotAllowed, TaxReturnIncomplete, OutOfTurn while a month that is over has no return, Conflict when it was
    asked or the number stands for another payment.
    """
    require_right(by, FILE_TAXES)
    require_known(kind, amount.currency)
    _one_at_a_time(kind, amount.currency)
    _require_open(kind, amount, payment, at)
    subject = f"taxes/{kind}/{amount.currency}"
    if Approval.objects.filter(kind=PAY_ON_ACCOUNT, subject=subject, status="PENDING").exists():
        raise Conflict(_("A second person has been asked already. No money moved."))
    return approvals.ask(
        kind=PAY_ON_ACCOUNT, subject=subject,
        payload={"tax": kind, "minor": amount.minor, "currency": amount.currency, **payment.facts},
        before=said_before(payment), after={"tax": kind, "amount": str(amount), **payment.facts}, amount=amount,
        reason=reason, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def run_pay_on_account(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does: the money leaves the settlement account, once a payment registration number.

    Raises TaxReturnIncomplete or OutOfTurn when less is open by now, Conflict for a PRN that was used.
    """
    kind, amount = payload["tax"], Money(payload["minor"], payload["currency"])
    slip = slip_of(payload)
    _one_at_a_time(kind, amount.currency)
    _require_open(kind, amount, slip, at)
    transfer_id = book(slip=slip, kind=ON_ACCOUNT, tax=kind, amount=amount, narrative=f"{kind} on account", at=at)
    audit_trail.record(
        "taxes.paid_on_account", on=f"taxes/{kind}/{amount.currency}", by=checker, at=at,
        after={"amount": str(amount), "prn": slip.prn, "transfer": transfer_id},
    )  # fmt: skip
    events.publish(TaxPaidOnAccount(tax=kind, minor=amount.minor, currency=amount.currency))
    return {"transfer": transfer_id}


def _last(kind: str, currency: str) -> TaxReturn | None:
    rows = TaxReturn.objects.filter(kind=kind, currency=currency).select_related("computation")
    return rows.order_by("-first_on").first()


def _one_at_a_time(kind: str, currency: str) -> None:
    """What is open is looked at and then paid: nobody else may do so meanwhile."""
    in_turn(f"taxes/{kind}/{currency}")


def _require_open(kind: str, amount: Money, slip: Payment, at: datetime) -> None:
    if is_over(next_month(kind, amount.currency, at), at):
        raise OutOfTurn(_("A month that is over has no return yet: make it first. No money moved."))
    last, there = _last(kind, amount.currency), open_of(kind, amount.currency)
    wrong = wrong_slip(slip, since=last.last_on + timedelta(days=1) if last else EARLIEST, today=local_date(at))
    if not there or not 0 < amount.minor <= there.amount.minor:
        words = _("%(open)s is open since the last return.")
        wrong["amount"] = [words % {"open": there.amount if there else Money.zero(amount.currency)}]
    if wrong:
        raise TaxReturnIncomplete(_("Something is missing or cannot be. No money moved."), errors=wrong)
