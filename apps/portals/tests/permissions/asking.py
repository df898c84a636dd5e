"""Asks one door for one person, and says in one letter how it answered.

The view the address leads to is called as the handler calls it, without the middlewares, none of which asks for rights.
Who asks is handed in, not signed in: that is tested elsewhere and would be most of the work here. Pages are worked out
and not drawn. Whatever a request writes is taken back.
"""

import copy
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest
from django.test import RequestFactory
from django.urls import resolve
from django_htmx.middleware import HtmxDetails

from apps.portals.tests.permissions.doors import Door
from apps.users.models import User

OPEN, SHUT, HIDDEN, EMPTY, NO_SUCH = "+", "-", ".", "o", "x"
ENDS = ("NO_ROLE", "SUPER_ADMIN")
_SIGN_IN = {"/login", "/welcome", "/workbench/login/"}
_SAID = {PermissionDenied: 403, Http404: 404, SuspiciousOperation: 400}
_requests = RequestFactory()


def letters(door: Door, address: str, people: dict[str, User | None]) -> str:
    """How it answers to each of them, in their order.

    Rights only open doors: where staff without any and staff with all of them hear the same, so do those in between,
    and they are not asked one by one. Where somebody finds the thing, "not there" means hidden from the others; where
    nobody does, nothing is behind the door.
    """
    match = resolve(address)
    said = {name: _ask(door, address, match, people[name]) for name in (*ENDS, "nobody", "CUSTOMER")}
    least, most = (said[name] for name in ENDS)
    for name, who in people.items():
        if name not in said:
            said[name] = least if least == most else _ask(door, address, match, who)
    found = "".join(said[name] for name in people)
    return found if OPEN in found else found.replace(HIDDEN, EMPTY)


def _ask(door: Door, address: str, match: Any, who: User | None) -> str:
    request = _request(door.method, address, who)
    request.resolver_match = match
    with transaction.atomic() if who else nullcontext():
        try:
            response = match.func(request, *match.args, **match.kwargs)
            status, where = response.status_code, response.headers.get("Location", "")
        except tuple(_SAID) as no:
            status, where = next(code for kind, code in _SAID.items() if isinstance(no, kind)), ""
        if who:
            transaction.set_rollback(True)
    if status >= 500 and status != 503:
        raise AssertionError(f"{door.method} {address} as {who}: {status}")
    if status in {401, 403} or (300 <= status < 400 and urlsplit(where).path in _SIGN_IN):
        return SHUT
    return {404: HIDDEN, 405: NO_SUCH}.get(status, OPEN)


def _request(method: str, address: str, who: User | None) -> HttpRequest:
    """What the middlewares would have made of it."""
    kind = "application/json" if address.startswith("/api/") else "application/x-www-form-urlencoded"
    request: Any = _requests.generic(method.upper(), address, content_type=kind)
    request._dont_enforce_csrf_checks = True
    request.session, request.htmx, request.csp_nonce = SessionStore(), HtmxDetails(request), ""
    request._messages = CookieStorage(request)
    request.user = AnonymousUser()
    if who is not None:
        person: Any = copy.copy(who)  # a view may change it; its rights are read once
        request.user = request._force_auth_user = person
    return request  # type: ignore[no-any-return]
