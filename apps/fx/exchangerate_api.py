"""exchangerate-api.com, version 6: the one adapter. The key goes into a header, because addresses are logged.

https://www.exchangerate-api.com/docs/standard-requests and …/docs/authentication
"""

import httpx
from django.conf import settings

from apps.fx import rules
from apps.kernel import http

NAME = "exchangerate"
PATIENCE = httpx.Timeout(5.0, connect=3.0, pool=3.0)  # nobody waits for it: the next refresh is never far


class ExchangeRateApi:
    """Mid-market rates over HTTP."""

    name = NAME

    def latest(self, base: str) -> rules.Feed:
        """One GET, tried again when the answer is lost. Raises BadFeed, ProviderResting, NotReached, NoAnswer."""
        answer = http.send(
            NAME,
            "GET",
            f"{settings.EXCHANGERATE_URL}/v6/latest/{base}",
            idempotent=True,
            timeout=PATIENCE,
            headers={"Authorization": f"Bearer {settings.EXCHANGERATE_API_KEY}"},
        )
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise rules.BadFeed("ERROR", f"the provider answered HTTP {answer.status_code}")
        return rules.read_feed(answer.text)  # a refusal comes as 403 or 404 with an error-type in the body
