"""What lending tells the floors above (amounts in minor units)."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanApplied(Event):
    """Somebody asked for a loan."""

    name = "lending.loan.applied"
    loan_id: int
    borrower_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanApproved(Event):
    """A loan is offered."""

    name = "lending.loan.approved"
    loan_id: int
    borrower_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRejected(Event):
    """A loan was declined."""

    name = "lending.loan.rejected"
    loan_id: int
    borrower_id: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanCancelled(Event):
    """The borrower took an application back, or an offer ran out."""

    name = "lending.loan.cancelled"
    loan_id: int
    borrower_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanDisbursed(Event):
    """The money is on the borrower's account."""

    name = "lending.loan.disbursed"
    loan_id: int
    borrower_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRepaid(Event):
    """Some of a loan came back."""

    name = "lending.loan.repaid"
    loan_id: int
    repayment_id: int
    borrower_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentTakenBack(Event):
    """A repayment does not count any more, and what it paid is owed again."""

    name = "lending.repayment.taken_back"
    reversal_id: int
    repayment_id: int
    loan_id: int
    borrower_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanPaid(Event):
    """Nothing is owed any more."""

    name = "lending.loan.paid"
    loan_id: int
    borrower_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanReplaced(Event):
    """A new loan (`by_id`) paid this one off when it was paid out."""

    name = "lending.loan.replaced"
    loan_id: int
    by_id: int
    borrower_id: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPaidOut(Event):
    """Another part of a loan is on the borrower's account."""

    name = "lending.part.paid_out"
    tranche_id: int
    loan_id: int
    borrower_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentForLoan(Event):
    """Money came for a loan: `used_minor` paid it back, `rest_minor` stays on the account."""

    name = "lending.payment.received"
    loan_id: int
    borrower_id: int
    used_minor: int
    rest_minor: int
    currency: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanOverdue(Event):
    """A loan became late, or reached another step of lateness (`days_past_due`)."""

    name = "lending.loan.overdue"
    loan_id: int
    borrower_id: int
    days_past_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanWrittenOff(Event):
    """The bank gave up on what is owed; it is still owed."""

    name = "lending.loan.written_off"
    loan_id: int
    borrower_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeAsked(Event):
    """Somebody is asked to stand for a loan."""

    name = "lending.guarantee.asked"
    guarantee_id: int
    loan_id: int
    guarantor_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LendingSwitched(Event):
    """Two people stopped lending, or started it again."""

    name = "lending.lending.stopped"
    is_on: bool
    by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """The collections desk has a loan that is late."""

    name = "lending.case.opened"
    case_id: int
    loan_id: int
    borrower_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """Nothing of the loan is late any more."""

    name = "lending.case.closed"
    case_id: int
    loan_id: int
    borrower_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade(Event):
    """A borrower gave their word to pay."""

    name = "lending.promise.made"
    promise_id: int
    loan_id: int
    borrower_id: int
    minor: int
    currency: str
    due_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseDecided(Event):
    """A promise was KEPT, PARTLY_KEPT or BROKEN, by what came in."""

    name = "lending.promise.decided"
    promise_id: int
    loan_id: int
    borrower_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSent(Event):
    """A letter about a late loan was made for the borrower, or for a guarantor."""

    name = "lending.letter.sent"
    letter_id: int
    loan_id: int
    to_id: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeCalled(Event):
    """A guarantor's savings paid for the borrower."""

    name = "lending.guarantee.called"
    guarantee_id: int
    loan_id: int
    guarantor_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTimeAnswered(Event):
    """A wish for more time was GRANTED or DECLINED."""

    name = "lending.more_time.answered"
    wish_id: int
    loan_id: int
    borrower_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChanged(Event):
    """Two officers set what a person may borrow by a product, or took that back (`minor` None)."""

    name = "lending.limit.changed"
    limit_id: int
    user_id: int
    product_id: int
    minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged(Event):
    """A product's terms get another version, or it is offered or not offered any more."""

    name = "lending.product.changed"
    product_id: int
    version: int | None
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CollateralReleased(Event):
    """A pledged thing is its owner's alone again."""

    name = "lending.collateral.released"
    collateral_id: int
    loan_id: int
    borrower_id: int
