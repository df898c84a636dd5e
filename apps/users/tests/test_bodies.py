"""Bodies that no door can read, whatever it would do with them."""

import pytest
from django.test import Client

from apps.kernel.json import is_text

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


def test_takes_whole_ones_however_they_are_written():
    assert is_text({"name": "\U0001f600", "n": [1, None, "Ŵ"]})
    assert not is_text({"name": "\ud83d"})
