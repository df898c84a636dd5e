"""Invented checks, so that a young bank can see a model at work: the facts of ordinary payments, and of odd ones."""

import random
from typing import Any

ODD_SHARE = 0.02

Kept = dict[str, Any]


def invented(seed: int, rows: int) -> tuple[list[Kept], list[bool]]:
    """Facts of `rows` payments, as a check keeps them, and of each whether it is one of the odd ones."""
    pick = random.Random(seed)  # noqa: S311 invented people, the same each time
    odd = [pick.random() < ODD_SHARE for _nth in range(rows)]
    return [_odd(pick) if is_odd else _ordinary(pick) for is_odd in odd], odd


def _ordinary(pick: random.Random) -> Kept:
    usual = int(pick.lognormvariate(11.7, 0.7))
    known = min(50, int(pick.expovariate(1 / 40)) + 1)
    has_new_phone = pick.random() < 0.03
    amount = max(int(usual * pick.lognormvariate(0, 0.8)), 1_000)
    facts = {
        "amount": amount,
        "usual": usual,
        "sent_in_a_day": int(usual * pick.choice([0, 0, 1, 2, 3]) * pick.random()),
        "sent_in_ten_minutes": pick.choice([0] * 18 + [1, 2]),
        "repeats_in_a_day": pick.choice([0] * 9 + [1]),
        "seconds_since_last": int(pick.expovariate(1 / 50_000)),
        "payments_known": known,
        "payments_at_this_hour": int(known * pick.uniform(0.1, 0.8)),
        "hour": pick.randint(6, 22),
        "customer_age_days": int(pick.uniform(5, 900)),
        "is_new_recipient": pick.random() < 0.15,
        "device_age_hours": int(pick.uniform(0, 48)) if has_new_phone else int(pick.uniform(200, 9_000)),
        "payee_age_days": int(pick.uniform(10, 900)),
        "payers_in_a_day": pick.choice([1, 1, 1, 2, 3]),
        "payee_passed_on_percent": pick.choice([0, 0, 0, 10, 30]),
    }
    return facts if known >= 5 else {name: value for name, value in facts.items() if name != "usual"}


def _odd(pick: random.Random) -> Kept:
    """Any of: an account that is emptied at night, a burst from a stolen phone, a payment into a mule's account."""
    facts, way = _ordinary(pick), pick.randrange(3)
    usual = facts.get("usual", 120_000)
    if way == 0:
        facts |= {
            "amount": int(usual * pick.uniform(10, 60)), "payments_at_this_hour": 0, "hour": pick.randint(0, 4),
            "device_age_hours": pick.randint(0, 3), "is_new_recipient": True, "payee_age_days": pick.randint(0, 20),
        }  # fmt: skip
    elif way == 1:
        facts |= {
            "sent_in_ten_minutes": pick.randint(5, 18), "repeats_in_a_day": pick.randint(4, 15),
            "sent_in_a_day": usual * pick.randint(6, 20), "seconds_since_last": pick.randint(5, 40),
            "is_new_recipient": True,
        }  # fmt: skip
    else:
        facts |= {
            "payers_in_a_day": pick.randint(8, 30), "payee_passed_on_percent": pick.randint(80, 100),
            "payee_age_days": pick.randint(0, 25), "is_new_recipient": True,
        }  # fmt: skip
    return facts
