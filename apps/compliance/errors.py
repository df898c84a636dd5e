"""The ways compliance says no."""

from apps.kernel.errors import Conflict, DomainError


class ReasonNeeded(DomainError):
    """A decision without words."""

    code, status = "reason_needed", 400


class ReportIncomplete(DomainError):
    """A report without narrative or transactions."""

    code, status = "report_incomplete", 422


class BadParameters(DomainError):
    """Figures that a rule cannot work with; `errors` says which."""

    code, status = "bad_parameters", 422


class FileRefused(DomainError):
    """Evidence that is empty or too large."""

    code, status = "file_refused", 422


class FiledAlready(Conflict):
    """The receipt of a report is written once."""

    code = "filed_already"


class CannotWithdraw(Conflict):
    """What rests on a contract or the law is not a matter of consent."""

    code = "not_a_matter_of_consent"


class AskedAlready(Conflict):
    """One request of a kind at a time."""

    code = "asked_already"


class BadCorrection(DomainError):
    """A correction that cannot be asked for; `errors` says which member is wrong."""

    code, status = "bad_correction", 422


class StillInUse(DomainError):
    """A person who still has accounts or loans here cannot be closed and erased; `open` names them."""

    code, status = "still_in_use", 422


class DataHeld(Conflict):
    """The data must stay for now."""

    code = "data_is_held"


class TaxReturnIncomplete(DomainError):
    """A number or day that filing or paying needs is missing or cannot be; `errors` says which."""

    code, status = "tax_return_incomplete", 422


class OutOfTurn(Conflict):
    """Tax returns are made, filed and paid month after month."""

    code = "out_of_turn"
