"""The arithmetic: legs that hold together, codes that are ids, leaves and chains that cannot be mistaken."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel import merkle
from apps.kernel.money import DECIMALS
from apps.ledger.rules import chart
from apps.ledger.rules.evidence import (
    FIELDS,
    GENESIS,
    InclusionProof,
    Malformed,
    chain_hash,
    read_leaf,
    verify_proof,
    write_leaf,
)
from apps.ledger.rules.legs import MOST_LEGS, Leg, Unbalanced, body_hash, require_sound, taken_from

accounts = st.integers(1, 10**12)
minors = st.integers(1, 10**15)
currencies = st.sampled_from(sorted(DECIMALS))


@st.composite
def balanced(draw: st.DrawFn) -> list[Leg]:
    """Legs in one to three currencies, each coming to nothing."""
    legs = []
    for currency in draw(st.lists(currencies, min_size=1, max_size=3, unique=True)):
        parts = draw(st.lists(minors, min_size=1, max_size=6))
        legs += [Leg(draw(accounts), part, currency) for part in parts]
        legs.append(Leg(draw(accounts), -sum(parts), currency))
    return draw(st.permutations(legs))


@given(balanced())
def test_takes_legs_that_come_to_nothing_in_each_currency(legs):
    require_sound(legs)


@given(balanced(), st.integers(0, 50), st.integers(-(10**6), 10**6).filter(bool))
def test_refuses_legs_with_one_amount_changed(legs, nth, change):
    nth %= len(legs)
    altered = [leg._replace(minor=leg.minor + change) if at == nth else leg for at, leg in enumerate(legs)]
    with pytest.raises(Unbalanced):
        require_sound(altered)


@given(balanced(), st.integers(0, 50), currencies)
def test_refuses_legs_with_one_currency_changed(legs, nth, currency):
    nth %= len(legs)
    altered = [leg._replace(currency=currency) if at == nth else leg for at, leg in enumerate(legs)]
    if altered != legs:
        with pytest.raises(Unbalanced):
            require_sound(altered)


@pytest.mark.parametrize("legs", [[], [Leg(1, 5, "KES")], [Leg(1, 0, "KES"), Leg(2, 0, "KES")]])
def test_refuses_what_is_no_transfer(legs):
    with pytest.raises(Unbalanced):
        require_sound(legs)


def test_refuses_more_legs_than_an_entry_id_has_room_for():
    legs = [Leg(1, 1, "KES"), Leg(2, -1, "KES")] * (MOST_LEGS // 2 + 1)
    with pytest.raises(Unbalanced):
        require_sound(legs)


@given(balanced(), balanced(), st.sampled_from(["FEE", "P2P"]), st.sampled_from(["FEE", "P2P"]))
def test_knows_a_body_by_its_hash(legs, others, kind, other_kind):
    same = (kind, legs) == (other_kind, others)
    assert (body_hash(kind, legs) == body_hash(other_kind, others)) == same


def test_hashes_a_named_day_and_not_a_filled_in_one():
    legs = [Leg(1, 5, "KES"), Leg(2, -5, "KES")]
    assert body_hash("FEE", legs, None) != body_hash("FEE", legs, date(2026, 3, 2))
    assert body_hash("FEE", legs, None) == body_hash("FEE", legs, None)


@given(balanced(), accounts, currencies, st.sampled_from([1, -1]))
def test_what_is_taken_from_one_side_is_given_on_the_other(legs, account, currency, side):
    assert taken_from(account, currency, side, legs) == -taken_from(account, currency, -side, legs)
    mirrored = [-leg for leg in legs]
    assert taken_from(account, currency, side, mirrored) == -taken_from(account, currency, side, legs)


def test_every_currency_of_the_bank_has_a_number_of_its_own():
    numbers = [chart.CURRENCY_NUMBERS[currency] for currency in DECIMALS]
    assert len(set(numbers)) == len(DECIMALS)


@given(st.integers(1000, 9999), currencies)
def test_a_chart_code_is_its_id_and_nobody_elses(line, currency):
    account_id = chart.id_of_code(f"{line}-{currency}")
    assert account_id == chart.chart_account_id(line, currency)
    assert chart.is_chart_id(account_id)
    assert (account_id % 10_000, account_id // 10_000) == (line, chart.CURRENCY_NUMBERS[currency])


@pytest.mark.parametrize("code", ["", "wallet/17", "101-KES", "0101-KES", "10100-KES", "1010-kes", "1010-KES "])
def test_other_codes_are_not_of_the_chart(code):
    assert not chart.is_chart_code(code)
    with pytest.raises(ValueError, match="not a code"):
        chart.id_of_code(code)


values = st.one_of(st.none(), st.text(max_size=40))
leaves = st.fixed_dictionaries(dict.fromkeys(FIELDS, values))


@given(leaves)
def test_a_leaf_reads_back_as_it_was_written(fields):
    assert read_leaf(write_leaf(fields)) == fields


@given(leaves, leaves)
def test_different_leaves_are_different_texts(one, other):
    assert (write_leaf(one) == write_leaf(other)) == (one == other)


@given(st.text(max_size=60))
def test_noise_is_no_leaf(text):
    with pytest.raises(Malformed):
        read_leaf(text)


@st.composite
def proofs(draw: st.DrawFn) -> InclusionProof:
    """A proof of one entry in a sealed block."""
    ids = sorted(draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=9, unique=True)))
    says = draw(leaves)
    texts = [write_leaf({**says, "entry_id": str(one)}) for one in ids]
    nth = draw(st.integers(0, len(ids) - 1))
    hashes = [merkle.leaf_hash(text.encode()) for text in texts]
    sealed = {
        "previous": GENESIS,
        "root": merkle.root(hashes),
        "block": 1,
        "first_entry": ids[0],
        "last_entry": ids[-1],
    }
    return InclusionProof(
        leaf=texts[nth], way=merkle.proof(hashes, nth), chain=chain_hash(**sealed, count=len(ids)), **sealed
    )


@given(proofs())
def test_a_proof_convinces(proof):
    assert verify_proof(proof)
    assert verify_proof(proof, chain=proof.chain)


@given(proofs(), st.sampled_from(FIELDS))
def test_a_proof_of_an_altered_leaf_does_not(proof, field):
    fields = read_leaf(proof.leaf)
    altered = write_leaf({**fields, field: (fields[field] or "") + "1"})
    assert not verify_proof(replace(proof, leaf=altered))


@given(proofs(), st.sampled_from(["root", "previous", "chain"]))
def test_a_proof_under_another_seal_does_not(proof, part):
    value = getattr(proof, part)
    assert not verify_proof(replace(proof, **{part: bytes([value[0] ^ 1]) + value[1:]}))
    assert not verify_proof(proof, chain=bytes(32))


@given(proofs(), st.sampled_from(["block", "first_entry", "last_entry"]))
def test_a_proof_in_another_place_does_not(proof, part):
    assert not verify_proof(replace(proof, **{part: getattr(proof, part) + 1}))


def test_a_proof_without_a_readable_leaf_does_not():
    way = merkle.Proof(index=0, size=1, path=())
    broken = InclusionProof("x", way, 1, 1, 1, merkle.leaf_hash(b"x"), GENESIS, GENESIS)
    assert not verify_proof(broken)
