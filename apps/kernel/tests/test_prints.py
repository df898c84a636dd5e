"""Which key makes which print, and what the keys must say."""

from itertools import chain

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from apps.kernel import cipher
from apps.kernel.fields import PrintColumn, SavedInOne
from apps.kernel.known import known_as
from apps.kernel.testing import NEW_PRINT_KEY as B


@pytest.fixture
def first(settings):
    return settings.BLIND_INDEX_KEY


def test_one_key_makes_every_print_as_it_always_did(first):
    made = cipher.blind_index("0712", "a")
    assert bytes(made) == cipher.fingerprint("0712", "a") == made.turn
    assert made.any_of == (bytes(made),)


def test_the_first_key_writes_and_all_of_them_find(first, settings):
    old = cipher.blind_index("0712", "a")
    settings.LASTING_PRINT_KEY = first
    settings.BLIND_INDEX_KEY = f"n:{B},o:{first}"
    new = cipher.blind_index("0712", "a")
    assert new != old
    assert new.any_of == (bytes(new), bytes(old))
    settings.BLIND_INDEX_KEY = f"n:{B}"
    alone = cipher.blind_index("0712", "a")
    assert (alone, alone.any_of) == (new, (bytes(new),))


def test_what_lasts_is_the_same_for_ever_and_so_is_what_a_lock_is_named_by(first, settings):
    before = cipher.fingerprint("17", "open_banking.account"), known_as("mpesa/+254712345908")
    turn = cipher.blind_index("0712", "a").turn
    settings.LASTING_PRINT_KEY = first
    for listed in (f"o:{first}", f"o:{first},n:{B}", f"n:{B},o:{first}", f"n:{B}"):
        settings.BLIND_INDEX_KEY = listed
        assert (cipher.fingerprint("17", "open_banking.account"), known_as("mpesa/+254712345908")) == before
        assert cipher.blind_index("0712", "a").turn == turn


@pytest.mark.parametrize("listed", ["", ",", f"n:{B}", f"n:{B},o:{B}", f"{B},{B}", "n:c2hvcnQ=", "c2hvcnQ="])
def test_keys_that_would_lose_something_are_refused(settings, listed):
    settings.BLIND_INDEX_KEY = listed
    with pytest.raises(ImproperlyConfigured):
        cipher.blind_keys()


def test_whatever_is_unique_by_a_print_is_saved_in_one_transaction():
    fields = chain.from_iterable(model._meta.local_fields for model in apps.get_models())
    unique = {field.model for field in fields if isinstance(field, PrintColumn) and field.keeps_unique}
    assert len(unique) >= 4
    assert [model for model in unique if not issubclass(model, SavedInOne)] == []
