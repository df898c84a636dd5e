"""The ways M-Pesa says no. None of them has moved money."""

from apps.kernel import http
from apps.kernel.breaker import ProviderResting
from apps.kernel.errors import Conflict, DomainError, Unavailable


class NotWholeShillings(DomainError):
    """M-Pesa carries whole shillings."""

    code, status = "whole_shillings_only", 400


class OutsideMpesaLimits(DomainError):
    """Below 1 or above 250,000 shillings."""

    code, status = "amount_outside_mpesa_limits", 422


class BadMpesaPhone(DomainError):
    """Not a Kenyan mobile number."""

    code, status = "bad_phone", 400


class BadPaybill(DomainError):
    """Not a paybill or till number, or an account it cannot have."""

    code, status = "bad_paybill", 400


class MpesaUnavailable(Unavailable):
    """M-Pesa did not answer."""

    code = "mpesa_unavailable"


class ReceiptBooked(Conflict):
    """M-Pesa's receipt stands in the books for another payment."""

    code = "receipt_booked"


class AlreadyPlaced(Conflict):
    """The money is no longer in suspense."""

    code = "already_placed"


class NotToSendBack(Conflict):
    """It did not come in by M-Pesa, is not here any more, or is going back already."""

    code = "not_to_send_back"


class NotToDecide(Conflict):
    """What became of it is known, or can still be asked."""

    code = "not_to_decide"


class KeyReused(Conflict):
    """The same form or key came with other contents."""

    code = "idempotency_key_reused"


class BadStatement(DomainError):
    """Not a statement of M-Pesa, or not of that day."""

    code, status = "bad_statement", 422


class AlreadySettled(Conflict):
    """The difference was settled before."""

    code = "already_settled"


class AskedAMomentAgo(Conflict):
    """A question for our balances is open."""

    code = "asked_a_moment_ago"


# Whatever was asked never left this machine: not reached, left alone for a while, or without a token to be let in by.
NOT_SENT = (http.NotReached, ProviderResting, MpesaUnavailable)
