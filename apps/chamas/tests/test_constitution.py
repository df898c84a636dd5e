"""Constitutions: what can be carried out is read and kept whole, what cannot is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.chamas.rules.constitution import Constitution, NotAConstitution, read


def test_what_is_not_said_is_usual_and_it_is_kept_whole():
    one = read({"savings_minor": 100_000, "welfare_minor": 5_000})
    assert (one.contribution_minor, one.sign_offs, one.loan_multiple) == (105_000, 2, 4)
    assert read(one.as_data()) == one


@pytest.mark.parametrize(
    ("rules", "name", "code"),
    [
        ({"savings_minor": 1.5}, "savings_minor", "out_of_bounds"),
        ({"savings_minor": True}, "savings_minor", "out_of_bounds"),
        ({"savings_minor": -1}, "savings_minor", "out_of_bounds"),
        ({"savings_minor": 100, "sign_offs": 1}, "sign_offs", "out_of_bounds"),
        ({"savings_minor": 100, "majority_bps": 5_000}, "majority_bps", "out_of_bounds"),
        ({"savings_minor": 100, "frequency": "DAILY"}, "frequency", "not_a_choice"),
        ({"savings_minor": 100, "colour": "blue"}, "colour", "unknown"),
        ({"savings_minor": 100, "other_fines": {"": 5}}, "other_fines", "not_named_amounts"),
        ({"savings_minor": 100, "other_fines": {"Noise": 0}}, "other_fines", "not_named_amounts"),
        ({"savings_minor": 100, "other_fines": ["Noise"]}, "other_fines", "not_named_amounts"),
        ({}, "savings_minor", "nobody_pays"),
        ({"rotation_minor": 100}, "rotation_minor", "no_rotation"),
        ({"savings_minor": 100, "rotation": "DRAWN"}, "rotation", "nothing_to_rotate"),
        ({"savings_minor": 100, "frequency": "WEEKLY", "due_day": 8}, "due_day", "not_a_weekday"),
        ({"savings_minor": 100, "welfare_claims": {"Hospital": 5}}, "welfare_claims", "no_welfare_fund"),
        ({"savings_minor": 100, "share_out_by": "SHARES"}, "share_out_by", "no_shares"),
        ({"savings_minor": 100, "majority_bps": 9_000}, "amendment_bps", "easier_than_others"),
    ],
)
def test_a_rule_that_cannot_be_carried_out_is_named(rules, name, code):
    with pytest.raises(NotAConstitution) as no:
        read(rules)
    assert no.value.wrong[name] == code


@given(
    st.dictionaries(st.sampled_from([*Constitution.__dataclass_fields__, "x"]), st.none() | st.integers() | st.text())
)
def test_whatever_is_sent_is_read_or_refused_by_name(rules):
    try:
        kept = read(rules)
    except NotAConstitution as no:
        kept, named = None, no.wrong
    assert named if kept is None else read(kept.as_data()) == kept
