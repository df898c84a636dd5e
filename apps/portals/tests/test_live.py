"""News reaches the pages of whom it concerns, and nobody else's."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.test import Client

from apps.accounts.testing import make_customer
from apps.kernel import live
from apps.kernel.clock import now
from apps.portals.live import stream as streams
from apps.portals.live.hub import MOST, Hub

PAGE = b"http://testserver"


@pytest.fixture
def customer(transactional_db, monkeypatch):
    monkeypatch.setattr(streams, "hub", Hub())
    return make_customer()


def cookie_of(user, **session):
    client = Client()
    client.force_login(user)
    if session:
        stay = client.session
        stay.update(session)
        stay.save()
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Page:
    """A browser at the other end of one stream."""

    def __init__(self, cookie, origin=PAGE, method="GET"):
        self.heard = asyncio.Queue()
        self.leaving = asyncio.Event()
        headers = [(b"cookie", cookie.encode()), (b"origin", origin)]
        scope = {"type": "http", "method": method, "path": "/live/", "headers": headers}
        self.task = asyncio.create_task(streams.stream(scope, self._receive, self.heard.put))

    async def _receive(self):
        await self.leaving.wait()
        return {"type": "http.disconnect"}

    async def next(self):
        return await asyncio.wait_for(self.heard.get(), 10)

    async def status(self):
        return (await self.next())["status"]

    async def says(self):
        return (await self.next())["body"]

    async def leave(self):
        self.leaving.set()
        await asyncio.wait_for(self.task, 10)


@asynccontextmanager
async def opened(*cookies):
    pages = []
    for cookie in cookies:
        pages.append(page := Page(cookie))
        assert await page.status() == 200
        assert await page.says() == b"retry: 3000\n\n"
    try:
        yield pages
    finally:
        for page in pages:
            await page.leave()


async def told(user):
    """Tell until somebody hears: LISTEN may not have reached the database yet."""
    await sync_to_async(live.tell)(user.pk)


def run(talk):
    async def whole():
        try:
            await talk()
        finally:
            if streams.hub._hearing:
                streams.hub._hearing.cancel()
            await sync_to_async(connections.close_all, thread_sensitive=False)()

    with ThreadPoolExecutor(1) as elsewhere:  # the browser tests leave a loop running in this thread
        elsewhere.submit(asyncio.run, whole()).result()


async def until_heard(page, user):
    for _try in range(50):
        await told(user)
        try:
            return await asyncio.wait_for(page.heard.get(), 0.2)
        except TimeoutError:
            continue
    raise AssertionError("nothing was heard")


def test_tells_every_page_of_the_person_and_no_other(customer):
    other = make_customer()
    mine, theirs = cookie_of(customer), cookie_of(other)

    async def talk():
        async with opened(mine, mine, theirs) as (one, two, strange):
            assert (await until_heard(one, customer))["body"] == b"event: news\ndata:\n\n"
            assert await two.says() == b"event: news\ndata:\n\n"
            assert (await until_heard(strange, other))["body"] == b"event: news\ndata:\n\n"
            assert strange.heard.empty()

    run(talk)


def test_leaves_nothing_behind_when_the_page_is_closed(customer):
    cookie = cookie_of(customer)

    async def talk():
        async with opened(cookie):
            assert streams.hub._bells
        assert not streams.hub._bells

    run(talk)


def test_ends_the_oldest_of_too_many(customer):
    cookie = cookie_of(customer)

    async def talk():
        async with opened(*[cookie] * (MOST + 1)) as pages:
            assert await pages[0].next() == {"type": "http.response.body", "body": b"", "more_body": False}
            assert pages[1].heard.empty()

    run(talk)


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ({"cookie": ""}, 401),
        ({"cookie": f"{settings.SESSION_COOKIE_NAME}=nothing"}, 401),
        ({"origin": b"https://elsewhere.example"}, 403),
        ({"origin": b"http://[::"}, 403),
        ({"method": "POST"}, 405),
    ],
)
def test_refuses_who_may_not_listen(customer, page, status):
    known = {"cookie": cookie_of(customer)} | page

    async def talk():
        assert await Page(**known).status() == status

    run(talk)


def test_refuses_who_gave_no_sign_of_life(customer):
    cookie = cookie_of(customer, seen=int((now() - timedelta(minutes=16)).timestamp()))

    async def talk():
        assert await Page(cookie).status() == 401

    run(talk)


def test_names_the_page_that_may_read_it(customer):
    cookie = cookie_of(customer)

    async def talk():
        page = Page(cookie)
        head = dict((await page.next())["headers"])
        assert head[b"access-control-allow-origin"] == PAGE
        await page.leave()

    run(talk)
