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
