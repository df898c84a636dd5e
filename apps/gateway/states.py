"""Where a delivery stands, and why an endpoint rests."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.kernel.states import Moves


class DeliveryStatus(models.TextChoices):
    """One event on its way to one endpoint."""

    PENDING = "PENDING", _("On its way")
    DELIVERED = "DELIVERED", _("Delivered")
    FAILED = "FAILED", _("Given up")


class PausedBecause(models.TextChoices):
    """Why nothing is sent to an endpoint."""

    FAILURES = "FAILURES", _("It failed too often")
    OWNER = "OWNER", _("You paused it")


class Direction(models.TextChoices):
    """Which way a request went."""

    IN = "IN", _("To the bank")
    OUT = "OUT", _("From the bank")


class AuthKind(models.TextChoices):
    """How this bank proves itself at a connection."""

    NONE = "NONE", _("It does not")
    BEARER = "BEARER", _("A token in the Authorization header")
    BASIC = "BASIC", _("A name and a password (name:password)")
    API_KEY = "API_KEY", _("A key in the X-API-Key header")
    PROVIDER = "PROVIDER", _("The provider's own way, set where the bank is set up")


_S = DeliveryStatus
DELIVERY = Moves(
    {
        _S.PENDING: [_S.DELIVERED, _S.FAILED],
        _S.DELIVERED: [_S.PENDING],  # sent again because its maker asked
        _S.FAILED: [_S.PENDING],
    }
)
