"""Addresses, choices and consents named in scopes, by property."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.open_banking import rules


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_takes_no_address_that_is_not_https_on_a_public_name(text):
    try:
        taken = rules.redirect_address(text, loopback=False)
    except rules.Unfit:
        return
    assert taken == text
    assert text.startswith("https://")


@settings(max_examples=40)
@given(st.lists(st.integers(min_value=1, max_value=99), max_size=6))
def test_a_choice_is_the_same_in_any_order(ids):
    assert rules.choice(ids) == rules.choice([*reversed(ids), *ids])
    assert rules.choice([*ids, 100]) != rules.choice(ids)


@settings(max_examples=40)
@given(st.uuids(), st.lists(st.sampled_from(["openid", "accounts", "profile"]), max_size=4))
def test_finds_the_one_consent_a_request_names(named, others):
    assert rules.consent_named([*others, f"consent:{named}"]) == named
    assert rules.consent_named(others) is None
    with pytest.raises(rules.Unfit):
        rules.consent_named([f"consent:{named}", f"consent:{uuid.uuid4()}"])
