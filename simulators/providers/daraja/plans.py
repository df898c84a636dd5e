"""Who misbehaves how: plans that somebody made for everything, a product, a shortcode or a phone, and chaos by rates.

A plan holds any of the names in `READERS`; the more particular plan wins. With `times` it is used up.
Chaos draws from the seed and the request alone (product, phone, amount, how often before), never from the order in
which requests of different phones arrive, so that the same payments meet the same fate.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from simulators.house import House
from simulators.providers.daraja.codes import RESULTS

NAME = "daraja"
EVERYTHING = "*"
PRODUCTS = (
    *("token", "stk", "query", "register", "simulate", "c2b", "b2c", "pochi", "b2b", "tax", "express", "reversal"),
    *("status", "balance", "qr", "pull", "hakikisha", "organisation", "sim", "ratiba", "bills"),
)
SYNC = ("TIMEOUT", "RESET", "HTTP_500", "GARBAGE", "HTML_403", "SPIKE_ARREST", "QUOTA", "BUSY")
CALLBACKS = (
    *("NEVER", "DUPLICATE", "LATE", "BEFORE", "OUT_OF_ORDER", "WRONG_AMOUNT", "UNKNOWN_ID", "WRONG_TYPE", "GARBAGE"),
    *("QUEUE_TIMEOUT", "QUEUE_TIMEOUT_THEN_RESULT"),
)
ANSWERS = ("PIN", "WRONG_PIN", "CANCEL", "IGNORE")
RATES = ("sync", "callback", "result_code", "answer")


def plan_for(
    house: House,
    product: str,
    *,
    phone: str = "",
    shortcode: str = "",
    amount: str = "",
    about: str = "",
    counts: bool = True,
) -> dict[str, Any]:
    """The plan for one request, chaos included; plans that are counted lose one.

    `about` is the phone that an enquiry is about: chance goes by it, plans do not. What a query says of a payment is
    true, unless somebody planned it for queries.
    """
    subjects = [EVERYTHING, f"product:{product}", shortcode, phone]
    marks = ", ".join("?" * len(subjects))
    rows = house.store.rows(
        f"SELECT subject, plan FROM script WHERE provider = ? AND subject IN ({marks})",  # noqa: S608
        NAME,
        *subjects,
    )
    found = {row["subject"]: dict(json.loads(row["plan"])) for row in rows}
    merged = chaos_for(house, product, phone or about, amount)
    for subject in subjects:
        if subject in found and (not counts or _counts(house, subject)):
            merged |= found[subject]
    merged.pop("times", None)
    if product == "query":
        told = found.get("product:query", {}).get("result_code")
        merged = {**merged, "result_code": told}
    return merged


def _counts(house: House, subject: str) -> bool:
    """Take one off a plan that is counted; False when somebody else had the last."""
    with house.store.write():
        plan = house.store.plan(NAME, subject)
        if "times" not in plan:
            return bool(plan)
        left = int(plan["times"]) - 1
        house.store.script(NAME, subject, {**plan, "times": left} if left > 0 else None)
    return True


def set_chaos(house: House, seed: int | None, rates: dict[str, dict[str, float]]) -> None:
    """Misbehave at random from now on; without a seed, no more. Raises ValueError for what it does not know."""
    known = {"sync": set(SYNC), "callback": set(CALLBACKS), "result_code": set(RESULTS), "answer": set(ANSWERS)}
    for kind, chances in rates.items():
        wrong = set(chances) - known.get(kind, set())
        if wrong or sum(chances.values()) > 1 or min(chances.values(), default=0) < 0:
            raise ValueError(f"{kind}: {', '.join(sorted(wrong)) or 'rates add up to 1 at most'}")
    house.store.change("DELETE FROM daraja_seen")
    house.store.set("daraja.chaos", "" if seed is None else json.dumps({"seed": seed, "rates": rates}))


def chaos(house: House) -> dict[str, Any] | None:
    """The seed and the rates, when there are any."""
    kept = house.store.setting("daraja.chaos", "")
    return dict(json.loads(kept)) if kept else None


def chaos_for(house: House, product: str, phone: str, amount: str) -> dict[str, Any]:
    """What chance has in store for one request."""
    known = chaos(house)
    if known is None:
        return {}
    subject = f"{product}|{phone}|{amount}"
    with house.store.write() as connection:
        before = connection.execute(
            "INSERT INTO daraja_seen VALUES (?, 1) ON CONFLICT (subject) DO UPDATE SET n = n + 1 RETURNING n",
            (subject,),
        ).fetchone()[0]
    dice = random.Random(f"{known['seed']}|{subject}|{before}")  # noqa: S311 repeatable on purpose
    drawn = {kind: _draw(dice, known["rates"].get(kind, {})) for kind in RATES}
    return {kind: what for kind, what in drawn.items() if what}


def _draw(dice: random.Random, chances: dict[str, float]) -> str:
    at = dice.random()
    for what in sorted(chances):
        at -= chances[what]
        if at < 0:
            return what
    return ""


def read_plan(values: dict[str, Any]) -> dict[str, Any]:
    """A plan from a form or from JSON; what is empty is left out. Raises ValueError."""
    return {name: read(values[name]) for name, read in READERS.items() if values.get(name) not in (None, "")}


def _one_of(known: tuple[str, ...] | list[str] | dict[str, str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if str(value) not in known:
            raise ValueError(f"{value!r} is none of {', '.join(known)}")
        return str(value)

    return read


def _seconds(value: Any) -> float:
    return min(max(float(value), 0.0), 86_400.0)


def _yes(value: Any) -> bool:
    return str(value).lower() in {"1", "true", "yes", "on"}


READERS: dict[str, Callable[[Any], Any]] = {
    "sync": _one_of(SYNC),
    "sync_done": _yes,  # whether the request was carried out all the same
    "slow": _seconds,  # before the answer
    "error_code": lambda value: str(value)[:20],  # a synchronous refusal
    "error_message": lambda value: str(value)[:200],
    "callback": _one_of(CALLBACKS),
    "delay": _seconds,  # of the result, beyond the usual; LATE without it is 120 s
    "result_code": _one_of(RESULTS),
    "answer": _one_of(ANSWERS),  # what the phone does with a prompt, by itself
    "answer_after": _seconds,
    "times": int,  # how many requests the plan is for
}
