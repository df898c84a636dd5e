"""Sharing a debt among those who stand for it, pro rata to what each holds; whole minor units."""

from collections.abc import Sequence


def shares(owed: int, held: Sequence[int]) -> list[int]:
    """What each pays of `owed`: all that is held where that is not enough, else pro rata; never more than is held.

    The shares add up to the smaller of what is owed and what is held in all; cents left over go to the largest
    remainders, the first of equals first. Raises ValueError below zero.
    """
    if owed < 0 or any(one < 0 for one in held):
        raise ValueError("neither what is owed nor what is held is negative")
    whole = sum(held)
    if owed >= whole:
        return list(held)
    parts = [owed * one // whole for one in held]
    order = sorted(range(len(held)), key=lambda nth: (-(owed * held[nth] % whole), nth))
    for nth in order[: owed - sum(parts)]:
        parts[nth] += 1
    return parts
