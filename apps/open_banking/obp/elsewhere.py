"""What clients of OBP ask for and this bank does otherwise, or not at all: said as such (10010), with where to go."""

from typing import Any

from django.http import HttpRequest

from apps.open_banking.obp.caller import Caller
from apps.open_banking.obp.door import View, door
from apps.open_banking.obp.refusals import Refused


def _not_here(words: str, *methods: str) -> View:
    def refused(request: HttpRequest, caller: Caller | None, **ids: str) -> Any:
        raise Refused(10010, words)

    refused.__doc__ = f"Not served: {words}"  # the developers' reference says it too
    return door(*methods, open_to_all=True)(refused)


join = _not_here(
    "Nobody becomes a customer by an e-mail address and a password: they prove a phone and who they are, at /welcome.",
    "POST",
)
register_by_certificate = _not_here(
    "Every app has a developer who answers for it: register at /developers/, or POST /my/consumers.", "POST"
)
account_webhooks = _not_here(
    "Apps hear of their own consents and payments: POST /api/v1/api-gateway/webhook-endpoints/.", "GET", "POST", "PUT"
)
direct_debit = _not_here(
    "This bank has no direct debits: a consent to recurring payments is given to an app, a standing order to a payee.",
    "POST",
)
