"""Third parties' reads over HTTP: balances and movements of customers who let them in, fifty clients at once.

Measured twice. First each client asks again as soon as it was answered: fifty that never wait fill any number of
cores, so that measures a queue fifty reads deep, and how many a second come out of it. Then each asks as often as the
default limit of an app lets it, once a second: fifty third parties at their limit.

Each request is checked as any other: token, app, consent, customer, limits of the app, account and view, and the row of
what leaves written before it does. `apps/open_banking/tests/test_obp.py` pins that the check costs three statements.
"""

import statistics
from collections.abc import Callable

from bench.common import Options, Result, main
from bench.web import CLIENTS, Ask, Side, paced, served, window

READERS, LINES = CLIENTS, 60  # customers who let an app of their own in, and movements each has
AT_MOST = 100  # milliseconds
EVERY = 1.0  # seconds: 60 a minute, the default limit of an app


def run(options: Options) -> list[Result]:
    """The 95th percentile of each, and how many a second."""
    sides = {"balances": Side(_reads("balances")), "transactions": Side(_reads("transactions"))}
    speeds: dict[str, list[float]] = {name: [] for name in sides}
    requests = 1000 if options.rounds > 3 else 200
    with served() as port:
        for nth in range(options.rounds + 1):
            for name, side in sides.items():
                speed = window(port, side, requests)
                if nth:  # the first round warms up
                    speeds[name].append(speed)
                else:
                    side.took.clear()
        at_limit = {
            name: paced(port, side.ready(CLIENTS), EVERY, seconds=options.rounds * 4) for name, side in sides.items()
        }
    return [
        *(
            Result(
                f"p95 of {name} by a third party, {CLIENTS} clients at their limit",
                statistics.quantiles(took, n=20)[-1] * 1000,
                at_most=AT_MOST,
                unit="ms",
                note=f"{len(took) / (options.rounds * 4):.0f} a second, median {statistics.median(took) * 1000:.0f} ms",
            )
            for name, took in at_limit.items()
        ),
        *_in_a_queue(sides, speeds),
    ]


def _in_a_queue(sides: dict[str, Side], speeds: dict[str, list[float]]) -> list[Result]:
    return [
        Result(
            f"p95 of {name} by a third party, {CLIENTS} clients that never wait",
            statistics.quantiles(side.took, n=20)[-1] * 1000,
            at_most=AT_MOST,
            unit="ms",
            note=f"{statistics.median(speeds[name]):.0f} a second, median {statistics.median(side.took) * 1000:.0f} ms",
        )
        for name, side in sides.items()
    ]


def _reads(what: str) -> Callable[[int], list[Ask]]:
    from apps.accounts.testing import give as pay_in
    from apps.accounts.testing import make_account
    from apps.open_banking.models import ThirdPartyApp
    from apps.open_banking.names import account_name
    from apps.open_banking.testing import give, lodge, make_app, make_token

    asks = []
    for _nth in range(READERS):
        app = make_app().app
        account = make_account(balance="5000")
        for amount in range(LINES if what == "transactions" else 1):
            pay_in(account, str(amount + 1))
        token = make_token(app, give(lodge(app), [account]))
        headers = {"Authorization": f"Bearer {token}", "PSU-IP-Address": "41.80.1.9"}
        place = f"/obp/v5.1.0/banks/kitbank.ke/accounts/{account_name(account.pk)}/{what}"
        asks.append(Ask(place, b"", headers, method="GET"))
    ThirdPartyApp.objects.update(rate_limit_per_minute=10**8, rate_limit_per_day=10**9)
    return lambda count: [asks[nth % READERS] for nth in range(count)]


if __name__ == "__main__":
    main(run)
