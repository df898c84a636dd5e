"""A confirmed transfer over HTTP with every mechanism on, against a naive DRF view that moves money with the ORM.

Ours: token and its stay, rate limit, proof spent, accounts and ledger locked and posted, tier limits, lines, audit
record, outbox row. Theirs: a DRF view around `bench.orm.transfer`, with none of these. Both through Django's test
client in one process, so the figure is work per request, not the network.
"""

import itertools
import time
from collections.abc import Callable
from typing import Any

from bench.common import Options, Result, alternate, main

BATCH = 150  # transfers a window


def run(options: Options) -> list[Result]:
    """The ratio of transfers a second; its goal of 3 is not set here yet, because the fraud screen is still to come."""
    from django.test import Client, override_settings

    limits = {"default": "99999999/min", "money": "99999999/min", "auth": "99999999/min", "otp": "99999999/min"}
    with override_settings(RATE_LIMITS=limits, ROOT_URLCONF="bench.http_urls"):
        client = Client()
        ours, naive, ratio = alternate(_ours(client), _naive(client), options.rounds)
    note = f"{ours:.0f} against {naive:.0f} a second, one process"
    return [Result("HTTP transfer, every mechanism on : naive ORM + DRF transfer", ratio, note=note)]


def _ours(client: Any) -> Callable[[], float]:
    from apps.accounts.testing import kes, make_account
    from apps.kernel.clock import now
    from apps.payments import operations
    from apps.users.models import StepUpChallenge, User
    from apps.users.testing import bearer

    payers = [make_account(balance="90000") for _nth in range(20)]
    payee = make_account()
    User.objects.update(kyc_tier="TIER_3")
    headers = [bearer(payer.owner) for payer in payers]
    number = itertools.count()

    def window() -> float:
        asked = []
        for nth in range(BATCH):
            payer, at = payers[nth % len(payers)], now()
            payment = operations.start(
                payer=payer.owner, from_account=payer, to=payee.number, amount=kes("1"), key=f"b{next(number)}", at=at
            )
            challenge = operations.challenge(payment=payment, by=payer.owner, at=at)
            asked.append((payment.public_id, challenge.pk, headers[nth % len(payers)]))
        StepUpChallenge.objects.filter(answered_at=None).update(answered_at=now())
        began = time.perf_counter()
        for public_id, challenge, head in asked:
            path = f"/api/v1/payments/{public_id}/confirm/"
            answer = client.post(path, {"challenge": str(challenge)}, content_type="application/json", headers=head)
            assert answer.status_code == 200, answer.content
        return BATCH / (time.perf_counter() - began)

    return window


def _naive(client: Any) -> Callable[[], float]:
    from bench import orm

    orm.make_tables()
    payer, payee = orm.fill(2)
    number = itertools.count()

    def window() -> float:
        began = time.perf_counter()
        for _nth in range(BATCH):
            body = {"payer": payer, "payee": payee, "amount": 100, "reference": f"n{next(number)}"}
            answer = client.post("/naive/", body, content_type="application/json")
            assert answer.status_code == 200, answer.content
        return BATCH / (time.perf_counter() - began)

    return window


if __name__ == "__main__":
    main(run)
