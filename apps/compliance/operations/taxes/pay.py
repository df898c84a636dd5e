"""Paying: one officer brings the bank's advice of the payment, another allows it, and the books say that it is gone."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import TaxReturnIncomplete
from apps.compliance.events import TaxReturnPaid
from apps.compliance.models import TaxReturn, TaxStatus
from apps.compliance.operations.taxes.slip import Payment, book, said_before, slip_of, wrong_slip
from apps.compliance.policies import FILE_TAXES
from apps.compliance.states import TAX
from apps.compliance.tax_books import PAYMENT
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, IllegalMove
from apps.kernel.models import Approval
from apps.users.models import User
from apps.users.policies import require_right

PAY = "taxes.pay"


@transaction.atomic
def ask_pay(*, tax_return: TaxReturn, payment: Payment, reason: str, by: User, at: datetime) -> Approval:
    """Ask for a filed return to be booked as paid; a second person decides.

    Raises NotAllowed, TaxReturnIncomplete, IllegalMove when it is not filed or nothing is to be paid, Conflict when it
    was asked or the number stands for another payment.
    """
    require_right(by, FILE_TAXES)
    row = TaxReturn.objects.to_change().get(pk=tax_return.pk)
    _require_payable(row)
    if wrong := wrong_slip(payment, since=row.first_on, today=local_date(at)):
        raise TaxReturnIncomplete(_("Something is missing or cannot be. No money moved."), errors=wrong)
    subject = f"taxes/{row.pk}"
    if Approval.objects.filter(kind=PAY, subject=subject, status="PENDING").exists():
        raise Conflict(_("A second person has been asked already. No money moved."))
    return approvals.ask(
        kind=PAY, subject=subject, payload={"tax_return": row.pk, **payment.facts}, before=said_before(payment),
        after={"return": row.reference, "amount": str(row.payable), **payment.facts}, amount=row.payable, reason=reason,
        by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def run_pay(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does: the tax leaves the bank's settlement account, once.

    Raises IllegalMove when it was paid before, Conflict for a PRN that paid another return, and what posting raises.
    """
    row = TaxReturn.objects.to_change().get(pk=payload["tax_return"])
    _require_payable(row)
    slip = slip_of(payload)
    transfer_id = book(slip=slip, kind=PAYMENT, tax=row.kind, amount=row.payable, narrative=row.reference, at=at)
    try:
        with transaction.atomic():
            TAX.make(
                row, TaxStatus.PAID, prn=slip.prn, bank_reference=slip.bank_reference, paid_on=slip.paid_on,
                pay_asked_by=maker, paid_by=checker, transfer_id=transfer_id,
            )  # fmt: skip
    except IntegrityError as no:
        raise Conflict(_("This payment registration number was used before. No money moved.")) from no
    audit_trail.record(
        "taxes.return.paid", on=row, by=checker, at=at,
        after={"amount": str(row.payable), "prn": row.prn, "transfer": transfer_id},
    )  # fmt: skip
    events.publish(TaxReturnPaid(return_id=row.pk, minor=row.payable.minor, currency=row.currency))
    return {"transfer": transfer_id}


def stands_on(transfer_id: int, _reference: str) -> Promise | None:
    """A return that is paid stays paid. What was paid on account stands nowhere but in the books, which ask for it
    anew when it is taken back.
    """
    if TaxReturn.objects.filter(transfer_id=transfer_id).exists():
        return _(
            "A tax return was paid by this transfer. Nothing was reversed. What KRA has too much is claimed from it."
        )
    return None


def _require_payable(row: TaxReturn) -> None:
    if row.status == TaxStatus.DRAFT:
        raise IllegalMove(_("File it first. No money moved."))
    if row.status == TaxStatus.PAID:
        raise IllegalMove(_("It is paid already. No money moved."))
    if not row.payable:
        raise IllegalMove(_("Nothing is to be paid for this month. No money moved."))
