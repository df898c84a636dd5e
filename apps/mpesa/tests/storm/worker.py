"""A worker of the storm in a process of its own, to be killed at any moment; who starts it has loaded the apps."""

import random
from datetime import date, timedelta

import httpx

from apps.kernel import breaker, http
from apps.kernel.errors import DomainError
from apps.mpesa import tasks
from apps.payments import tasks as carrying
from apps.payments.operations.banks import cut_offs

ROUNDS = [
    carrying.sweep_payments,
    carrying.ask_about_silence,
    carrying.sweep_airtime,
    carrying.work_with_files,
    carrying.hear_news,
    tasks.sweep_mpesa,
    tasks.ask_about_silence,
]


class EveryDay:
    """A storm rages on Sundays too: banks work on every day of its calendar."""

    def __init__(self, *_stretch: date):
        pass

    def is_working_day(self, _day: date) -> bool:
        return True

    def working_day_from(self, day: date) -> date:
        return day


def hurry() -> None:
    """A storm has no time for a minute's silence, nor for a provider's rest."""
    tasks.SILENCE = tasks.BETWEEN_QUESTIONS = tasks.BETWEEN_RECEIPTS = timedelta(0)
    carrying.SILENCE = timedelta(seconds=1)
    breaker.FAILURES = 10**6
    cut_offs.calendar_of = EveryDay
    http.send.__kwdefaults__["timeout"] = httpx.Timeout(0.5)


def main(seed: int) -> None:
    """Make rounds until killed."""
    hurry()
    dice = random.Random(seed)
    while True:
        try:
            dice.choice(ROUNDS)()
        except DomainError:
            continue
