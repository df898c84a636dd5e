"""Replaces pytest-django's test database by a clone of the migrated template, and opens Chromium for browser tests."""

import os
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import stamina
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from pytest_django.plugin import DjangoDbBlocker

from kitbank.local import browser, template
from kitbank.local.rewind import Rewinder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


# The same examples each time, so that a run says something of the change; KITBANK_EXPLORE=1 looks for new ones, and
# more. No example is timed: a busy machine is no bug, and bench/ measures speed.
EXPLORES = bool(os.environ.get("KITBANK_EXPLORE"))
settings.register_profile("suite", derandomize=not EXPLORES, deadline=None, max_examples=300 if EXPLORES else 50)
settings.load_profile("suite")
if not EXPLORES:
    # Hypothesis also tries constants it reads out of every module of ours that happens to be imported: other tests run
    # before, other examples; and with a thousand modules the reading takes longer than some tests.
    providers._get_local_constants = lambda: providers._local_constants


stamina.set_testing(testing=True, attempts=3)  # as often as the bank tries again, without the waits between


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Generator[None]:
    """A database of this process's own; names carry the session, so that two runs at once do not meet."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_kitbank_{os.environ.get('KITBANK_TEST_SESSION', '')}{worker}"
    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        source = template.ensure_template()
        template.clone(source, name)
        template.point_at(name)
        _rewind_after_transactional_tests(source, name)
    yield
    with django_db_blocker.unblock():
        template.point_at(before)
        template.drop(name)


def _rewind_after_transactional_tests(source: str, name: str) -> None:
    """Django empties every table with TRUNCATE, which append-only tables refuse and which loses migrated rows."""
    rewinder = Rewinder(source, name)

    def _fixture_teardown(self: TransactionTestCase) -> None:
        template.point_at(name)  # closes what is open here
        rewinder.rewind()

    # TestCase has a teardown of its own, which goes on rolling back.
    TransactionTestCase._fixture_teardown = _fixture_teardown  # type: ignore[attr-defined]


@pytest.fixture
def another_database(django_db_setup: None) -> Iterator[str]:
    """The address of a fresh bank's database beside the test's own, for a process that is another bank."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_kitbank_{os.environ.get('KITBANK_TEST_SESSION', '')}{worker}_other"
    template.clone(template.template_name(), name)
    yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    template.drop(name)


DAY, NAIROBI = 86_400, 3 * 3_600  # seconds; Kenya knows no summer time
NIGHTFALL = 10  # seconds before midnight in which no test begins, so that hardly any meets two days


def seconds_to_wait(at: float) -> float:
    """How long a test had better not begin, at this time of the clock: until midnight, where that is near.

    Midnight in Nairobi turns the bank's day, midnight UTC the database's.
    """
    nearest = min(DAY - at % DAY, DAY - (at + NAIROBI) % DAY)
    return nearest if nearest <= NIGHTFALL else 0.0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """A test reads the date more than once, and is right to think that it is the same."""
    if wait := seconds_to_wait(time.time()):
        time.sleep(wait)


@pytest.fixture(autouse=True)
def _in_the_usual_language() -> None:
    """A request leaves its thread in its own language."""
    translation.deactivate()


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """The machine's Chromium, driven by Playwright; tests that use it carry the `browser` marker."""
    missing = browser.missing()
    if missing:
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright  # costs half a second, which other tests need not pay

    # Playwright's sync API keeps an event loop in this thread, which Django takes for async code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser.found(), args=browser.ARGUMENTS)
        yield opened
        opened.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def page(chromium: "Browser") -> "Iterator[Page]":
    """A fresh, private browser page."""
    context = chromium.new_context(locale="en-GB", timezone_id="Africa/Nairobi")
    yield context.new_page()
    context.close()
