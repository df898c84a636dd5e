"""The ways scoring says no. None of them has moved money."""

from apps.kernel.errors import Conflict, DomainError, NotFound


class BadInputs(DomainError):
    """What the customer told cannot be: an age under 18, a negative income."""

    code, status = "bad_score_inputs", 422


class UnknownLoan(NotFound):
    """No live loan by that reference."""

    code = "loan_not_found"


class ReviewedAlready(Conflict):
    """A person has looked at this decision already."""

    code = "reviewed_already"


class NotReviewable(Conflict):
    """No review waits on this decision."""

    code = "not_reviewable"


class NotListable(DomainError):
    """A borrower may not be listed for this; `because` says what stands against it."""

    code, status = "not_listable", 422


class ModelUnusable(Conflict):
    """The model cannot be put to use: its artefact is missing, altered or of the wrong kind."""

    code = "model_unusable"


class CannotTrain(DomainError):
    """Too few cases, or all of one kind, to learn from."""

    code, status = "cannot_train", 422


class NothingAgreed(DomainError):
    """A warning is closed with what was agreed."""

    code, status = "nothing_agreed", 422
