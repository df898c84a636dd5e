"""`/developers/errors/<code>`: every refusal there is, why it comes and what to do."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.kernel import meanings
from apps.open_banking.pages.developers.door import show


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All of them; `q` narrows."""
    wanted = request.GET.get("q", "").strip()[:60]
    found = [
        one
        for code, one in sorted(meanings.everything().items())
        if wanted.lower() in code.lower() or wanted.lower() in one.cause.lower() or wanted == str(one.status)
    ]
    numbers = [one for one in found if one.code.startswith("OBP-")]
    words = [one for one in found if not one.code.startswith("OBP-")]
    return show(request, "errors", "errors", wanted=wanted, lists=[("obp", numbers), ("api", words)])


@require_GET
def error(request: HttpRequest, code: str) -> HttpResponse:
    """One of them."""
    found = meanings.of(code)
    if found is None:
        raise Http404
    return show(request, "error", "errors", one=found)
