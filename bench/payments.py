"""A confirmed transfer over HTTP with every mechanism on, against naive DRF views that move money with the ORM.

Ours: token and its stay, rate limit, proof spent, fraud screen, accounts and ledger locked and posted, tier limits,
lines, audit record, outbox row. Theirs: simplejwt as it comes, a serializer, and `bench.orm.transfer`: one look for the
reference, both rows locked with `select_for_update`, checked in Python, two updates and three inserts; no limits, no
screen, no proof, no rate limit, no audit, no events. Both behind the same web server of two processes, asked by the
same clients over connections that stay open.

Theirs three times: as a project of its own as `startproject` writes it (`bench.stock`); in that project with duties of
ours as a first version writes them, a query for each question and a row for each fact (`bench.stock.duties`); and the
bare one within our project, with our middleware and what we found out about connections and prepared statements.

A busy machine disturbs the time of a request more than anything else measured here. So the processor time and the
statements of one request are measured too, in this process and one after the other.
"""

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.common import Options, Result, main
from bench.web import CLIENTS, Ask, Side, paced, served, window

EVERY = 2.0  # seconds
PAUSE = 0.2
PAIRS = 200  # of payer and payee
QUOTED = """
WITH quoted AS (
    INSERT INTO stock.bench_payment (payer_id, payee_id, by_id, amount, status, created_at)
    SELECT (%(payers)s::bigint[])[1 + nth %% %(pairs)s], (%(payees)s::bigint[])[1 + nth %% %(pairs)s], %(by)s, 100,
           'QUOTED', clock_timestamp() FROM generate_series(0, %(count)s - 1) AS nth
    RETURNING id
)
INSERT INTO stock.bench_proof (payment_id, created_at, answered_at)
SELECT id, clock_timestamp(), clock_timestamp() FROM quoted ORDER BY id RETURNING payment_id, id
"""


def run(options: Options) -> list[Result]:
    """The ratio of transfers a second, and the 95th percentile of a confirm with all clients at once."""
    requests = 1000 if options.rounds > 3 else 200
    ours, naive = Side(_ours()), Side(_naive())
    stock, dutiful = map(Side, _stock())
    alone = [_alone(side, 100 if options.rounds <= 3 else 500) for side in (ours, naive)]
    rounds = []
    with served() as port, served("bench.stock.wsgi") as elsewhere:
        sides = [(port, ours), (port, naive), (elsewhere, stock), (elsewhere, dutiful)]
        for nth in range(options.rounds + 1):
            turn = [window(at, side, requests) for at, side in (sides if nth % 2 else reversed(sides))]
            rounds.append(turn if nth % 2 else turn[::-1])
            if nth == 0:  # the first one warms up
                rounds.clear()
                ours.took.clear()
        with_pause = Side(ours.ready)
        speed_with_pause = window(port, with_pause, 3 * requests, PAUSE)
        turns = options.rounds * 2
        at_ease = paced(port, ours.ready(CLIENTS * turns), EVERY, seconds=turns * EVERY)

    def against(name: str, nth: int, at_least: float | None) -> Result:
        speed, other = (statistics.median(one[side] for one in rounds) for side in (0, nth))
        note = f"{speed:.0f} against {other:.0f} a second, {CLIENTS} clients"
        return Result(name, statistics.median(one[0] / one[nth] for one in rounds), at_least=at_least, note=note)

    return [
        against("HTTP transfer, every mechanism on : naive ORM + DRF with the same duties", 3, 3),
        against("  the same : naive ORM + DRF with none of them", 2, 3),
        against("  the same : the one with none within our project", 1, None),
        Result(f"p95 of a confirm, {CLIENTS} clients that never wait", _p95(ours.took), at_most=200, unit="ms"),
        Result(
            f"p95 of a confirm, {CLIENTS} clients that pay again {PAUSE} seconds after each answer",
            _p95(with_pause.took),
            at_most=200,
            unit="ms",
            note=f"{speed_with_pause:.0f} a second",
        ),
        Result(
            f"p95 of a confirm, {CLIENTS} clients that each pay every {EVERY:.0f} seconds",
            _p95(at_ease),
            at_most=200,
            unit="ms",
            note=f"median {statistics.median(at_ease) * 1000:.0f} ms",
        ),
        *(
            Result(
                f"processor time of a {name} in the web process", milliseconds, unit="ms", note=f"{asked} statements"
            )
            for name, (milliseconds, asked) in zip(("confirm", "naive transfer"), alone, strict=True)
        ),
    ]


def _p95(took: list[float]) -> float:
    """In milliseconds."""
    return statistics.quantiles(took, n=20)[-1] * 1000


def _alone(side: Side, requests: int) -> tuple[float, int]:
    """Milliseconds of processor time a request takes in this process, and the statements of the last one."""
    from django.core.wsgi import get_wsgi_application
    from django.db import connection
    from django.test.client import RequestFactory

    application, factory = get_wsgi_application(), RequestFactory(SERVER_NAME="127.0.0.1")
    asks = [
        factory.generic("POST", ask.path, ask.body, "application/json", headers=ask.headers).environ
        for ask in side.ready(requests + 50)
    ]
    spent = 0.0
    statements: list[str] = []
    said: list[str] = []

    def note(run: Callable[..., Any], statement: str, *call: Any) -> Any:
        statements.append(statement)
        return run(statement, *call)

    def start(status: str, _headers: list[tuple[str, str]], _no: Any = None, /) -> Callable[[bytes], object]:
        said.append(status)
        return bytes  # what is written past the answer, which nothing here does

    for nth, environ in enumerate(asks):
        said.clear()
        began = time.process_time()
        if nth == requests + 49:
            connection.execute_wrappers.append(note)
        b"".join(application(environ, start))
        if nth >= 50:  # the first ones load and write what is kept
            spent += time.process_time() - began
        if not said[0].startswith("200"):
            raise RuntimeError(said[0])
    connection.execute_wrappers.clear()
    return spent / requests * 1000, len(statements)


def _ours() -> Callable[[int], list[Ask]]:
    from apps.accounts.testing import kes, make_account
    from apps.fraud.models import FraudRule
    from apps.fraud.testing import switch_rule
    from apps.kernel.clock import now
    from apps.payments import operations
    from apps.users.models import StepUpChallenge, User
    from apps.users.testing import bearer

    # The rules stay on and are asked; their bounds are out of reach of one customer who pays all day.
    for rule in FraudRule.objects.order_by("code", "-version").distinct("code"):
        switch_rule(rule.code, f"({rule.expression}) and amount > KES 10_000_000_000", str(rule.weight))
    pairs = [(make_account(balance="90000"), make_account()) for _nth in range(PAIRS)]
    User.objects.update(kyc_tier="TIER_3")
    headers = [bearer(payer.owner) for payer, _payee in pairs]
    number = itertools.count()

    def ready(count: int) -> list[Ask]:
        asks = []
        for nth in range(count):
            (payer, payee), at = pairs[nth % PAIRS], now()
            payment = operations.start(
                payer=payer.owner, from_account=payer, to=payee.number, amount=kes("1"), key=f"b{next(number)}", at=at
            )
            proof = operations.challenge(payment=payment, by=payer.owner, at=at)
            body = json.dumps({"challenge": str(proof.pk)}).encode()
            asks.append(_ask(f"/api/v1/payments/{payment.public_id}/confirm/", body, headers[nth % PAIRS]))
        StepUpChallenge.objects.filter(answered_at=None).update(answered_at=now())
        return asks

    return ready


def _stock() -> tuple[Callable[[int], list[Ask]], Callable[[int], list[Ask]]]:
    """The bare transfer and the one with duties, in a schema beside the bank's tables; the tokens are of one user."""
    filled = subprocess.run(
        [sys.executable, "-m", "bench.stock.fill", str(2 * PAIRS)], capture_output=True, text=True, check=True
    )
    made = json.loads(filled.stdout)
    headers = {"Authorization": f"Bearer {made['token']}"}
    return _transfers(made["accounts"], [headers]), _quoted(made["accounts"], made["user"], headers)


def _quoted(accounts: list[int], user: int, headers: dict[str, str]) -> Callable[[int], list[Ask]]:
    """Payments quoted before, each with a proof that was answered."""
    from django.db import connection

    payers, payees = accounts[::2], accounts[1::2]

    def ready(count: int) -> list[Ask]:
        with connection.cursor() as cursor:
            cursor.execute(QUOTED, {"payers": payers, "payees": payees, "by": user, "pairs": PAIRS, "count": count})
            made = cursor.fetchall()
        return [
            _ask(
                f"/payments/{payment}/confirm/",
                json.dumps({"challenge": proof}).encode(),
                {**headers, "Idempotency-Key": f"q{payment}"},
            )
            for payment, proof in made
        ]

    return ready


def _naive() -> Callable[[int], list[Ask]]:
    from apps.users.testing import make_customer
    from bench import orm

    orm.make_tables()
    return _transfers(orm.fill(2 * PAIRS), [{"Authorization": f"Bearer {_stock_token(make_customer())}"}])


def _transfers(accounts: list[int], headers: list[dict[str, str]]) -> Callable[[int], list[Ask]]:
    number = itertools.count()

    def ready(count: int) -> list[Ask]:
        asks = []
        for nth in range(count):
            payer, payee = accounts[2 * (nth % PAIRS)], accounts[2 * (nth % PAIRS) + 1]
            body = {"payer": payer, "payee": payee, "amount": 100, "reference": f"n{next(number)}"}
            asks.append(_ask("/naive/", json.dumps(body).encode(), headers[nth % len(headers)]))
        return asks

    return ready


def _stock_token(user: Any) -> str:
    from rest_framework_simplejwt.tokens import AccessToken

    return str(AccessToken.for_user(user))


def _ask(path: str, body: bytes, headers: dict[str, Any]) -> Ask:
    return Ask(path, body, {"Content-Type": "application/json", **headers})


if __name__ == "__main__":
    main(run)
