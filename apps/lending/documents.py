"""A loan on paper: the contract before it is signed and after, and the statement of all that happened to it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.accounts.models import Account
from apps.kernel.clock import local_date
from apps.lending import movements, offers
from apps.lending.errors import NotCleared
from apps.lending.models import Instalment, Loan, LoanStatus, Owed
from apps.users.models import User


def contract_of(
    offer: offers.Offer, *, borrower: User, account: Account | None, at: datetime, loan: Loan | None = None
) -> HttpResponse:
    """The contract of an offer as a PDF: every term in plain words. Without a loan it is a draft."""
    facts = {
        "offer": offer,
        "borrower": borrower,
        "account": account,
        "loan": loan,
        "at": at,
        "currency": offer.terms.currency,
        "order": ", ".join(str(Owed(kind).label).lower() for kind in offer.terms.repayment_order),
    }
    name = f"kitbank-{loan.reference if loan else 'draft'}-contract.pdf"
    return _file("contract", facts | penalties_of(offer), name)


def penalties_of(offer: offers.Offer) -> dict[str, Any]:
    """What being late costs by these terms: a day, of the first instalment, and at most, in all."""
    terms = offer.terms
    return {
        "late_day": offer.instalment.times(terms.penalty_rate),
        "late_most": offer.principal.times(terms.penalty_cap_rate),
    }


def contract_of_loan(loan: Loan, *, at: datetime) -> HttpResponse:
    """The contract of a loan that was offered or paid out, with the dates as they are or would be today."""
    on = loan.disbursed_on or local_date(at)
    offer = offers.of_loan(loan, on)
    return contract_of(offer, borrower=loan.borrower, account=loan.account, at=at, loan=loan)


def statement_of_loan(loan: Loan, *, at: datetime) -> HttpResponse:
    """The statement of a loan from its first day to now, as a PDF."""
    facts = {"view": movements.account_of(loan), "loan": loan, "at": at}
    return _file("statement", facts, f"kitbank-{loan.reference}-statement.pdf")


def schedule_of_loan(loan: Loan, *, at: datetime) -> HttpResponse:
    """The schedule that counts with what was paid on it, as a PDF."""
    rows = list(Instalment.objects.current().filter(loan=loan).order_by("number"))
    facts = {"loan": loan, "rows": [(row, row.status(local_date(at))) for row in rows if not row.is_cut], "at": at}
    return _file("schedule", facts, f"kitbank-{loan.reference}-schedule.pdf")


def clearance_of_loan(loan: Loan, *, at: datetime) -> HttpResponse:
    """The letter that all of a loan was paid back, as a PDF. Raises NotCleared while anything is owed."""
    if loan.status != LoanStatus.PAID:
        raise NotCleared(_("This loan is not paid back, so there is no letter that it is."))
    facts = {"view": movements.account_of(loan), "loan": loan, "at": at}
    return _file("clearance", facts, f"kitbank-{loan.reference}-paid.pdf")


def _file(what: str, facts: dict[str, Any], name: str) -> HttpResponse:
    from weasyprint import HTML

    page = render_to_string(f"messages/lending/{what}.html", facts | {"language": get_language()})
    made = bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=disposition)
