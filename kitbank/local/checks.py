"""`make test`: everything that must hold before a change goes in, for engineers and CI alike, with one summary."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from kitbank.local import binaries, places, postgres, privilege, translations
from kitbank.local.scratch import Session

# One more than the two processors at hand: a worker waits for browsers and for processes that start, and each further
# one loads the bank and keeps a database of its own, a gigabyte with all that belongs to it.
WORKERS = 3
# pytest's last word, `==== 12 passed in 3.45s ====`
CLOSING = re.compile(r"^(?:\x1b\[[0-9;]*m)*=* ?.*\b(passed|failed|errors?|skipped|no tests ran)\b.* in [\d.]+s")


@dataclass(frozen=True, slots=True)
class Result:
    """How one check went: `good` is None when there was nothing to check."""

    name: str
    good: bool | None
    seconds: float
    said: str


Check = Callable[[Mapping[str, str]], tuple[bool | None, str]]


def _tool(*command: str, subject: str = "") -> Check:
    """A check that is one command, with nothing to do while its subject does not exist."""

    def run(environment: Mapping[str, str]) -> tuple[bool | None, str]:
        if subject and not any(places.ROOT.glob(subject)):
            return None, f"there is no {subject} yet"
        program = Path(sys.executable).with_name(command[0])
        done = _call([str(program), *command[1:]], environment)
        return done.returncode == 0, done.stdout

    return run


def _template(environment: Mapping[str, str]) -> tuple[bool | None, str]:
    """Every migration runs on an empty database, which the tests then copy instead of waiting for it."""
    done = _call([sys.executable, "-m", "kitbank.local.template"], environment)
    return done.returncode == 0, done.stdout


def _manage(*command: str) -> Check:
    def run(environment: Mapping[str, str]) -> tuple[bool | None, str]:
        done = _call([sys.executable, "manage.py", *command], environment)
        return done.returncode == 0, done.stdout

    return run


def _schema(environment: Mapping[str, str]) -> tuple[bool | None, str]:
    """The API's description is valid, complete, and the one that is committed."""
    committed = places.ROOT / "schema.yaml"
    if not committed.exists():
        return None, "there is no schema.yaml yet"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "schema.yaml"
        command = [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(made)]
        done = _call(command, environment)
        if done.returncode:
            return False, done.stdout
        compared = _call(["diff", "-u", str(committed), str(made)], environment)
    again = "schema.yaml is not what the code says; run: manage.py spectacular --file schema.yaml\n"
    return compared.returncode == 0, "" if compared.returncode == 0 else again + compared.stdout[:4000]


def _translations(_environment: Mapping[str, str]) -> tuple[bool | None, str]:
    catalogues = sorted(places.ROOT.glob("locale/sw/LC_MESSAGES/*.po"))
    if not catalogues:
        return None, "there is no locale/sw yet"
    found = [fault for catalogue in catalogues for fault in translations.faults(catalogue)]
    sources = [path for path in sorted(places.ROOT.glob("apps/**/*.py")) if "tests" not in path.parts]
    found += translations.unknown(sources, places.ROOT / "locale/sw/LC_MESSAGES/django.po")
    return not found, "\n".join(found)


CHECKS: dict[str, Check] = {
    "migrate": _template,
    "types": _tool("mypy", "apps", "kitbank", "bench", subject="apps/*/*.py"),
    "format": _tool("ruff", "format", "--check", "."),
    "lint": _tool("ruff", "check", "."),
    "floors": _tool("lint-imports", subject=".importlinter"),
    "django": _manage("check"),
    "migrations": _manage("makemigrations", "--check", "--dry-run"),
    "templates": _tool("djlint", "--lint", "--quiet", "templates", subject="templates/**/*.html"),
    "schema": _schema,
    "translations": _translations,
}
TESTS = "tests"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named checks, or all of them; 0 only when every one is good."""
    parser = argparse.ArgumentParser(prog="python -m kitbank.local.checks", description=main.__doc__)
    everything = [*CHECKS, TESTS]
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(everything))
    parser.add_argument("--without", action="append", default=[], choices=everything)
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.names) - set(everything)
    if unknown:
        parser.error(f"no such check: {', '.join(sorted(unknown))} (there are {', '.join(everything)})")
    names = [name for name in chosen.names or everything if name not in chosen.without]
    session = None if os.environ.get("DATABASE_URL") else Session()
    try:
        url = session.begin() if session else os.environ["DATABASE_URL"]
        return run(names, CHECKS, url)
    except (postgres.DatabaseFailed, binaries.NoPostgres, privilege.CannotStepDown) as no:
        print(no, file=sys.stderr)
        return 1
    finally:
        if session:
            session.end()


def run(names: Sequence[str], checks: Mapping[str, Check], url: str) -> int:
    """The cheap ones two at a time, then the tests; a failure hides nothing that comes after it."""
    began = time.monotonic()
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kitbank.settings.test"}
    results = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = [pool.submit(_timed, name, checks[name], environment) for name in names if name in checks]
        for finished in as_completed(running):
            results.append(finished.result())
            _tell(results[-1])
    closing = ""
    if TESTS in names:
        result, closing = _tests()
        results.append(result)
    _summarise(results, closing, time.monotonic() - began)
    return 1 if any(result.good is False for result in results) else 0


def _timed(name: str, check: Check, environment: Mapping[str, str]) -> Result:
    began = time.monotonic()
    good, said = check(environment)
    return Result(name, good, time.monotonic() - began, said)


def _tests() -> tuple[Result, str]:
    """pytest, line by line as it speaks, remembering its last word."""
    began = time.monotonic()
    colour = "yes" if sys.stdout.isatty() else "no"
    command = [sys.executable, "-m", "pytest", "-n", str(WORKERS), "--dist", "worksteal", f"--color={colour}", "-ra"]
    # Without DATABASE_URL, unless the caller gave one: the plugin then joins the cluster that is already running.
    with subprocess.Popen(
        command, cwd=places.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pytest:
        closing = ""
        for line in pytest.stdout or ():
            print(line, end="", flush=True)
            if CLOSING.match(line):
                closing = line.rstrip()
    return Result(
        TESTS, pytest.returncode == 0, time.monotonic() - began, f"pytest ended with {pytest.returncode}"
    ), closing


def _call(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=places.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _word(result: Result) -> str:
    return {True: "ok", False: "FAILED", None: "skipped"}[result.good]


def _tell(result: Result) -> None:
    reason = f"  {result.said}" if result.good is None else ""
    print(f"{result.name:<14}{_word(result):<9}{result.seconds:6.1f} s{reason}", flush=True)
    if result.good is False:
        print(result.said.rstrip(), flush=True)


def _summarise(results: Sequence[Result], closing: str, seconds: float) -> None:
    print("\nSummary")
    for result in results:
        reason = f"  {result.said}" if result.good is None else ""
        print(f"  {result.name:<14}{_word(result):<9}{result.seconds:6.1f} s{reason}")
    failed = [result.name for result in results if result.good is False]
    print(f"  {'FAILED: ' + ', '.join(failed) if failed else 'all good'} in {seconds:.0f} s", flush=True)
    if closing:
        print(closing, flush=True)


if __name__ == "__main__":
    sys.exit(main())
