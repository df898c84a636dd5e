"""A payment that had truly come earlier: recorded by two people, the days between worked out anew.

Posted rows never change. Interest and penalties booked for the days since are taken back, the payment is booked as of
its day, and those days are earned and charged again: postings of today, and the loan's own entries of the days they
are for.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import AccountStatus, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, locks
from apps.kernel.bigint import bigint
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict
from apps.kernel.models import Approval
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.ledger import operations as ledger
from apps.lending import owed, policies
from apps.lending.errors import BadTerm, NotEligible, NothingOwed, Overpaid
from apps.lending.models import (
    Instalment,
    Loan,
    LoanEntry,
    LoanStatus,
    Repayment,
    RepaymentReversal,
    Schedule,
    Side,
    Source,
    Why,
)
from apps.lending.operations import books
from apps.lending.operations.receive import receive
from apps.lending.operations.repay import Locked, lock
from apps.lending.operations.settle import Settled, end, spread
from apps.lending.rules import anew, arrears
from apps.users.models import User

BACK_DATE = "lending.back_date"
CAME_TO = {Source.CASH: "cash:vault", Source.BANK: "bank:settlement"}
ONE_DAY = timedelta(days=1)
_INTEREST = ("ACCRUAL", "ACCRUAL_BACK", "ACCRUAL_ANEW")
_PENALTIES = ("PENALTY", "PENALTY_BACK", "PENALTY_ANEW")


class DocumentUsed(Conflict):
    """A document counts once."""

    code = "document_used"


def ask_back_dated(
    *, loan: Loan, amount: Money, paid_on: date, came: str, document: str, reason: str, by: User, at: datetime
) -> Approval:
    """Ask to record money that came on `paid_on` as cash or to our bank, by the number of its document; another officer
    decides. Raises NotAllowed, NothingOwed, BadAmount, BadTerm, NotEligible, Overpaid, DocumentUsed.
    """
    policies.require_may_look(by, loan)
    number = "".join(document.split()).upper()[:40]
    held = Locked(loan, loan.account, list(Instalment.objects.current().filter(loan=loan).order_by("number")))
    _require_sound(held, amount, paid_on, came, number, local_date(at))
    return approvals.ask(
        kind=BACK_DATE,
        subject=f"loan/{loan.pk}",
        payload={
            "loan": loan.pk,
            "minor": amount.minor,
            "currency": amount.currency,
            "paid_on": paid_on.isoformat(),
            "came": came,
            "document": number,
        },
        reason=reason,
        by=by,
        at=at,
        amount=amount,
        before={"days_past_due": loan.days_past_due, "penalties": str(Money(loan.penalties_minor, loan.currency))},
        after={"paid_on": paid_on.isoformat(), "came": str(Source(came).label), "document": number},
    )


@transaction.atomic
def run_back_dated(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does, once for its document. Raises as `ask_back_dated`; then nothing has moved."""
    held = lock([payload["loan"]])[payload["loan"]]
    locks.in_turn(_key(payload))  # one document for two loans at once
    loan, on, today = held.loan, date.fromisoformat(payload["paid_on"]), local_date(at)
    policies.require_may_look(checker, loan)
    amount = Money(payload["minor"], payload["currency"])
    _require_sound(held, amount, on, payload["came"], payload["document"], today)
    before = loan.penalties_minor, loan.interest_accrued_minor
    stem = f"loan/{loan.pk}/back-dated/{payload['came']}/{payload['document']}"
    _deposit(held, amount, payload, stem, at)
    row = book_as_of(held, amount, on, source=payload["came"], key=_key(payload), stem=stem, by=checker, at=at)
    facts = {
        "document": payload["document"],
        "paid_on": payload["paid_on"],
        "penalties": loan.penalties_minor - before[0],
        "interest": loan.interest_accrued_minor - before[1],
        "repayment": row.reference,
        "asked_by": maker.pk,
    }
    audit_trail.record("lending.loan.back_dated", on=loan, by=checker, at=at, customer=loan.borrower, after=facts)
    return facts


def book_as_of(
    held: Locked, amount: Money, on: date, *, source: str, key: str, stem: str, by: User, at: datetime
) -> Repayment:
    """Take money that is on the account as paid on a day gone by, and work out the days since anew; under the caller's
    locks and checks. Raises Overpaid for more than was owed that day, NotEligible, InsufficientFunds.
    """
    loan = held.loan
    interest_through, penalties_through = loan.accrued_through, loan.penalised_through
    _take_back(held, on, stem, at)
    row = receive([(_settled(held, amount, on), held.account, source, key)], by=by, at=at)[0]
    loan.refresh_from_db()
    if loan.status == LoanStatus.ACTIVE:
        _again(loan, on, interest_through, penalties_through, stem, at)
    return row


def can_count_from(loan: Loan, on: date, today: date) -> bool:
    """Whether the days since `on` can be worked out anew."""
    try:
        _require_within(loan, on, today)
    except NotEligible:
        return False
    return loan.status == LoanStatus.ACTIVE


def _key(payload: Mapping[str, Any]) -> str:
    return f"document/{payload['came']}/{payload['document']}"


def _require_sound(held: Locked, amount: Money, on: date, came: str, document: str, today: date) -> None:
    loan = held.loan
    if loan.status != LoanStatus.ACTIVE or loan.disbursed_on is None:
        raise NothingOwed(_("This loan is not running. Nothing was changed."))
    if came not in CAME_TO:
        raise BadTerm(_("Say whether the money came as cash or to our bank. Nothing was changed."))
    if not document:
        raise BadTerm(_("Write the number of the receipt or of the bank's advice. Nothing was changed."))
    if Repayment.objects.filter(key=f"document/{came}/{document}").exists():
        raise DocumentUsed(_("This document was recorded before. Nothing was changed."))
    if amount.currency != loan.currency:
        raise CurrencyMismatch(_("This loan is in %(currency)s.") % {"currency": loan.currency})
    if amount.minor <= 0:
        raise BadAmount(_("The amount must be more than zero."))
    if held.account.status != AccountStatus.ACTIVE:
        raise NotEligible(_("The account of this loan is frozen or closed. Nothing was changed."))
    _require_within(loan, on, today)


def _require_within(loan: Loan, on: date, today: date) -> None:
    """The days that can be worked out anew: after all that happened since nothing else depends on them."""
    if on >= today:
        raise NotEligible(_("That day is not over. Take the payment as one of today. Nothing was changed."))
    if loan.disbursed_on is None or on < loan.disbursed_on:
        raise NotEligible(_("The loan was not paid out yet on that day. Nothing was changed."))
    if loan.is_non_accrual:
        raise NotEligible(
            _("Interest of this loan is no longer counted as income: its days stay as they are. Nothing was changed.")
        )
    last = Repayment.objects.standing().filter(loan=loan, paid_on__gt=on).order_by("-paid_on").first()
    if last:
        raise NotEligible(
            _("A payment of %(day)s counts already, and days before it stay as they are. Nothing was changed.")
            % {"day": date_format(last.paid_on)}
        )
    back = RepaymentReversal.objects.filter(loan=loan, reversed_on__gte=on).order_by("-reversed_on").first()
    if back:
        raise NotEligible(
            _("A payment was taken back on %(day)s, and days up to it stay as they are. Nothing was changed.")
            % {"day": date_format(back.reversed_on)}
        )
    changed = Schedule.objects.filter(loan=loan).exclude(why__in=[Why.FIRST, Why.PREPAID, Why.BACK_DATED])
    newest = changed.order_by("-version").first()
    if newest and local_date(newest.made_at) > on:
        raise NotEligible(
            _("The schedule was changed on %(day)s, and days before it stay as they are. Nothing was changed.")
            % {"day": date_format(local_date(newest.made_at))}
        )


# ---- taking back ----


def _take_back(held: Locked, on: date, stem: str, at: datetime) -> None:
    """Interest and penalties booked for `on` and the days after it, off the books, the loan and its instalments."""
    loan = held.loan
    penalties = _booked(loan, on, Side.CHARGES, _PENALTIES)
    by_row = _by_row(held.rows, loan, on, sum(penalties.values()), penalties)
    interest = _booked(loan, on, Side.INTEREST, _INTEREST)
    _post(loan, Side.INTEREST, "ACCRUAL_BACK", {day: -minor for day, minor in interest.items()}, stem, at)
    _post(loan, Side.CHARGES, "PENALTY_BACK", {day: -minor for day, minor in penalties.items()}, stem, at)
    for row in held.rows:
        row.penalty_minor -= by_row.get(row.number, 0)
    Instalment.objects.bulk_update(held.rows, ["penalty_minor"])
    loan.interest_accrued_minor -= sum(interest.values())
    loan.charges_left_minor -= sum(penalties.values())
    loan.penalties_minor -= sum(penalties.values())
    loan.save(update_fields=["interest_accrued_minor", "charges_left_minor", "penalties_minor"])


def _booked(loan: Loan, on: date, side: Side, kinds: tuple[str, ...]) -> dict[date, int]:
    rows = LoanEntry.objects.filter(loan=loan, side=side, what__in=kinds, booked_on__gte=on)
    sums = rows.values("booked_on").annotate(minor=Sum("amount_minor")).order_by("booked_on")
    return {row["booked_on"]: row["minor"] for row in sums if row["minor"]}


def _by_row(rows: list[Instalment], loan: Loan, on: date, booked: int, by_day: Mapping[date, int]) -> dict[int, int]:
    """Which instalment each penalty stood on: the rule worked out once more, which must give what was booked."""
    if not booked:
        return {}
    found = anew.penalties(
        [_late(row) for row in rows], _rule(loan), [*by_day], before_minor=loan.penalties_minor - booked
    )
    days: dict[date, int] = {}
    by_row: dict[int, int] = {}
    for (number, day), minor in found.items():
        days[day] = days.get(day, 0) + minor
        by_row[number] = by_row.get(number, 0) + minor
    if days != dict(by_day):
        raise NotEligible(_("The penalties of those days cannot be worked out anew. Nothing was changed."))
    return by_row


def _late(row: Instalment) -> anew.Late:
    bears = row.left_minor - (row.penalty_minor - row.paid_penalty_minor)
    return anew.Late(row.number, row.due_on, 0 if row.settled_on else bears)


def _rule(loan: Loan) -> anew.Penalty:
    terms = loan.terms
    most = anew.nearest(loan.principal_minor * terms.penalty_cap_rate)
    return anew.Penalty(terms.penalty_rate, terms.penalty_after_days, most)


def _post(loan: Loan, side: Side, what: str, by_day: Mapping[date, int], stem: str, at: datetime) -> None:
    """One posting of today for all days; the loan's entries say which day each part is for."""
    minor = sum(by_day.values())
    if not minor:
        return
    asset = books.account_of(side, loan.currency)
    income = ledger.gl("loans:interest" if side == Side.INTEREST else "loans:penalties", loan.currency)
    amount = Money(abs(minor), loan.currency)
    more, less = (asset, income) if minor > 0 else (income, asset)
    posted = ledger.post(
        reference=f"{stem}/{what.lower()}",
        kind=what,
        narrative=f"{what.replace('_', ' ').capitalize()} of loan {loan.reference}",
        legs=[ledger.debit(more, amount), ledger.credit(less, amount)],
        at=at,
        details={"value_from": str(min(by_day)), "value_to": str(max(by_day))},
    )
    for day, part in by_day.items():
        books.write([(loan.pk, side, Money(part, loan.currency))], transfer_id=posted.transfer_id, on=day, what=what)


# ---- the payment, and the days since ----


def _settled(held: Locked, amount: Money, on: date) -> Settled:
    loan = held.loan
    interest = owed.interest_owed(loan, held.rows, on)
    what = owed.Owed(loan.currency, loan.principal_left_minor, interest, loan.charges_left_minor)
    if amount > what.total:
        raise Overpaid(
            _("On that day %(owed)s was owed on this loan, so more than that cannot be paid. No money moved.")
            % {"owed": what.total},
            owed={"amount": f"{what.total.amount:f}", "currency": loan.currency},
        )
    settled = end(loan, held.rows, what, on) if amount == what.total else spread(loan, held.rows, amount, on)
    settled.why = Why.BACK_DATED
    return settled


def _deposit(held: Locked, amount: Money, payload: Mapping[str, Any], stem: str, at: datetime) -> None:
    """The money that had come, on the borrower's account first."""
    on = date.fromisoformat(payload["paid_on"])
    with translation.override(held.loan.borrower.language):
        words = translation.gettext("Paid in on %(day)s, %(document)s") % {
            "day": date_format(on),
            "document": payload["document"],
        }
    accounts.post(
        reference=f"{stem}/money",
        kind=TransactionType.DEPOSIT.value,
        narrative=f"Money of {on} for loan {held.loan.reference}",
        movements=[accounts.into(held.account, amount, words, category="cash")],
        legs=[ledger.debit(ledger.gl(CAME_TO[Source(payload["came"])], amount.currency), amount)],
        details={"value_on": payload["paid_on"], "document": payload["document"]},
        at=at,
    )


def _again(
    loan: Loan, on: date, interest_through: date | None, penalties_through: date | None, stem: str, at: datetime
) -> None:
    """Earn and charge the days since, as the ends of those days would have done it after the payment."""
    rows = list(Instalment.objects.current().filter(loan=loan).order_by("number"))
    interest = _earned_again(loan, rows, on, interest_through)
    days = _days(on, penalties_through)
    found = anew.penalties([_late(row) for row in rows], _rule(loan), days, before_minor=loan.penalties_minor)
    by_day: dict[date, int] = {}
    for (_number, day), minor in found.items():
        by_day[day] = by_day.get(day, 0) + minor
    _post(loan, Side.INTEREST, "ACCRUAL_ANEW", interest, stem, at)
    _post(loan, Side.CHARGES, "PENALTY_ANEW", by_day, stem, at)
    for row in rows:
        row.penalty_minor += sum(minor for (number, _day), minor in found.items() if number == row.number)
    Instalment.objects.bulk_update(rows, ["penalty_minor"])
    charged, today = sum(by_day.values()), local_date(at)
    unpaid = [row for row in rows if row.settled_on is None]
    late = [row for row in unpaid if row.due_on < today]
    Loan.objects.filter(pk=loan.pk).update(
        interest_accrued_minor=F("interest_accrued_minor") + bigint(sum(interest.values())),
        charges_left_minor=F("charges_left_minor") + bigint(charged),
        penalties_minor=F("penalties_minor") + bigint(charged),
        arrears_minor=sum(row.left_minor for row in late),
        days_past_due=arrears.days_past_due(((row.due_on, row.left_minor) for row in unpaid), today),
    )
    loan.refresh_from_db()


def _earned_again(loan: Loan, rows: list[Instalment], on: date, through: date | None) -> dict[date, int]:
    found: dict[date, int] = {}
    accrued = loan.interest_accrued_minor + loan.interest_suspended_minor
    for day in _days(on, through):
        upto = sum(owed.earned_by(row.earned_minor, row.starts_on, row.due_on, day + ONE_DAY) for row in rows)
        if upto > accrued:
            found[day], accrued = upto - accrued, upto
    return found


def _days(first: date, last: date | None) -> list[date]:
    return [first + ONE_DAY * nth for nth in range((last - first).days + 1)] if last else []
