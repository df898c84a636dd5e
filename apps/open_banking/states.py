"""Where a consent and an app stand, which move may follow which, and each standard's word for it."""

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.kernel.states import Moves


class ConsentStatus(models.TextChoices):
    """One machine for every standard; the words on the wire are in `WORDS`."""

    RECEIVED = "RECEIVED", _("Waiting for the customer")
    PARTIALLY_AUTHORISED = "PARTIALLY_AUTHORISED", _("Waiting for a second holder")
    VALID = "VALID", _("Given")
    CONSUMED = "CONSUMED", _("Used")
    REJECTED = "REJECTED", _("Refused")
    REVOKED_BY_PSU = "REVOKED_BY_PSU", _("Stopped by the customer")
    TERMINATED_BY_TPP = "TERMINATED_BY_TPP", _("Ended by the app")
    REVOKED_BY_BANK = "REVOKED_BY_BANK", _("Stopped by the bank")
    EXPIRED = "EXPIRED", _("Ended: its time is over")


class AppStatus(models.TextChoices):
    """Whether an app may ask customers."""

    PENDING = "PENDING", _("Waiting to be looked at")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Not approved")
    SUSPENDED = "SUSPENDED", _("Suspended")


_S = ConsentStatus
_ASKED = [_S.PARTIALLY_AUTHORISED, _S.VALID, _S.REJECTED, _S.EXPIRED, _S.TERMINATED_BY_TPP, _S.REVOKED_BY_BANK]
CONSENT = Moves(
    {
        _S.RECEIVED: _ASKED,
        _S.PARTIALLY_AUTHORISED: _ASKED[1:],
        _S.VALID: [_S.CONSUMED, _S.REVOKED_BY_PSU, _S.TERMINATED_BY_TPP, _S.REVOKED_BY_BANK, _S.EXPIRED],
    }
)
OPEN = (_S.RECEIVED.value, _S.PARTIALLY_AUTHORISED.value, _S.VALID.value)
WAITING = OPEN[:2]
APP = Moves(
    {
        AppStatus.PENDING: [AppStatus.APPROVED, AppStatus.REJECTED],
        AppStatus.REJECTED: [AppStatus.APPROVED],
        AppStatus.APPROVED: [AppStatus.SUSPENDED],
        AppStatus.SUSPENDED: [AppStatus.APPROVED],
    }
)


class Words(NamedTuple):
    """One status as each standard says it. `api` is our own API's word."""

    api: str
    obp: str
    berlin: str
    uk3: str
    uk4: str


# Berlin Group 1.3 knows six words and no end by the bank; UK 3.1 has none for a time that is over.
WORDS: dict[str, Words] = {
    _S.RECEIVED: Words("PENDING", "INITIATED", "received", "AwaitingAuthorisation", "AWAU"),
    _S.PARTIALLY_AUTHORISED: Words("PENDING", "INITIATED", "partiallyAuthorised", "AwaitingAuthorisation", "AWAU"),
    _S.VALID: Words("AUTHORISED", "ACCEPTED", "valid", "Authorised", "AUTH"),
    _S.CONSUMED: Words("AUTHORISED", "ACCEPTED", "expired", "Consumed", "COND"),
    _S.REJECTED: Words("REJECTED", "REJECTED", "rejected", "Rejected", "RJCT"),
    _S.REVOKED_BY_PSU: Words("REVOKED", "REVOKED", "revokedByPsu", "Revoked", "CANC"),
    _S.TERMINATED_BY_TPP: Words("REVOKED", "REVOKED", "terminatedByTpp", "Revoked", "CANC"),
    _S.REVOKED_BY_BANK: Words("REVOKED", "REVOKED", "expired", "Revoked", "CANC"),
    _S.EXPIRED: Words("EXPIRED", "EXPIRED", "expired", "Revoked", "EXPD"),
}
