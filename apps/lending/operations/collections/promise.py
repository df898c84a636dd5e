"""A promise to pay: made by the borrower or taken down by an officer, once; decided by the end of a day."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.lending import owed, policies
from apps.lending.errors import BadTerm, Overpaid, PromiseRuns
from apps.lending.events import PromiseMade
from apps.lending.models import (
    CollectionCase,
    CollectionFigures,
    Did,
    Instalment,
    Loan,
    Promise,
    PromiseStatus,
    Repayment,
)
from apps.lending.operations.collections.case import open_case
from apps.lending.operations.collections.log import locked, write
from apps.payments.errors import KeyReused
from apps.users.models import User


def figures_on(day: date) -> CollectionFigures:
    """The house's bounds in force. Raises LookupError where none are."""
    row = CollectionFigures.objects.filter(valid_from__lte=day).order_by("-valid_from").first()
    if row is None:
        raise LookupError("no collection figures are in force")
    return row


def last_day(at: datetime) -> date:
    """The last day that may be promised now."""
    today = local_date(at)
    return today + timedelta(days=figures_on(today).promise_within_days)


@transaction.atomic
def promise(*, loan: Loan, amount: Money, due_on: date, key: str, by: User, at: datetime) -> Promise:
    """Write down that `amount` is paid by the end of `due_on`, once per `key`; asked again, the same promise.

    By the borrower, or an officer who spoke with them. At most what is owed, today or within the house's days; one at
    a time. Raises NotFound, NotAllowed, NotLate, BadAmount, CurrencyMismatch, Overpaid, BadTerm, PromiseRuns,
    KeyReused.
    """
    if by.pk == loan.borrower_id:
        policies.require_theirs(by, loan)
    else:
        policies.require_may_collect(by, loan)
    loan = Loan.objects.select_related("terms", "borrower").select_for_update(of=("self",), no_key=True).get(pk=loan.pk)
    earlier = Promise.objects.filter(loan=loan, key=key[:120]).first()
    if earlier:
        if (earlier.amount, earlier.due_on) != (amount, due_on):
            raise KeyReused(_("This was sent before with other figures. Nothing was promised; start a new one."))
        return earlier
    case = locked(open_case(loan=loan, at=at))
    _require_sound(loan, amount, due_on, at)
    newest = Repayment.objects.filter(loan=loan).order_by("-pk").values_list("pk", flat=True).first()
    row = Promise.objects.create(
        case=case,
        loan=loan,
        key=key[:120],
        currency=amount.currency,
        amount_minor=amount.minor,
        due_on=due_on,
        after_repayment_id=newest or 0,
        made_by=by,
        made_at=at,
    )
    _wait(case, due_on)
    write(case, Did.PROMISED, by=by, at=at, amount=amount, due_on=due_on)
    events.publish(
        PromiseMade(
            promise_id=row.pk,
            loan_id=loan.pk,
            borrower_id=loan.borrower_id,
            minor=amount.minor,
            currency=amount.currency,
            due_on=str(due_on),
        )
    )
    return row


def _require_sound(loan: Loan, amount: Money, due_on: date, at: datetime) -> None:
    if amount.currency != loan.currency:
        raise CurrencyMismatch(_("This loan is in %(currency)s.") % {"currency": loan.currency})
    if amount.minor <= 0:
        raise BadAmount(_("The amount must be more than zero."))
    most = owed.payoff(loan, list(Instalment.objects.current().filter(loan=loan)), at).total
    if amount > most:
        raise Overpaid(
            _("You owe %(owed)s on this loan, so more than that is not promised. Nothing was written down.")
            % {"owed": most},
            owed={"amount": f"{most.amount:f}", "currency": most.currency},
        )
    last = last_day(at)
    if not local_date(at) <= due_on <= last:
        raise BadTerm(
            _("Choose a day from today to %(last)s. Nothing was promised.") % {"last": date_format(last)},
            errors={"due_on": [_("From today to %(last)s.") % {"last": date_format(last)}]},
        )
    if Promise.objects.filter(loan=loan, status=PromiseStatus.OPEN).exists():
        raise PromiseRuns(
            _("A promise is running already. Pay it, or wait until its day is over. Nothing was changed.")
        )


def _wait(case: CollectionCase, due_on: date) -> None:
    case.next_on = due_on + timedelta(days=1)
    case.save(update_fields=["next_on"])
