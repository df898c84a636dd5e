"""What refuses a request before any view of this API sees it answers in the API's own words too."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from apps.kernel.problems import CONTENT_TYPE
from apps.open_banking.obp.door import finished
from apps.open_banking.obp.refusals import Refused

_NUMBERS = {400: 10001, 404: 10404, 405: 10405, 413: 10001, 415: 10001, 429: 10018}


class SayAsObp:
    """Under /obp/ and at the old sign-in, a problem or a page that says no becomes `{"code", "message"}`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_ours = request.path.startswith("/obp/") or request.path.rstrip("/") in {"/obp", "/my/logins/direct"}
        if not is_ours or response.status_code < 400 or "Correlation-Id" in response:
            return response
        no = Refused(_NUMBERS.get(response.status_code, 50015), _reason(response), status=response.status_code)
        said = JsonResponse(no.body(), status=no.status)
        if "Retry-After" in response:
            said["Retry-After"] = response["Retry-After"]
        return finished(request, said, None)


def _reason(response: HttpResponse) -> str:
    """The sentence of a problem; of a page nothing."""
    if not response.get("Content-Type", "").startswith(CONTENT_TYPE):
        return ""
    return str(json.loads(response.content).get("detail", ""))
