"""What is answered when no view could: a page for people, problem+json for programs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.kernel import meanings
from apps.kernel.clock import now
from apps.kernel.context import asker
from apps.kernel.problems import page_of_problem
from apps.kernel.records import note_refusal


def _answer(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    if request.path.startswith(("/api/", "/webhooks/")):
        return page_of_problem(request, status, detail)
    facts = {"title": title, "detail": detail, "request_id": asker().request_id, "status": status}
    return render(request, "portals/error.html", facts, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _answer(request, 400, _("We could not read that"), _("Nothing was done. Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403; of staff it is written down."""
    note_refusal(getattr(request, "user", None), request.path, now())
    return _answer(request, 403, _("Not allowed"), _("You may not do this. Nothing was done."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not yours."""
    return _answer(request, 404, _("There is nothing here"), _("The address is wrong, or it is not yours to see."))


class ExplainRefusedMethod:
    """Someone came by a link or a reload to an address that only takes forms: a page in place of an empty answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """405 with words; the answers of the API speak for themselves."""
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        detail = _("This address only takes a form. Nothing was done. Go to the start and open the page from there.")
        page = _answer(request, 405, _("Nothing to show here"), detail)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page


def crashed(request: HttpRequest) -> HttpResponse:
    """500: the bug is in the log under the reference shown."""
    detail = _("No money moved because of this page. Try again; if it stays, tell us the reference below.")
    return _answer(request, 500, _("Something broke on our side"), detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was too old, or came from another site."""
    detail = _("This page was open too long or came from another place. Nothing was done. Go back, reload, try again.")
    return _answer(request, 403, _("Please try once more"), detail)


def explain(request: HttpRequest, code: str) -> HttpResponse:
    """The page that the `type` of a problem leads to: what the code means and what to do about it."""
    found = meanings.of(code)
    if found is None:
        return not_found(request)
    facts = {"title": code.replace("_", " ").capitalize(), "detail": f"{found.cause} {found.remedy}", "status": 200}
    return render(request, "portals/error.html", facts)
