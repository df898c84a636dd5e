"""`make run`: the database, the tables, the demo bank, and then every process of the bank under one supervisor."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from kitbank.local import binaries, orphans, places, ports, postgres, privilege, secrets, system
from kitbank.local.progress import working
from kitbank.local.supervisor import Supervisor

QUEUES = "codes,money,messages,reports,webhooks,default"


class CannotRun(Exception):
    """Why there is no bank; said without a traceback."""


REFUSALS = (CannotRun, ports.PortTaken, postgres.DatabaseFailed, binaries.NoPostgres, privilege.CannotStepDown)


def main() -> int:
    """Run until told to stop; 0 when everything stopped as asked."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        places.make_folders()
        with _only_one():
            return _run()
    except REFUSALS as no:
        print(f"\n{no}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0


def _run() -> int:
    if orphans.end():
        print("Ended what an earlier run had left behind.", flush=True)
    chosen = ports.with_live(ports.chosen())
    ports.require_free(chosen)
    system.check(testing=False)
    server = None if os.environ.get("DATABASE_URL") else postgres.bank_server()
    try:
        environment = _environment(chosen, _start(server))
        _prepare(environment)
        return _supervise(chosen, environment)
    finally:
        if server is not None:
            server.stop()
            print("The database has stopped. Everything is where it was: `make run` goes on from here.", flush=True)


def _start(server: postgres.Server | None) -> str:
    if server is None:
        return os.environ["DATABASE_URL"]
    found = server.is_running()
    with working("Finding the database of an earlier run" if found else "Starting the database"):
        return server.start()


def _environment(chosen: dict[str, int], url: str) -> dict[str, str]:
    """What every process of the bank is told."""
    return (
        secrets.machine_secrets()
        | dict(os.environ)
        | {variable: str(port) for variable, port in chosen.items()}
        | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "kitbank.settings.local",
            "PUBLIC_ADDRESS": os.environ.get("PUBLIC_ADDRESS") or f"http://127.0.0.1:{chosen['KITBANK_PORT']}",
            "LIVE_PORT": str(chosen[ports.LIVE]),
            "PYTHONUNBUFFERED": "1",
            orphans.MARK: str(places.ROOT),
        }
    )


def _prepare(environment: dict[str, str]) -> None:
    # In a session of its own, so that Ctrl-C reaches us alone and the database outlives the migration it serves.
    command = [sys.executable, "-m", "kitbank.local.prepare"]
    child = subprocess.Popen(command, env=environment, cwd=places.ROOT, start_new_session=True)
    try:
        code = child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    if code:
        raise CannotRun(f"Preparing the database failed ({code}); what it said stands above.")


def _supervise(chosen: dict[str, int], environment: dict[str, str]) -> int:
    supervisor = Supervisor(environment)
    for name, command in _processes(chosen).items():
        supervisor.add(name, command)
    supervisor.greet(chosen["KITBANK_PORT"], _page(chosen))
    code = supervisor.run()
    culprit = supervisor.culprit()
    if code and culprit:
        print(f"\nStopped, because {culprit} did not stay up: see {places.LOGS / culprit}.log", file=sys.stderr)
    return code


def _processes(chosen: dict[str, int]) -> dict[str, list[str]]:
    python = sys.executable
    celery = [python, "-m", "celery", "-A", "kitbank"]
    web = [python, "-m", "gunicorn", "kitbank.wsgi", "--bind", f"127.0.0.1:{chosen['KITBANK_PORT']}"]
    web += ["--worker-class", "kitbank.balanced.BalancedWorker", "--workers", "2", "--threads", "4"]
    web += ["--graceful-timeout", "5", "--preload", "--no-control-socket"]
    live = [python, "-m", "gunicorn", "kitbank.asgi", "--bind", f"127.0.0.1:{chosen[ports.LIVE]}"]
    live += ["--worker-class", "asgi", "--workers", "1", "--graceful-timeout", "2", "--no-control-socket"]
    worker = [*celery, "worker", "--queues", QUEUES, "--concurrency", "2", "--prefetch-multiplier", "1"]
    worker += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    beat = [*celery, "beat", "--scheduler", "django_celery_beat.schedulers:DatabaseScheduler", "--loglevel", "INFO"]
    found = {"web": web, "live": live, "worker": worker, "beat": beat}
    commands = {
        "relay": ["relay"],
        "simulators": ["simulators", "--port", str(chosen["KITBANK_SIMULATORS_PORT"])],
    }
    for name, command in commands.items():
        if _has_command(name):
            found[name] = [python, "manage.py", *command]
        else:
            print(f"Without {name}: there is no such management command.", flush=True)
    return found


def _has_command(name: str) -> bool:
    found = list(places.ROOT.glob(f"apps/*/management/commands/{name}.py"))
    return bool(found) or (places.ROOT / "simulators" / "management" / "commands" / f"{name}.py").exists()


def _page(chosen: dict[str, int]) -> str:
    bank = f"http://127.0.0.1:{chosen['KITBANK_PORT']}"
    simulators = f"http://127.0.0.1:{chosen['KITBANK_SIMULATORS_PORT']}"
    lines = [
        "─" * 72,
        "  KitBank is open",
        "",
        f"  Customers          {bank}/",
        f"  Staff workbench    {bank}/workbench/",
        f"  API documents      {bank}/api/docs/",
    ]
    if _has_command("simulators"):
        lines += [f"  Customer's phone   {simulators}/phone/", f"  Mail catcher       {simulators}/mail/"]
    sign_ins = places.SIGN_INS.read_text()
    if sign_ins:
        lines += ["", "  Sign in as", *(f"    {line}" for line in sign_ins.splitlines())]
    lines += ["", f"  Logs in {places.LOGS}    Ctrl-C stops everything", "─" * 72]
    return "\n".join(lines)


@contextmanager
def _only_one() -> Iterator[None]:
    """One `make run` per repository. The kernel drops the lock with its holder, so it is never stale."""
    path: Path = places.VAR / "run.lock"
    with path.open("a+") as file:
        try:
            # POSIX, not flock: the forked children must not inherit it.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as no:
            file.seek(0)
            raise CannotRun(f"The bank of this folder is already running (process {file.read().strip()}).") from no
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
