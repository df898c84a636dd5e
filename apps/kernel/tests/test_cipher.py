"""Sealed values open where they belong, with any key of the ring, and nowhere else."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel import cipher

OTHER = "k2:" + base64.b64encode(b"2" * 32).decode()


@given(st.binary(max_size=300), st.text(max_size=40))
def test_opens_what_it_sealed(clear, place):
    assert cipher.unseal(cipher.seal(clear, place), place) == clear


def test_does_not_open_in_another_place():
    with pytest.raises(InvalidTag):
        cipher.unseal(cipher.seal(b"28456712", "users_user.id_number:1"), "users_user.id_number:2")


def test_does_not_open_when_one_bit_is_changed():
    sealed = bytearray(cipher.seal(b"28456712", "here"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        cipher.unseal(bytes(sealed), "here")


def test_never_seals_the_same_twice_alike():
    assert cipher.seal(b"x", "here") != cipher.seal(b"x", "here")


def test_a_new_key_seals_and_the_old_one_still_opens(settings):
    old = cipher.seal(b"secret", "here")
    settings.FIELD_KEYS = [OTHER, *settings.FIELD_KEYS]
    assert cipher.key_id_of(cipher.seal(b"secret", "here")) == "k2"
    assert cipher.unseal(old, "here") == b"secret"


def test_says_which_key_is_missing(settings):
    old = cipher.seal(b"secret", "here")
    settings.FIELD_KEYS = [OTHER]
    with pytest.raises(ImproperlyConfigured, match="t1"):
        cipher.unseal(old, "here")


def test_fingerprints_are_equal_for_equal_values_and_differ_by_purpose():
    assert cipher.fingerprint("0712", "a") == cipher.fingerprint("0712", "a")
    assert cipher.fingerprint("0712", "a") != cipher.fingerprint("0712", "b")
