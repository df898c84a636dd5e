"""One failed check fails the run, and hides none of the others."""

from collections.abc import Mapping

import pytest

from kitbank.local import checks


def good(_environment: Mapping[str, str]) -> tuple[bool | None, str]:
    return True, "quiet"


def bad(_environment: Mapping[str, str]) -> tuple[bool | None, str]:
    return False, "line 3 is wrong"


def absent(_environment: Mapping[str, str]) -> tuple[bool | None, str]:
    return None, "there is no such folder yet"


def test_a_failure_is_told_and_hides_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code = checks.run(["one", "two", "three"], {"one": bad, "two": good, "three": absent}, "postgresql:///unused")
    said = capsys.readouterr().out
    assert code == 1
    assert "line 3 is wrong" in said
    assert "quiet" not in said
    assert "there is no such folder yet" in said
    summary = said.split("Summary")[1]
    assert [name for name in ("one", "two", "three") if name in summary] == ["one", "two", "three"]
    assert "FAILED: one" in summary


def test_nothing_to_check_is_not_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.run(["two", "three"], {"two": good, "three": absent}, "postgresql:///unused") == 0
    assert "all good" in capsys.readouterr().out


def test_refuses_a_check_that_does_not_exist() -> None:
    with pytest.raises(SystemExit):
        checks.main(["no-such-check"])


@pytest.mark.parametrize(
    "line",
    [
        "===== 12 passed in 3.45s =====",
        "= 1 failed, 2 passed, 3 skipped in 75.10s (0:01:15) =",
        "no tests ran in 0.01s",
    ],
)
def test_knows_the_last_word_of_pytest(line: str) -> None:
    assert checks.CLOSING.match(line)
