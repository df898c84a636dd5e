"""What the system lends is tried, not assumed."""

from collections.abc import Iterator

import pytest

from kitbank.local import browser, system


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    browser.found.cache_clear()
    system.missing_libraries.cache_clear()
    yield
    browser.found.cache_clear()
    system.missing_libraries.cache_clear()


def test_names_a_library_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "PANGO", ("libc.so.6", "libnobodyhasthis.so.9"))
    assert system.missing_libraries() == ("libnobodyhasthis.so.9",)
    assert "libnobodyhasthis.so.9" in str(system.missing_for_pdf())


def test_prints_the_command_and_what_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    lacking = system.check(testing=True)
    assert [need.name for need in lacking if need.name == "Chromium"] == ["Chromium"]
    said = capsys.readouterr().out
    assert "sudo apt-get install -y chromium" in said
    assert "every test marked `browser`" in said


def test_running_needs_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    assert "Chromium" not in [need.name for need in system.needs(testing=False)]


def test_says_what_goes_without_openmp(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(system, "OPENMP", "libnobodyhasthis.so.9")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "libnobodyhasthis.so.9" in str(system.missing_for_lightgbm())
    assert "OpenMP" in [need.name for need in system.check(testing=False)]
    assert "sudo apt-get install -y libgomp1" in capsys.readouterr().out
