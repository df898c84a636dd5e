"""The draw of a merry-go-round: a shuffle that any member can do again with a pocket program, and the auction.

How an order is drawn (SHA-256, text in UTF-8, hexadecimal in small letters):

1. Before anybody adds a word the bank draws a seed of 64 hexadecimal digits and publishes `sha256(seed)`.
2. Until the deadline each member may add a word or number. It cannot be changed, and the bank cannot change the seed.
3. The bank shows the seed. `mixed = sha256(seed + "\n" + "1:word\n" + "4:word\n" …)`: one line for each word, by the
   number of its member, lowest first.
4. Start with the members' numbers, lowest first. For `last` from the last place down to the second, take the next
   chance below `last` (places counted from 1) and swap the two places.
5. A chance below `n`: `x = sha256(mixed + ":" + counter)` read as a whole number, the counter beginning at 0 and
   growing by one with each hash. When `x >= 2**256 - 2**256 % n` it is thrown away, so that all are equally likely;
   otherwise the chance is place `x % n + 1`.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

_ALL = 2**256


def new_seed() -> str:
    """64 hexadecimal digits that nobody knows."""
    return secrets.token_hex(32)


def commitment(seed: str) -> str:
    """What is published of a seed before words are taken."""
    return sha256(seed.encode()).hexdigest()


def mixed(seed: str, words: Mapping[int, str]) -> str:
    """The seed with everybody's word in it, by member's number."""
    lines = "".join(f"{number}:{words[number]}\n" for number in sorted(words))
    return sha256(f"{seed}\n{lines}".encode()).hexdigest()


def shuffled(numbers: Sequence[int], chance: str) -> list[int]:
    """The numbers in the order that follows from `mixed`."""
    order, counter = sorted(numbers), 0
    for last in range(len(order) - 1, 0, -1):
        while True:
            x = int.from_bytes(sha256(f"{chance}:{counter}".encode()).digest(), "big")
            counter += 1
            if x < _ALL - _ALL % (last + 1):
                break
        other = x % (last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def drawn(numbers: Sequence[int], seed: str, words: Mapping[int, str]) -> list[int]:
    """The order of a draw."""
    return shuffled(numbers, mixed(seed, words))


def faults(
    *, published: str, seed: str, words: Mapping[int, str], numbers: Sequence[int], order: Sequence[int]
) -> list[str]:
    """What is not right about a draw, as codes; none when it is honest."""
    wrong = []
    if commitment(seed) != published:
        wrong.append("another_seed")
    if drawn(numbers, seed, words) != list(order):
        wrong.append("another_order")
    return wrong


@dataclass(frozen=True, slots=True)
class Bid:
    """What a member gives up of the pot for an early turn (minor units)."""

    number: int
    minor: int


def auctioned(numbers: Sequence[int], bids: Sequence[Bid]) -> list[Bid]:
    """Highest bid first, equals by their number; who made none comes after, and gives up nothing."""
    made = {bid.number: bid.minor for bid in bids}
    rows = [Bid(number, made.get(number, 0)) for number in numbers]
    return sorted(rows, key=lambda bid: (-bid.minor, bid.number))
