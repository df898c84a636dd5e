"""The credit bureau's stand-in: signed requests, the same score for the same number, every failure on request."""

from datetime import UTC, datetime
from hashlib import sha256

import httpx
import pytest

from simulators.providers import metropol

PATH = "/metropol/v2_1/score/consumer"
ASKED = '{"report_type":3,"identity_number":"21345679","identity_type":"001","mobile_score":false}'


def ask(web, body=ASKED, *, key=metropol.PUBLIC_KEY, secret=metropol.PRIVATE_KEY, stamp=""):
    stamp = stamp or datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
    headers = {
        "Content-Type": "application/json",
        "X-METROPOL-REST-API-KEY": key,
        "X-METROPOL-REST-API-TIMESTAMP": stamp,
        "X-METROPOL-REST-API-HASH": sha256(f"{secret}{body}{key}{stamp}".encode()).hexdigest(),
    }
    return web.post(PATH, content=body, headers=headers)


def plan(web, **values):
    return web.post("/control/metropol/", json=values).status_code


def test_a_number_always_has_the_same_score(web):
    told = ask(web).json()
    assert told["has_error"] is False
    assert told["credit_score"] == metropol.score_of("21345679")
    assert ask(web).json() == told
    assert all(200 <= metropol.score_of(str(number)) <= 900 for number in range(10_000_000, 10_000_500))


@pytest.mark.parametrize("wrong", [{"key": "other"}, {"secret": "other"}, {"stamp": "2026"}])
def test_what_is_not_signed_is_refused(web, wrong):
    assert ask(web, **wrong).status_code == 401


def test_fails_as_it_is_told(web):
    assert ask(web, ASKED.replace("21345679", "21345670")).json()["api_code"] == "404"
    assert ask(web, ASKED.replace('"report_type":3', '"report_type":4')).json()["api_code"] == "400"
    assert plan(web, identity_number="21345679", credit_score=640) == 200
    assert ask(web).json()["credit_score"] == 640
    assert plan(web, identity_number="21345679") == 200
    assert plan(web, fault="NO_SCORE") == 200
    assert "credit_score" not in ask(web).json()
    assert plan(web, fault="HTTP_500") == 200
    assert ask(web).status_code == 500
    assert plan(web, fault="HTML") == 200
    assert "<title>" in ask(web).text
    assert plan(web, fault="TIMEOUT") == 200
    with pytest.raises(httpx.TransportError):
        ask(web)
    assert plan(web, fault="WHAT") == 400
    assert plan(web, credit_score=901) == 400
    assert plan(web) == 200
    assert ask(web).json()["has_error"] is False
