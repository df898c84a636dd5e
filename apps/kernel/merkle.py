"""Merkle trees as in RFC 6962: one hash over many leaves, and short proofs that a leaf is among them.

A leaf and an inner node are hashed with different first bytes (0x00, 0x01), so that no inner node can pass for a
leaf. An odd node is carried up unchanged, never doubled, so that no two lists of leaves share a root.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_SIZE = 32  # bytes
EMPTY_ROOT = sha256(b"").digest()
_LEAF, _NODE = b"\x00", b"\x01"


@dataclass(frozen=True, slots=True)
class Proof:
    """The way from one leaf to the root: the sibling at each level from the bottom, of a tree of `size` leaves."""

    index: int
    size: int
    path: tuple[bytes, ...]


def leaf_hash(content: bytes) -> bytes:
    """The hash of one leaf's content (32 bytes)."""
    return sha256(_LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours (32 bytes)."""
    return sha256(_NODE + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order; of none, the hash of nothing."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def proof(leaves: Sequence[bytes], index: int) -> Proof:
    """The proof that leaf `index` is under `root(leaves)`. Raises IndexError when there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    level, at, path = list(leaves), index, []
    while len(level) > 1:
        if at ^ 1 < len(level):
            path.append(level[at ^ 1])
        level, at = _above(level), at // 2
    return Proof(index=index, size=len(leaves), path=tuple(path))


def verify_proof(leaf: bytes, shown: Proof, expected_root: bytes) -> bool:
    """Whether `shown` leads from the leaf hash `leaf` to `expected_root`; False for any malformed proof."""
    if not 0 <= shown.index < shown.size:
        return False
    at, last, reached = shown.index, shown.size - 1, leaf
    for sibling in shown.path:
        if last == 0:
            return False
        if at % 2 or at == last:
            while not at % 2:  # an odd node was carried up: it has no sibling on these levels
                at, last = at // 2, last // 2
            reached = node_hash(sibling, reached)
        else:
            reached = node_hash(reached, sibling)
        at, last = at // 2, last // 2
    return last == 0 and reached == expected_root


def _above(level: list[bytes]) -> list[bytes]:
    """The next level up: pairs hashed, an odd last node carried."""
    paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    if len(level) % 2:
        paired.append(level[-1])
    return paired
