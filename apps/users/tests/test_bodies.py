"""Bodies that no door can read, whatever it would do with them."""

import pytest
from django.db import DataError
from django.test import Client

from apps.kernel.json import can_be_kept, is_text
from apps.kernel.middleware import RefuseUnreadable
from apps.users.models import User

HALF = r'"\ud800"'


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/v1/auth/login/", f'{{{HALF}: "x"}}'),
        ("/api/v1/auth/login/", f'{{"login": {HALF}, "password": "x"}}'),
        ("/api/v1/auth/login/", f'{{"login": [[{HALF}]], "password": "x"}}'),
    ],
)
def test_refuses_halves_of_characters(db, address, body):
    response = Client().post(address, body, content_type="application/json")
    assert response.status_code == 400
    assert "half of a character" in response.json()["detail"]


@pytest.mark.parametrize("levels", [60, 970, 100_000])
@pytest.mark.parametrize("pair", ["[]", ('{"a":', "}")])
def test_refuses_what_is_nested_beyond_reason(db, pair, levels):
    body = pair[0] * levels + "1" + pair[1] * levels
    response = Client().post("/api/v1/auth/login/", body, content_type="application/json")
    assert response.status_code == 400
    assert "too deeply" in response.json()["detail"]


def test_takes_whole_ones_however_they_are_written():
    assert is_text({"name": "\U0001f600", "n": [1, None, "Ŵ"]})
    assert not is_text({"name": "\ud83d"})


def test_words_no_column_takes_are_refused_where_the_page_did_not_look(rf, db):
    look = RefuseUnreadable(lambda _request: None)
    with pytest.raises(DataError) as no:
        User.objects.filter(full_name="a\0b").exists()
    assert look.process_exception(rf.post("/anywhere"), no.value).status_code == 400
    assert look.process_exception(rf.post("/anywhere"), DataError("value too long")) is None


def test_keeps_no_nul_however_it_is_written_and_every_backslash():
    assert can_be_kept({"name": r"\u0000", "n": ["\\u0000x", "\\", 1.5, None]})
    for odd in ("a\0", "\\\0", {"\0": 1}, [["\0"]], {"name": "\ud83d"}):
        assert not can_be_kept(odd), odd
