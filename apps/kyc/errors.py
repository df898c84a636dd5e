"""What kyc refuses."""

from apps.kernel.errors import DomainError


class ListRefused(DomainError):
    """A watch list's file is not whole, older, or much shorter than the one in force."""

    code, status = "list_refused", 422
