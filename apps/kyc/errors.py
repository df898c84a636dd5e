"""What kyc refuses."""

from apps.kernel.errors import Conflict, DomainError


class ListRefused(DomainError):
    """A watch list's file is not whole, older, or much shorter than the one in force."""

    code, status = "list_refused", 422


class PaperRefused(DomainError):
    """The file or what was typed about it cannot be taken; nothing was kept."""

    code, status = "paper_refused", 400


class PersonRefused(DomainError):
    """What a business said of somebody cannot be kept; `because` names the field."""

    code, status = "person_refused", 400


class PaperExpired(DomainError):
    """The paper has expired."""

    code, status = "paper_expired", 422


class TooYoung(DomainError):
    """The customer is not 18 yet."""

    code, status = "too_young", 422


class PaperNotUsable(Conflict):
    """The paper's number does not go with the profile; whether somebody else holds it is not said."""

    code = "paper_not_usable"


class NotReady(DomainError):
    """Parts are missing, or the bank's checks are; `missing` names the parts."""

    code, status = "verification_not_ready", 422


class ScreeningOpen(Conflict):
    """A match with a watch list is open or confirmed: nobody is approved before it is decided."""

    code = "screening_open"


class TwoMustDecide(Conflict):
    """This takes a second officer: ask for it, and somebody else allows it."""

    code = "two_must_decide"
