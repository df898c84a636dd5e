"""The ways the gateway says no."""

from apps.kernel.errors import Conflict, DomainError


class BadWebhook(DomainError):
    """The address of a webhook must be https on a public name."""

    code, status = "webhook_address_not_possible", 422


class BadConnection(DomainError):
    """The address, the name or the credentials of a connection cannot be."""

    code, status = "connection_not_possible", 422


class BuiltIn(Conflict):
    """The bank is set up with this connection; here it can be switched off and on, and nothing else."""

    code = "connection_is_built_in"


class NameTaken(Conflict):
    """Another connection has this name."""

    code = "connection_name_taken"


class UnknownEvent(DomainError):
    """An event that nobody is told of; `known` lists those that can be asked for."""

    code, status = "unknown_event", 400


class TooManyEndpoints(Conflict):
    """An app has five endpoints, or one at this address already."""

    code = "too_many_endpoints"


class StillOnItsWay(Conflict):
    """The delivery has not ended, so it cannot be sent again yet."""

    code = "delivery_on_its_way"
