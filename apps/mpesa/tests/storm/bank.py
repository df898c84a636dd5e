"""The bank of the storm: a web server and two workers as processes that are killed, and customers who ask again."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from urllib.parse import quote

import httpx
from django.db import connection

from apps.kernel.clock import now
from apps.users.models import StepUpChallenge
from apps.users.testing import bearer

WORKER = "import django; django.setup(); from apps.mpesa.tests.storm.worker import main; main({})"
PATIENCE = 120.0  # seconds


class Doomed:
    """A process of the bank that is killed without warning, and started again."""

    def __init__(self, log: Path, *command: str, **environment: str):
        self.command, self.environment = [sys.executable, *command], environment
        self.log = log
        self.deaths = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(  # noqa: S603 our own commands
            self.command, env=os.environ | self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=self.log.open("ab"),
        )  # fmt: skip

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.deaths += 1

    @property
    def last_words(self):
        return self.log.read_text()[-3000:]


class Bank:
    """One web server and two workers on the test's database."""

    def __init__(self, folder: Path, port: int, **known: str):
        self.address = f"http://127.0.0.1:{port}"
        self.door = httpx.Client(base_url=self.address, trust_env=False, timeout=2)
        known = {"DATABASE_URL": _address_of_database(), "DJANGO_SETTINGS_MODULE": "kitbank.settings.test", **known}
        web = ["-m", "gunicorn", "kitbank.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
        web += ["--workers", "1", "--threads", "4", "--no-control-socket"]
        self.web = Doomed(folder / "web.log", *web, **known)
        self.workers = [Doomed(folder / f"worker-{n}.log", "-c", WORKER.format(n), **known) for n in (1, 2)]

    @property
    def processes(self):
        return [self.web, *self.workers]

    def answers(self):
        try:
            return self.door.get("/healthz").status_code < 500
        except httpx.TransportError:
            return False

    def until(self, is_so, seconds=PATIENCE):
        """Wait for what the processes do. Fails when one ended by itself, or when it does not come."""
        end = time.monotonic() + seconds
        while not is_so():
            fallen = [one.last_words for one in self.processes if one.process.poll() not in {None, -signal.SIGKILL}]
            assert not fallen, fallen
            assert time.monotonic() < end, [one.last_words for one in self.processes]
            Event().wait(0.1)


class Customers:
    """Apps that confirm payments over HTTP, three at a time, and ask again until the bank has answered."""

    def __init__(self, address: str):
        self.pool = ThreadPoolExecutor(3)
        self.web = httpx.Client(base_url=address, trust_env=False, timeout=20)
        self.asked: list[tuple[int, Future]] = []
        self.asked_again = 0

    def confirm(self, *proofs):
        """The codes were typed, of several all at once; the rest is between the apps and whichever web server lives."""
        typed = [challenge.pk for _payment, challenge in proofs]
        StepUpChallenge.objects.filter(pk__in=typed).update(answered_at=now())
        for payment, challenge in proofs:
            path = f"/api/v1/payments/{payment.public_id}/confirm/"
            ask = {"url": path, "json": {"challenge": str(challenge.pk)}, "headers": bearer(payment.payer)}
            self.asked.append((payment.pk, self.pool.submit(self._until_answered, ask)))

    def _until_answered(self, ask):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.web.post(**ask)
            except httpx.TransportError:  # killed before, during or after: the app cannot know
                self.asked_again += 1
                assert time.monotonic() < end, "the bank is away for good"
                Event().wait(0.2)
            else:
                return answer.status_code, answer.text

    def refused(self):
        """Payments that were answered by anything but a yes, each with the answer, once all have one."""
        answers = [(payment, one.result(timeout=PATIENCE)) for payment, one in self.asked]
        return {payment: text for payment, (status, text) in answers if status != httpx.codes.OK}

    def leave(self):
        self.pool.shutdown(cancel_futures=True)
        self.web.close()


def _address_of_database():
    """The database of this test, for processes of their own."""
    known = connection.settings_dict
    where = f"{quote(str(known['HOST']), safe='')}{':' if known['PORT'] else ''}{known['PORT']}"
    return f"postgresql://{known['USER']}:{quote(str(known['PASSWORD']), safe='')}@{where}/{known['NAME']}"
