"""What happens to every request before and after its view."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.translation import gettext as _

from apps.kernel import metrics
from apps.kernel.callers import address_of
from apps.kernel.context import DEVICE_COOKIE, Asker, asked_by
from apps.kernel.problems import CONTENT_TYPE, page_of_problem

Next = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


_TRAITS = ("Accept-Language", "Sec-CH-UA-Platform", "Sec-CH-UA-Model", "Sec-CH-UA-Mobile", "X-Time-Zone")
_INSTALL = re.compile(r"[A-Za-z0-9._:-]{8,100}")


def _install(request: HttpRequest) -> str:
    """What the app or browser calls itself, by header or by the portals' cookie; nothing when it is no such id."""
    given = request.headers.get("X-Install-Id") or request.COOKIES.get(DEVICE_COOKIE, "")
    return given if _INSTALL.fullmatch(given) else ""


class RequestContext:
    """Gives the request an id, and lets everything below know who is asking."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.META["HTTP_X_REQUEST_ID"] = request_id  # django-structlog binds the same one
        request.META["REMOTE_ADDR"] = address_of(request.META)  # limits, records and screens go by it
        facts = Asker(
            request_id=request_id,
            ip_address=request.META.get("REMOTE_ADDR") or None,
            user_agent=request.headers.get("User-Agent", "")[:300],
            install=_install(request),
            traits="|".join(request.headers.get(name, "")[:60] for name in _TRAITS),
        )
        with asked_by(facts), structlog.contextvars.bound_contextvars(request_id=request_id, ip=facts.ip_address):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if figures := getattr(request, "rate_limit", None):
            response["RateLimit-Limit"], response["RateLimit-Remaining"], response["RateLimit-Reset"] = map(
                str, figures
            )
        return response


class PackPages(GZipMiddleware):
    """Pages go out packed: a phone pays for each kilobyte. Answers to programs are small, and unpacking them costs more
    than it saves. Django pads what is packed, so that its length tells nothing of what is in it (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The same page, packed where the browser said that it can unpack it."""
        is_page = response.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class ContentPolicy(CSPMiddleware):
    """What a page may load; an answer that is no page may load nothing, which needs no working out."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The header."""
        if response.get("Content-Type", "").startswith(("application/json", CONTENT_TYPE)):
            response.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
            return response
        return super().process_response(request, response)


class SecurityHeaders:
    """Headers that Django and django-csp do not set; nothing personal is kept by caches."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
        return response


class Metrics:
    """Counts and times every request by the name of its view, never by its address."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = match.view_name or match._func_path if match else "unknown"
        metrics.requests.labels(request.method, view, response.status_code).inc()
        metrics.seconds.labels(request.method, view).observe(time.perf_counter() - started)
        return response


class RefuseUnreadable:
    """Turns away what no view could read: NUL bytes in the address or in words, bodies that are too large."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return page_of_problem(request, 400, _("The address holds a character that no address can have."))
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > self._largest(request):
            return page_of_problem(request, 413, _("That is more than we take in one go. Nothing was done."))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """NUL bytes in words of a body, which no column takes, where the page's form did not look at them."""
        if isinstance(exception, DataError) and "NUL (0x00)" in str(exception):
            return page_of_problem(
                request, 400, _("Your words hold a character that no text can have. It was not done.")
            )
        return None

    @staticmethod
    def _largest(request: HttpRequest) -> int:
        files = request.headers.get("Content-Type", "").startswith("multipart/")
        return getattr(settings, "LARGEST_UPLOAD", 12 * 1024 * 1024) if files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
