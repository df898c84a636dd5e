"""A worker of the storm in a process of its own, to be killed at any moment: `-m apps.mpesa.tests.storm_worker 7`."""

import random
import sys
from datetime import timedelta

import django
import httpx

django.setup()

from apps.kernel import breaker, http  # noqa: E402 the apps are loaded by the line above
from apps.kernel.errors import DomainError  # noqa: E402
from apps.mpesa import tasks  # noqa: E402
from apps.payments import tasks as carrying  # noqa: E402


def hurry() -> None:
    """A storm has no time for a minute's silence, nor for a provider's rest."""
    tasks.SILENCE = tasks.BETWEEN_QUESTIONS = timedelta(0)
    carrying.SILENCE = timedelta(seconds=1)
    breaker.FAILURES = 10**6
    http.send.__kwdefaults__["timeout"] = httpx.Timeout(0.5)


def main(seed: int) -> None:
    """Make rounds until killed."""
    hurry()
    dice = random.Random(seed)
    rounds = [carrying.sweep_payments, tasks.sweep_mpesa, carrying.ask_about_silence, tasks.ask_about_silence]
    while True:
        try:
            dice.choice(rounds)()
        except DomainError:
            continue


if __name__ == "__main__":
    main(int(sys.argv[1]))
