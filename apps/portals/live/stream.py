"""The stream itself: an ASGI application beside Django's, so that a page that waits costs a socket and not a thread."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import auth
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.request import validate_host

from apps.kernel.clock import now
from apps.portals.customer.door import IDLE_SECONDS
from apps.portals.live.hub import Hub

PATH = "/live/"
BREATH = 20.0  # seconds between comments that keep proxies from closing a quiet stream
LIFE = 600.0  # seconds, after which the browser asks again and is looked at anew
HEAD = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
hub = Hub()


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer GET /live/ for a signed-in person: `news` whenever one of their pages should look again."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    if scope["method"] != "GET":
        return await _refuse(send, 405)
    if origin and not _is_ours(origin):
        return await _refuse(send, 403)
    user_id = await sync_to_async(_viewer, thread_sensitive=False)(headers.get(b"cookie", b"").decode("latin-1"))
    if user_id is None:
        return await _refuse(send, 401)
    head = list(HEAD)
    if origin:
        head += [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"origin"),
        ]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    with hub.listening(user_id) as bell:
        await _say(send, "retry: 3000\n\n")
        talk = asyncio.create_task(_talk(bell, send))
        gone = asyncio.create_task(_until_gone(receive))
        _done, open_still = await asyncio.wait({talk, gone}, timeout=LIFE, return_when=asyncio.FIRST_COMPLETED)
        for task in open_still:
            task.cancel()
        await asyncio.gather(*open_still, return_exceptions=True)
    if not gone.done() or gone.cancelled():
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    return None


async def _talk(bell: asyncio.Queue[bool], send: Send) -> None:
    while True:
        try:
            news = await asyncio.wait_for(bell.get(), BREATH)
        except TimeoutError:
            await _say(send, ": still here\n\n")
            continue
        if not news:
            return
        await _say(send, "event: news\ndata:\n\n")


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _say(send: Send, words: str) -> None:
    await send({"type": "http.response.body", "body": words.encode(), "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    head = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": b""})


def _is_ours(origin: str) -> bool:
    """Pages of another address may not even learn when something happens."""
    try:
        return validate_host(urlsplit(origin).hostname or "", settings.ALLOWED_HOSTS)
    except ValueError:  # brackets around what is no address
        return False


def _viewer(cookies: str) -> int | None:
    """Whose session the browser brings; None for nobody, and for one who gave no sign of life for too long."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if morsel is None:
        return None
    request = HttpRequest()
    close_old_connections()
    try:
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
        user, at = auth.get_user(request), int(now().timestamp())
        is_here = user.is_authenticated and user.is_active and at - request.session.get("seen", at) <= IDLE_SECONDS
        return user.pk if is_here else None
    finally:
        close_old_connections()
