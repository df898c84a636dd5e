"""The registry's stand-in: nobody is found by chance, everybody who is planned is, every failure on request."""

import httpx
import pytest

from simulators.providers import iprs

PATH = "/iprs/v1/identity"
ASKED = {"document_type": "national_id", "document_number": "28456712"}


def ask(web, key=iprs.KEY, **other):
    return web.post(PATH, json=ASKED | other, headers={"Authorization": f"Bearer {key}"})


def plan(web, **values):
    return web.post("/control/iprs/", json=values).status_code


def test_finds_who_was_planned_and_nobody_else(web):
    assert ask(web).json()["found"] is False
    person = {"full_name": "Achieng Atieno Otieno", "date_of_birth": "1990-03-09"}
    assert plan(web, document_number="28456712", **person) == 200
    told = ask(web).json()
    assert (told["first_name"], told["other_names"], told["surname"]) == ("Achieng", "Atieno", "Otieno")
    assert told["date_of_birth"] == "1990-03-09"
    assert ask(web, document_number="28456713").json()["found"] is False


def test_refuses_strangers_and_what_it_does_not_know(web):
    assert ask(web, key="other").status_code == 401
    assert ask(web, document_type="library_card").status_code == 400
    assert plan(web, fault="WHAT") == 400


def test_fails_as_it_is_told(web):
    assert plan(web, fault="HTTP_500") == 200
    assert ask(web).status_code == 500
    assert plan(web, fault="HTML") == 200
    assert "<title>" in ask(web).text
    assert plan(web, fault="NO_NAME", full_name="A B", date_of_birth="1990-03-09") == 200
    assert ask(web).json()["surname"] is None
    assert plan(web, fault="TIMEOUT") == 200
    with pytest.raises(httpx.TransportError):
        ask(web)
