"""Gives a test run its PostgreSQL: loaded by `-p` in pytest.ini, so that it acts before Django reads its settings."""

import atexit
import os
import sys
from collections.abc import Generator

import pytest

from kitbank.local import browser, node, places, system
from kitbank.local.scratch import Session

SESSION = "KITBANK_TEST_SESSION"

_session: Session | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Start the test cluster in the controlling process; xdist's workers inherit its address."""
    global _session
    places.make_folders()
    asks_only = {"--help", "-h", "--version", "-V"} & set(sys.argv)
    if not os.environ.get("DATABASE_URL") and not asks_only:
        _session = Session()
        atexit.register(_leave)  # for the runs that end before pytest gets to its own last hook
        os.environ["DATABASE_URL"] = _session.begin()
        os.environ[SESSION] = f"{os.getpid()}_"
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the fixtures late enough to replace pytest-django's own."""
    config.addinivalue_line("markers", "long: takes most of a minute; begun first, so that nobody waits for it")
    config.addinivalue_line("markers", "browser: drives Chromium; skipped, loudly, on a machine without it")
    config.addinivalue_line("markers", "lightgbm: trains trees; skipped, loudly, on a machine without OpenMP")
    config.addinivalue_line("markers", "pdf: renders with WeasyPrint; skipped, loudly, on a machine without Pango")
    # Imported here, because it imports Django, whose settings need the address found above.
    from kitbank.local import pytest_fixtures

    config.pluginmanager.register(pytest_fixtures, "kitbank-fixtures")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long ones; skip what this machine cannot run, naming what is missing."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    lacking = {
        "browser": browser.missing(),
        "pdf": system.missing_for_pdf(),
        "lightgbm": system.missing_for_lightgbm(),
    }
    for item in items:
        for marker, reason in lacking.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Everything is imported by now, and Python need not look at it again after every few hundred objects."""
    from apps.kernel.garbage import settle_in

    settle_in()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped for want of a program, even where -ra is not given."""
    reasons = (browser.missing(), system.missing_for_pdf(), system.missing_for_lightgbm(), node.missing())
    lacking = {reason for reason in reasons if reason}
    for report in terminalreporter.stats.get("skipped", []):
        if any(reason in str(report.longrepr) for reason in lacking):
            terminalreporter.write_line(f"SKIPPED FOR WANT OF A PROGRAM: {report.nodeid}", yellow=True)
    for reason in sorted(lacking):
        terminalreporter.write_line(reason, yellow=True, bold=True)


def pytest_unconfigure() -> None:
    """Leave the cluster; the last session out stops it."""
    _leave()


def _leave() -> None:
    global _session
    if _session is not None:
        _session.end()
        _session = None
        for name in ("DATABASE_URL", SESSION):
            os.environ.pop(name, None)
