"""The model's card: what it is for, what it was made of, how good it is, and what it must not be used for."""

from typing import Any

from apps.credit_scoring.rules import scale
from apps.credit_scoring.rules.features import CHARACTERISTICS

NOT_LOOKED_AT = ["age", "name", "sex", "language", "place", "tier", "phone", "who one pays"]
_WAY = {1: "the more, the safer", -1: "the more, the riskier", 0: "either way"}


def card_of(
    name: str,
    kind: str,
    trained_on: str,
    *,
    is_synthetic: bool,
    seed: int,
    figures: dict[str, Any],
) -> dict[str, Any]:
    """The card as facts."""
    limits = [
        "Gives the chance of not repaying within a year, for people whose account is 90 days old or older.",
        "Thin files are judged by the five factors, not by this model.",
        "It supports decisions; every automatic decline is looked at by a person.",
    ]
    if is_synthetic:
        limits.insert(0, "Learnt from invented customers: its figures say nothing of real ones. Replace it as soon as "
                         "the bank has a year of loans of its own.")  # fmt: skip
    return {
        "name": name,
        "kind": kind,
        "purpose": "Probability of default within a year of retail borrowers.",
        "trained_on": trained_on,
        "is_synthetic": is_synthetic,
        "seed": seed,
        "target": "1 is more than 90 days late, or written off, within a year.",
        "split": "Learnt from months 1 to 9, judged on months 10 to 12, which it had not seen.",
        "scale": f"{scale.ANCHOR} is odds of {scale.ANCHOR_ODDS:.0f} to 1; {scale.DOUBLES} points double them.",
        "characteristics": {code: _WAY[way] for code, way in CHARACTERISTICS.items()},
        "not_looked_at": NOT_LOOKED_AT,
        "figures": figures,
        "limits": limits,
    }


def markdown_of(card: dict[str, Any]) -> str:
    """The card to read and print."""
    learnt, later = card["figures"]["learnt_from"], card["figures"]["out_of_time"]
    rows = [
        ("Cases", "count"), ("Failed", "bad_rate"), ("AUC", "auc"), ("KS", "ks"), ("Brier", "brier"),
        ("Accuracy at one half", "accuracy"), ("Accuracy of calling everybody good", "base_rate"),
    ]  # fmt: skip
    lines = [
        f"# {card['name']}",
        "",
        *(["**Learnt from invented customers.**", ""] if card["is_synthetic"] else []),
        card["purpose"],
        "",
        f"- Kind: {card['kind']}",
        f"- Learnt from: {card['trained_on']}",
        f"- Target: {card['target']}",
        f"- Split: {card['split']}",
        f"- Scale: {card['scale']}",
        "",
        "| | learnt from | out of time |",
        "|---|---|---|",
        *(f"| {words} | {learnt[key]} | {later[key]} |" for words, key in rows),
        "",
        f"Population stability of the later months: {card['figures']['psi_out_of_time']}",
        "",
        "Promised and seen, out of time, from the safest tenth on:",
        "",
        "| cases | promised | seen |",
        "|---|---|---|",
        *(f"| {row['count']} | {row['promised']} | {row['seen']} |" for row in later["calibration"]),
        "",
        "Looks at: " + "; ".join(f"{code} ({way})" for code, way in card["characteristics"].items()),
        "",
        "Never looks at: " + ", ".join(card["not_looked_at"]),
        "",
        *(f"- {limit}" for limit in card["limits"]),
        "",
    ]
    return "\n".join(lines)
