"""The registrar's stand-in: none is found by chance, each that is planned is, every failure on request."""

import httpx
import pytest

from simulators.providers import brs

PATH = "/brs/v1/business"
NUMBER = "PVT-ZIWA26KE"
FIRM = {"name": "Ziwa Fresh Fish Ltd", "people": [{"name": "Achieng Otieno", "id_number": "28456712"}]}


def ask(web, key=brs.KEY, number=NUMBER):
    return web.post(PATH, json={"registration_number": number}, headers={"Authorization": f"Bearer {key}"})


def plan(web, **values):
    return web.post("/control/brs/", json=values).status_code


def test_finds_which_was_planned_and_no_other(web):
    assert ask(web).json()["found"] is False
    assert plan(web, registration_number=NUMBER, **FIRM) == 200
    told = ask(web).json()
    assert (told["type"], told["status"], told["people"]) == ("company", "active", FIRM["people"])
    assert ask(web, number="PVT-OTHER").json()["found"] is False


def test_refuses_strangers_and_what_it_does_not_know(web):
    assert ask(web, key="other").status_code == 401
    assert ask(web, number="").status_code == 400
    for wrong in ({"fault": "WHAT"}, FIRM | {"status": "asleep"}, FIRM | {"people": "all"}):
        assert plan(web, **wrong) == 400


def test_fails_as_it_is_told(web):
    assert plan(web, fault="HTTP_500") == 200
    assert ask(web).status_code == 500
    assert plan(web, fault="HTML") == 200
    assert "<title>" in ask(web).text
    assert plan(web, fault="NO_NAME", **FIRM) == 200
    assert ask(web).json()["people"][-1] == {"name": None}
    assert plan(web, fault="TIMEOUT") == 200
    with pytest.raises(httpx.TransportError):
        ask(web)
