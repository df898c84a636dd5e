"""The ways lending says no."""

from apps.kernel.errors import Conflict, DomainError, Unavailable


class BadTerm(DomainError):
    """A term, an amount or a date that the product does not offer."""

    code, status = "term_not_offered", 400


class OverLimit(DomainError):
    """More than this person can borrow; `facts` say how much they can."""

    code = "loan_limit_exceeded"


class ActiveLoan(DomainError):
    """They have a loan that must be paid back first, or an application that waits."""

    code = "active_loan"


class NotEligible(DomainError):
    """A rule of the product is not met; `facts["reasons"]` name them."""

    code = "not_eligible"


class LendingStopped(Unavailable):
    """Two people switched lending off."""

    code = "lending_stopped"


class OfferOver(DomainError):
    """The offer was not accepted in time."""

    code = "offer_expired"


class NotAccepted(Conflict):
    """The borrower has not accepted the offer yet."""

    code = "offer_not_accepted"


class Overpaid(DomainError):
    """More than is owed; `facts` say how much is."""

    code = "more_than_owed"


class NothingOwed(Conflict):
    """The loan is not running."""

    code = "loan_not_running"


class NotCleared(Conflict):
    """Something is still owed."""

    code = "loan_not_paid"


class LoanRuns(Conflict):
    """Whoever has a loan that runs is not closed."""

    code = "loan_runs"


class SeveralLoans(Conflict):
    """Which loan is meant is not said, and there are several."""

    code = "several_loans"


class AboveOwnLimit(DomainError):
    """An officer may not decide on that much alone."""

    code, status = "above_approval_limit", 403


class NotLate(Conflict):
    """Nothing of the loan is due and unpaid, so there is nothing to collect."""

    code = "loan_not_late"


class CaseTaken(Conflict):
    """Another officer works on the case."""

    code = "case_taken"


class ContactRefused(DomainError):
    """The borrower may not be reached now; `facts` say why (`because`) and from when they may (`again_at`)."""

    code = "contact_not_allowed"


class NotAParty(DomainError):
    """Only the borrower, and guarantors once they were told by letter, are spoken with."""

    code, status = "not_a_party", 403


class PromiseRuns(Conflict):
    """A promise of this loan is running already."""

    code = "promise_runs"


class TooEarly(DomainError):
    """Something must happen first: a stage, a letter, days of notice."""

    code = "too_early"


class BadProduct(DomainError):
    """Terms that cannot be offered; `facts["errors"]` say which, field by field."""

    code = "bad_terms"


class PledgedElsewhere(DomainError):
    """A thing that stands for other loans with all it is worth, or too much of it."""

    code = "pledged_elsewhere"


class BadPaper(DomainError):
    """A file that is no photo or PDF, or too large."""

    code = "bad_paper"
