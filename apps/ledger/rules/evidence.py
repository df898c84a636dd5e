"""Seals: what a leaf says, how blocks are chained, and how anyone checks that an entry is in one."""

from dataclasses import dataclass
from hashlib import sha256

from apps.kernel import merkle

BLOCK = 1000  # entries under one root
GENESIS = bytes(32)
_CHAIN = b"\x02"  # leaves have 0x00 and nodes 0x01 (kernel.merkle)
FIELDS = (
    "entry_id",
    "transfer_id",
    "leg",
    "account_id",
    "amount_minor",
    "currency",
    "balance_after",
    "seq",
    "booked_on",
    "transfer_booked_on",
    "created_at",
    "reference",
    "kind",
    "narrative",
    "details",
    "reverses",
    "body_hash",
)


class Malformed(ValueError):
    """Not the text of a leaf."""


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry, as `leaf` says it, stands in a sealed block: all it takes to check it without the bank."""

    leaf: str
    way: merkle.Proof
    block: int
    first_entry: int
    last_entry: int
    root: bytes
    previous: bytes
    chain: bytes


def chain_hash(*, previous: bytes, root: bytes, block: int, first_entry: int, last_entry: int, count: int) -> bytes:
    """The hash that ties a block to the one before it (32 bytes)."""
    place = b"".join(number.to_bytes(8, "big") for number in (block, first_entry, last_entry, count))
    return sha256(_CHAIN + previous + root + place).digest()


def verify_proof(proof: InclusionProof, *, chain: bytes | None = None) -> bool:
    """Whether the leaf is under the root and the root in the chain; `chain` is a seal known from elsewhere."""
    try:
        entry_id = read_leaf(proof.leaf)["entry_id"]
    except Malformed:
        return False
    if entry_id is None or not entry_id.isdecimal() or not proof.first_entry <= int(entry_id) <= proof.last_entry:
        return False
    sealed = chain_hash(
        previous=proof.previous,
        root=proof.root,
        block=proof.block,
        first_entry=proof.first_entry,
        last_entry=proof.last_entry,
        count=proof.way.size,
    )
    if sealed != proof.chain or (chain is not None and chain != proof.chain):
        return False
    return merkle.verify_proof(merkle.leaf_hash(proof.leaf.encode()), proof.way, proof.root)


def read_leaf(text: str) -> dict[str, str | None]:
    """The fields of a leaf by name; None where there is nothing. Raises Malformed."""
    rest = text.encode()
    values: list[str | None] = []
    while rest:
        if rest.startswith(b"-,"):
            values.append(None)
            rest = rest[2:]
            continue
        length, colon, rest = rest.partition(b":")
        if not colon or not length.isdigit() or rest[int(length) : int(length) + 1] != b",":
            raise Malformed("a field is cut off")
        values.append(rest[: int(length)].decode())
        rest = rest[int(length) + 1 :]
    if len(values) != len(FIELDS):
        raise Malformed(f"{len(values)} fields, not {len(FIELDS)}")
    return dict(zip(FIELDS, values, strict=True))


def write_leaf(values: dict[str, str | None]) -> str:
    """The text of a leaf from its fields, as the database writes it."""
    return "".join("-," if value is None else f"{len(value.encode())}:{value}," for value in map(values.get, FIELDS))
