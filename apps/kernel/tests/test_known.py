"""Places outside the bank have keys that tell nobody where they are."""

import pytest

from apps.kernel.known import known_as


@pytest.mark.parametrize(
    "place",
    ["mpesa/+254712345908", "airtime/+254712345908", "bank/01/01109876543217", "abroad/UG/90", "paybill/88888/1"],
)
def test_a_key_is_the_same_for_the_same_place_and_does_not_tell_it(place, settings):
    key = known_as(place)
    kind, _slash, print_ = key.partition("/")
    assert (kind, len(print_)) == (place.partition("/")[0], 22)
    assert known_as(place) == known_as(key) == key
    assert known_as(f"{place}1") != key
    settings.BLIND_INDEX_KEY = "A" * 44
    assert known_as(place) != key, "whoever lacks the key cannot try all phones"


def test_the_same_phone_has_another_key_on_another_rail():
    mpesa, airtime = known_as("mpesa/+254712345908"), known_as("airtime/+254712345908")
    assert mpesa.partition("/")[2] != airtime.partition("/")[2]


@pytest.mark.parametrize("place", ["accounts/12", "chama/KQ7F2", "till/300584", "sandbox/8c2", "", "/", "2f9c"])
def test_what_is_nobodys_secret_stays(place):
    assert known_as(place) == place
