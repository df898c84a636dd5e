"""The ways open banking says no. None of them has shown anything to anybody, or moved money."""

from apps.kernel.errors import Conflict, DomainError, NotAllowed, Unavailable


class ConsentRequired(NotAllowed):
    """No live consent of the customer covers this."""

    code = "consent_required"


class ConsentEnded(Conflict):
    """The consent was decided, has ended, or its time is over."""

    code = "consent_ended"


class BadValidity(DomainError):
    """It would end before it begins, or is over already."""

    code, status = "validity_not_readable", 400


class ValidityTooLong(DomainError):
    """Longer than the bank lets a consent last."""

    code, status = "validity_too_long", 422


class BadAccess(DomainError):
    """It asks for nothing, or for what its kind cannot have or the app may not ask for."""

    code, status = "access_not_possible", 422


class AccountNotEligible(DomainError):
    """Not an open account of the customer that can be shared."""

    code, status = "account_not_eligible", 422


class AppNotLive(NotAllowed):
    """The app is not approved, or suspended."""

    code = "app_not_live"


class BadApp(DomainError):
    """A field of an app is not as it must be; `errors` says which."""

    code, status = "invalid", 400


class AlreadyDeveloper(Conflict):
    """This person has registered as a developer before."""

    code = "already_developer"


class NotADeveloper(NotAllowed):
    """Register as a developer first."""

    code = "not_a_developer"


class TooManyReads(DomainError):
    """More reads without the customer in a day than a consent allows."""

    code, status = "too_many_unattended_reads", 429


class BeyondConsent(NotAllowed):
    """The customer allowed another account, payee, reference or amount, or the month is full; `limit` names it."""

    code = "beyond_consent"


class CostsMore(Conflict):
    """A payment would cost more than the customer was told when they allowed it."""

    code = "costs_more_than_told"


class RefundTooLarge(DomainError):
    """More than is left of what was received."""

    code, status = "refund_too_large", 422


class RequestUsed(Conflict):
    """A consent was made of this request before."""

    code = "consent_request_used"


class FaucetRefused(DomainError):
    """The sandbox adds no money: the account is frozen, or it is too much for one call or one day."""

    code, status = "faucet_refused", 422


class WrongSandboxCode(DomainError):
    """Not the code, or the answer, that the sandbox's page tells."""

    code, status = "wrong_code", 422


class ChallengeSpent(DomainError):
    """Every try at the challenge of a payment was used up; the payment has ended."""

    code, status = "code_spent", 422


class OtherBankFailed(Unavailable):
    """Another bank did not answer, refused, or was not believed; `trouble` says which. Nothing moved anywhere."""

    code = "other_bank_failed"


class LinkOver(Conflict):
    """This link was finished, refused or taken away before."""

    code = "link_over"


class ReadJustNow(DomainError):
    """Another bank was asked a moment ago, or is being asked now."""

    code, status = "read_just_now", 429


class BadOtherBank(DomainError):
    """A field of another bank is not as it must be."""

    code, status = "other_bank_not_possible", 422
