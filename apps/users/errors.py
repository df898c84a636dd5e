"""The ways the front door says no."""

from apps.kernel.errors import Conflict, DomainError, NotAllowed


class Taken(Conflict):
    """Phone, e-mail or identity number belongs to a profile already; which one is not said."""

    code = "already_registered"


class WrongPassword(DomainError):
    """The name and the password do not go together."""

    code, status = "wrong_credentials", 401


class AccountLocked(DomainError):
    """Too many wrong passwords; `locked_until` says how long."""

    code, status = "account_locked", 403


class WrongCode(DomainError):
    """Not the code that was sent; `tries_left` says how often it may be tried."""

    code, status = "wrong_code", 422


class CodeSpent(DomainError):
    """Three wrong tries, or the code ran out or was used: ask for a new one."""

    code, status = "code_spent", 429


class CodeExpired(DomainError):
    """The time of the challenge has passed."""

    code, status = "challenge_expired", 422


class TooSoon(DomainError):
    """A code was sent a moment ago; `retry_after_seconds` says when another may be."""

    code, status = "code_sent_already", 429


class TooManyTries(DomainError):
    """Ten wrong codes within an hour; `retry_after_seconds` says when another may be tried."""

    code, status = "too_many_tries", 429


class CallWithoutSms(DomainError):
    """A call is for a code that did not come by SMS; none was sent lately."""

    code, status = "call_without_sms", 422


class RefreshRefused(DomainError):
    """The refresh token has run out, was used before, or its session was ended."""

    code, status = "refresh_refused", 401


class StepUpRequired(DomainError):
    """This act needs a fresh proof bound to it."""

    code, status = "step_up_required", 403


class WeakPassword(DomainError):
    """The password would be guessed; `errors` says why."""

    code, status = "weak_password", 400


class Invalid(DomainError):
    """A field is not what it should be; `errors` names it."""

    code, status = "invalid", 400


class FactorExists(Conflict):
    """The second factor is set up already."""

    code = "factor_exists"


class BusinessRegistered(Conflict):
    """A business with this registration number has a profile already."""

    code = "business_registered"


class LastOwner(Conflict):
    """A business keeps at least one owner."""

    code = "last_owner"


class Connected(NotAllowed):
    """A member of staff may not act on themself, their family, or whoever else they are connected with."""

    code = "connected"


class AlreadyMember(Conflict):
    """The person belongs to the business, or was asked to and has not answered yet."""

    code = "already_member"


class TooManyInvitations(DomainError):
    """As many invitations wait for an answer as one business may have."""

    code, status = "too_many_invitations", 422


class AlreadyStaff(Conflict):
    """The person works here already."""

    code = "already_staff"


class BadUssdPin(DomainError):
    """Not four to six digits, or one that others would try first."""

    code, status = "ussd_pin_weak", 422


class NoUssdPin(DomainError):
    """The person has set none."""

    code, status = "ussd_pin_missing", 403


class WrongUssdPin(DomainError):
    """Not their PIN; `tries_left` says how often it may be tried."""

    code, status = "ussd_pin_wrong", 403


class UssdLocked(DomainError):
    """Three wrong PINs: locked for a day."""

    code, status = "ussd_locked", 403


class AskedBefore(Conflict):
    """The same step of the same session was posted before."""

    code = "ussd_step_repeated"


class TwoMustAllow(Conflict):
    """One person asks for this and another allows it."""

    code = "two_must_allow"


class GlassWaits(Conflict):
    """An earlier break of the glass waits for its review."""

    code = "glass_waits_for_review"
