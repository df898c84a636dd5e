"""Making the return of a month from the books, and making it again until it is filed.

Every entry of the tax account is in exactly one return: in that of its month, or, when it was posted after that month
was computed for the last time, in the next one, as late. Transfers are cut where the books are settled, so nothing can
appear below the cut afterwards.
"""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import OutOfTurn
from apps.compliance.events import TaxReturnDrafted
from apps.compliance.models import DueUnit, TaxComputation, TaxDueRule, TaxKind, TaxLine, TaxReturn, TaxStatus
from apps.compliance.policies import FILE_TAXES
from apps.compliance.tax_books import EARLIEST, PURPOSE, TaxRow, currencies_of, first_booked, rows_of
from apps.compliance.tax_rules import Figures, due_by_day, due_in_working_days
from apps.kernel import events
from apps.kernel.clock import local_date, month_bounds
from apps.kernel.errors import Conflict, IllegalMove
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.users.models import User
from apps.users.policies import require_right
from apps.users.queries import system_user

_DAY = timedelta(days=1)


def draft(*, kind: str, month: date, by: User, at: datetime, currency: str = "KES") -> TaxReturn:
    """Make the return of the month of a day. Raises NotAllowed, OutOfTurn, Conflict, BooksBusy."""
    require_right(by, FILE_TAXES)
    require_known(kind, currency)
    expected, first = next_month(kind, currency, at), month.replace(day=1)
    if TaxReturn.objects.filter(kind=kind, currency=currency, first_on=first).exists():
        raise Conflict(_("There is a return of this month: compute it again instead. Nothing was changed."))
    if first != expected:
        words = _("Months are made one after the other: the next is %(month)s. Nothing was changed.")
        raise OutOfTurn(words % {"month": f"{expected:%Y-%m}"})
    if not is_over(first, at):
        raise OutOfTurn(_("The month is not over yet. Nothing was changed."))
    try:
        return _draft(kind, currency, first, by, at)
    except IntegrityError as no:
        if not TaxReturn.objects.filter(kind=kind, currency=currency, first_on=first).exists():
            raise
        raise Conflict(_("Somebody made it at this moment. Nothing was changed. Look at it again.")) from no


def draft_due(*, at: datetime) -> int:
    """Make every return of a month that is over and has none; safe to run twice or at once. Returns how many."""
    made = 0
    for kind in TaxKind.values:
        for currency in currencies_of(kind):
            while is_over(first := next_month(kind, currency, at), at):
                try:
                    _draft(kind, currency, first, system_user(), at)
                except IntegrityError:
                    if not TaxReturn.objects.filter(kind=kind, currency=currency, first_on=first).exists():
                        raise
                    continue  # another worker was first
                made += 1
    return made


def require_known(kind: str, currency: str) -> None:
    """Raises OutOfTurn for a currency in which the tax never came up."""
    if currency not in currencies_of(kind):
        raise OutOfTurn(_("Nothing of this tax ever came up in this currency. Nothing was changed."))


def next_month(kind: str, currency: str, at: datetime) -> date:
    """The month after the last return's; for the first, that of the tax's first entry, or the last one that is over."""
    last = TaxReturn.objects.filter(kind=kind, currency=currency).order_by("-first_on").first()
    if last is not None:
        return last.last_on + _DAY
    began = first_booked(ledger.gl(PURPOSE[kind], currency).id)
    return (began or local_date(at).replace(day=1) - _DAY).replace(day=1)


def is_over(first: date, at: datetime) -> bool:
    """Whether the month that begins on `first` has ended."""
    return month_bounds(first)[1] < local_date(at)


@transaction.atomic
def _draft(kind: str, currency: str, first: date, by: User, at: datetime) -> TaxReturn:
    last = month_bounds(first)[1]
    earlier = TaxReturn.objects.filter(kind=kind, currency=currency, first_on__lt=first).select_related("computation")
    before = earlier.order_by("-first_on").first()
    row = TaxReturn.objects.create(
        kind=kind, currency=currency, first_on=first, last_on=last, due_on=due_on(kind, last), follows=before,
        computed_by=by, drafted_at=at,
    )  # fmt: skip
    _write(row, by, at)
    events.publish(TaxReturnDrafted(return_id=row.pk))
    return row


def due_on(kind: str, day: date) -> date:
    """When the law wants the tax that came up on a day; of a month's last day, when it wants the month's return."""
    rule = TaxDueRule.objects.filter(kind=kind, valid_from__lte=day.replace(day=1)).latest("valid_from")
    is_working_day = books.calendar_of(day, day + timedelta(days=90)).is_working_day
    if rule.unit == DueUnit.WORKING_DAYS:
        return due_in_working_days(day, rule.days, is_working_day)
    return due_by_day(month_bounds(day)[1], rule.days, is_working_day)


@transaction.atomic
def compute(*, tax_return: TaxReturn, by: User, at: datetime) -> TaxReturn:
    """Ask the books again for a return that is not filed. Raises NotAllowed, IllegalMove, BooksBusy."""
    require_right(by, FILE_TAXES)
    row = TaxReturn.objects.to_change().get(pk=tax_return.pk)
    if row.status != TaxStatus.DRAFT:
        raise IllegalMove(_("It is filed, and its figures stay. What comes up later is in the next month's return."))
    _write(row, by, at)
    return row


def _write(row: TaxReturn, by: User, at: datetime) -> None:
    """A new version of the figures, with the rows behind them."""
    before = row.follows.computation if row.follows else None
    since = before.upto_transfer if before else 0
    upto = max(since, ledger.settled_upto())
    found = rows_of(
        ledger.gl(PURPOSE[row.kind], row.currency).id, first=row.first_on, last=row.last_on, upto=upto,
        counted_on=row.follows.last_on if row.follows else EARLIEST, counted=since,
    )  # fmt: skip
    figures = _figures(found, before)
    row.computation = TaxComputation.objects.create(
        tax_return=row, number=row.computations.count() + 1, since_transfer=since, upto_transfer=upto,
        opening_minor=figures.opening, accrued_minor=figures.accrued, reversed_minor=figures.reversed,
        late_minor=figures.late, paid_minor=figures.paid, on_account_minor=figures.on_account,
        closing_minor=figures.closing, credit_minor=figures.credit,
        payable_minor=figures.payable, by=by, at=at,
    )  # fmt: skip
    TaxLine.objects.bulk_create(
        TaxLine(
            computation=row.computation, part=one.part, source=one.source, product=one.product, entries=one.entries,
            amount_minor=one.minor, first_on=one.first_on, last_on=one.last_on,
        )
        for one in found
    )  # fmt: skip
    row.computed_by = by
    row.save(update_fields=["computation", "computed_by"])
    facts = {"version": row.computation.number, "due_minor": figures.due, "payable_minor": figures.payable}
    audit_trail.record("taxes.return.computed", on=row, by=by, at=at, after=facts)


def _figures(found: list[TaxRow], before: TaxComputation | None) -> Figures:
    sums: Counter[str] = Counter()
    for one in found:
        sums[one.part] += one.minor
    return Figures(
        opening=before.closing_minor if before else 0, accrued=sums["ACCRUED"], reversed=sums["REVERSED"],
        late=sums["LATE"], paid=sums["PAID"], on_account=sums["ON_ACCOUNT"],
        credit=before.figures.credit_left if before else 0,
    )  # fmt: skip
