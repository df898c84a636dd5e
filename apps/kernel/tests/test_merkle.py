"""Merkle trees: RFC 6962 vectors, and proofs by property."""

from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.kernel import merkle

HASHES = st.binary(min_size=32, max_size=32)
CONTENTS = st.lists(st.binary(max_size=40), min_size=1, max_size=70)
# The test data of RFC 6962's reference implementation (certificate-transparency, merkle_tree_test).
VECTORS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def leaves_of(contents: list[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(content) for content in contents]


def recursive_root(leaves: list[bytes]) -> bytes:
    """The definition as RFC 6962 section 2.1 writes it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


def recursive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """The audit path as RFC 6962 section 2.1.1 writes it."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*recursive_path(index, leaves[:split]), recursive_root(leaves[split:])]
    return [*recursive_path(index - split, leaves[split:]), recursive_root(leaves[:split])]


@pytest.mark.parametrize("size", ROOTS)
def test_gives_the_published_roots(size):
    leaves = leaves_of([bytes.fromhex(vector) for vector in VECTORS[:size]])
    assert merkle.root(leaves).hex() == ROOTS[size]


def test_gives_the_hash_of_nothing_for_no_leaves():
    assert merkle.root([]) == sha256(b"").digest()


@given(CONTENTS)
def test_agrees_with_the_definition_of_the_rfc(contents):
    leaves = leaves_of(contents)
    assert merkle.root(leaves) == recursive_root(leaves)


@given(CONTENTS, st.data())
def test_proves_every_leaf_with_the_path_of_the_rfc(contents, draw):
    leaves = leaves_of(contents)
    index = draw.draw(st.integers(0, len(leaves) - 1))
    shown = merkle.proof(leaves, index)
    assert list(shown.path) == recursive_path(index, leaves)
    assert merkle.verify_proof(leaves[index], shown, merkle.root(leaves))


@given(CONTENTS, st.data(), st.binary(min_size=32, max_size=32))
def test_refuses_another_leaf(contents, draw, other):
    leaves = leaves_of(contents)
    index = draw.draw(st.integers(0, len(leaves) - 1))
    assume(other != leaves[index])
    assert not merkle.verify_proof(other, merkle.proof(leaves, index), merkle.root(leaves))


@given(st.lists(HASHES, min_size=2, max_size=70, unique=True), st.data())
def test_refuses_another_place_size_or_length(leaves, draw):
    index = draw.draw(st.integers(0, len(leaves) - 1))
    shown, top = merkle.proof(leaves, index), merkle.root(leaves)
    elsewhere = draw.draw(st.integers(0, len(leaves) - 1).filter(lambda other: other != index))
    # A carried node's place is told by its path alone; every other leaf has another path or another order.
    moved = merkle.Proof(elsewhere, shown.size, shown.path)
    assert not merkle.verify_proof(leaves[elsewhere], moved, top)
    assert not merkle.verify_proof(leaves[index], merkle.Proof(index, shown.size, shown.path[:-1]), top)
    assert not merkle.verify_proof(leaves[index], merkle.Proof(index, shown.size, (*shown.path, top)), top)
    assert not merkle.verify_proof(leaves[index], merkle.Proof(-1, shown.size, shown.path), top)
    assert not merkle.verify_proof(leaves[index], merkle.Proof(shown.size, shown.size, shown.path), top)


@given(st.lists(HASHES, min_size=1, max_size=40), st.lists(HASHES, min_size=1, max_size=40))
def test_two_lists_never_share_a_root(one, other):
    assume(one != other)
    assert merkle.root(one) != merkle.root(other)


def test_an_inner_node_cannot_pass_for_a_leaf():
    leaves = leaves_of([b"a", b"b"])
    assert merkle.leaf_hash(leaves[0] + leaves[1]) != merkle.root(leaves)


def test_does_not_double_an_odd_leaf():
    leaves = leaves_of([b"a", b"b", b"c"])
    assert merkle.root(leaves) != merkle.root([*leaves, leaves[-1]])


@pytest.mark.parametrize("index", [-1, 3])
def test_has_no_proof_for_a_leaf_that_is_not_there(index):
    with pytest.raises(IndexError):
        merkle.proof(leaves_of([b"a", b"b", b"c"]), index)
