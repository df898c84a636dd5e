"""Pages go out packed to browsers that can unpack them; answers to programs as they are."""

import gzip

import pytest

pytestmark = pytest.mark.django_db


def test_a_page_is_packed_for_whom_can_unpack_it(client):
    plain = client.get("/login")
    packed = client.get("/login", headers={"Accept-Encoding": "gzip, br"})
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.content) < len(plain.content) / 2
    assert b"<h1" in gzip.decompress(packed.content)


def test_an_answer_to_a_program_is_not(client):
    answer = client.get("/.well-known/openid-configuration", headers={"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, None)
    assert len(answer.content) > 1000
