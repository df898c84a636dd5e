"""Exchange rates: the provider's wire format, the same figures for the same day, and every lie on request."""

import json
import math
from datetime import UTC, date, datetime
from itertools import pairwise

import httpx
import pytest

from simulators.providers import exchangerate

LATEST = "/exchangerate/v6/latest/USD"
KEY = {"Authorization": "Bearer simulated"}


def latest(web, path=LATEST, headers=KEY):
    return web.get(path, headers=headers)


def lie(web, **plan):
    answer = web.post("/control/fx/", json=plan)
    assert answer.status_code == 200, answer.text
    return latest(web)


def test_speaks_version_six_by_bearer_and_by_key_in_the_address(web):
    told = latest(web)
    assert told.headers["content-type"] == "application/json"
    body = told.json()
    assert (body["result"], body["base_code"], body["conversion_rates"]["USD"]) == ("success", "USD", 1)
    assert body["time_last_update_unix"] <= datetime.now(UTC).timestamp() < body["time_next_update_unix"]
    assert latest(web, "/exchangerate/v6/simulated/latest/USD", {}).json() == body
    euros = latest(web, "/exchangerate/v6/latest/EUR").json()["conversion_rates"]
    assert euros["KES"] == pytest.approx(body["conversion_rates"]["KES"] / body["conversion_rates"]["EUR"], rel=1e-5)


@pytest.mark.parametrize(
    ("path", "headers", "status", "error"),
    [
        (LATEST, {}, 403, "invalid-key"),
        (LATEST, {"Authorization": "Bearer other"}, 403, "invalid-key"),
        ("/exchangerate/v6/latest/XXX", KEY, 404, "unsupported-code"),
        ("/exchangerate/v6/latest/KES", KEY, 403, "base-code-only-on-pro"),
    ],
)
def test_refuses_in_the_providers_own_words(web, path, headers, status, error):
    answer = latest(web, path, headers)
    assert (answer.status_code, answer.json()["result"], answer.json()["error-type"]) == (status, "error", error)


def test_a_day_always_has_the_same_figures_and_the_next_is_near():
    days = [date(2026, 11, day) for day in range(1, 31)]
    assert exchangerate.rates_on(days[0]) == exchangerate.rates_on(days[0])
    for today, tomorrow in pairwise(days):
        for code, rate in exchangerate.rates_on(today).items():
            assert abs(exchangerate.rates_on(tomorrow)[code] / rate - 1) < 0.01
            assert abs(rate / exchangerate.AROUND[code] - 1) < 0.02


def test_lies_in_every_way_it_is_asked_to(web):
    honest = latest(web).json()["conversion_rates"]
    assert lie(web, fault="ZERO", currency="EUR").json()["conversion_rates"]["EUR"] == 0
    assert lie(web, fault="NEGATIVE").json()["conversion_rates"]["KES"] == -honest["KES"]
    assert math.isnan(json.loads(lie(web, fault="NAN").text)["conversion_rates"]["KES"])
    jumped = lie(web, fault="JUMP", percent=-40).json()["conversion_rates"]["KES"]
    assert jumped == pytest.approx(honest["KES"] * 0.6)
    assert "UGX" not in lie(web, fault="MISSING", currency="UGX").json()["conversion_rates"]
    assert lie(web, fault="WRONG_BASE").json()["base_code"] == "GBP"
    assert lie(web, fault="OUTDATED").json()["time_last_update_unix"] < datetime.now(UTC).timestamp() - 9 * 86400
    assert lie(web, fault="HTML").text.startswith("<!doctype html>")
    with pytest.raises(ValueError):
        lie(web, fault="CUT").json()
    assert lie(web, fault="QUOTA").json()["error-type"] == "quota-reached"
    assert lie(web, fault="HTTP_500").status_code == 500
    with pytest.raises(httpx.TransportError):
        lie(web, fault="TIMEOUT")
    assert lie(web).json()["conversion_rates"] == honest


@pytest.mark.parametrize(
    "plan", [{"fault": "ODD"}, {"currency": "XYZ"}, {"fault": "JUMP", "percent": "nan"}, {"slow": 31}, {"percent": "x"}]
)
def test_a_plan_that_makes_no_sense_is_refused_and_changes_nothing(web, plan):
    assert web.post("/control/fx/", json=plan).status_code == 400
    assert latest(web).json()["result"] == "success"


def test_the_page_shows_todays_rates_and_keeps_a_fault(web):
    assert web.post("/control/fx/", data={"fault": "JUMP", "currency": "KES", "percent": "12"}).status_code == 303
    page = web.get("/control/fx/").text
    assert "JUMP" in page
    assert "KES" in page
    assert web.post("/control/fx/", data={"fault": "x"}).status_code == 400
