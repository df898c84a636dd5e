"""The published cases, each by its name, and the command that answers them without a database."""

import copy
import io
import json
import os
import re
import subprocess
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from apps.lending.management.commands.loan_schedule import Command
from apps.lending.rules import BadTerms
from apps.lending.rules.wire import answer

ROOT = Path(__file__).parents[3]
CASES = json.loads((Path(__file__).parent / "data" / "loan-cases.json").read_text())
BY_ID = {case["id"]: case for case in CASES}


def differences(expected, found, at="result"):
    """Where what was found is not what the source publishes; numbers compare as numbers."""
    if isinstance(expected, dict):
        missing = [f"{at}.{key} is missing" for key in expected if key not in found]
        return missing + [
            line for key in expected if key in found for line in differences(expected[key], found[key], f"{at}.{key}")
        ]
    if isinstance(expected, list):
        if len(expected) != len(found):
            return [f"{at} has {len(found)} entries, not {len(expected)}"]
        pairs = enumerate(zip(expected, found, strict=True), 1)
        return [line for n, (one, other) in pairs for line in differences(one, other, f"{at}[{n}]")]
    return [] if same(expected, found) else [f"{at} is {found}, not {expected}"]


def same(expected, found):
    """Equal as numbers where they are numbers."""
    try:
        return Decimal(expected) == Decimal(found)
    except (InvalidOperation, TypeError):
        return expected == found


def test_has_every_published_case_once():
    assert len(BY_ID) == len(CASES) == 52


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_computes_what_the_source_publishes(case):
    assert differences(case["expected"], answer(case["inputs"])) == []


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_agrees_with_the_figure_the_source_was_checked_by(case):
    """`independent_check` ends in "computed 9.6857" for yearly rates: ours, at that many places."""
    said = re.search(r"computed (\d+\.\d+)$|\(P/A\).* 365\.25: (\d+\.\d+)$", case["independent_check"]["how"])
    if said is None:
        assert case["inputs"]["kind"] == "schedule" or "365/255" in case["independent_check"]["how"]
        return
    figure = said[1] or said[2]
    places = len(figure.partition(".")[2])
    assert answer({**case["inputs"], "decimals": places})["apr_pct"] == figure


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_refuses_an_unknown_field_in_every_case(case):
    with pytest.raises(BadTerms) as refusal:
        answer({**case["inputs"], "annual_rate": "12"})
    assert refusal.value.code == "unknown_field"


# ---- the wire ----

LOAN = BY_ID["FIN-RS02"]["inputs"]
BAD_VALUES = [
    ({"kind": "lease"}, "unknown_value"),
    ({"rounding": "down"}, "unknown_value"),
    ({"day_count": "30E/360"}, "unknown_value"),
    ({"amortisation": None}, "unknown_value"),
    ({"principal": 5000}, "bad_number"),
    ({"principal": 5000.0}, "bad_number"),
    ({"principal": "NaN"}, "bad_number"),
    ({"principal": "1e30"}, "bad_number"),
    ({"principal": "-5"}, "bad_number"),
    ({"principal": " 5"}, "bad_number"),
    ({"principal": "٥٠٠٠"}, "bad_number"),
    ({"principal": "0"}, "bad_number"),
    ({"principal": "5000.001"}, "too_fine"),
    ({"principal": "9" * 30}, "bad_number"),
    ({"periods": "18"}, "bad_count"),
    ({"periods": True}, "bad_count"),
    ({"periods": 18.0}, "bad_count"),
    ({"periods": 0}, "bad_count"),
    ({"periods": 10**7}, "bad_count"),
    ({"decimals": -1}, "bad_count"),
    ({"smoothing": "true"}, "bad_value"),
    ({"disbursed": "2022-13-01"}, "bad_date"),
    ({"disbursed": "20221101"}, "bad_date"),
    ({"disbursed": "2023-02-29"}, "bad_date"),
    ({"repay_every": {"n": 1, "unit": "fortnight"}}, "unknown_value"),
    ({"repay_every": "month"}, "bad_value"),
    ({"grace": {"principal": 1}}, "unknown_field"),
    ({"tranches": {}}, "bad_value"),
    ({"events": [{"type": "holiday"}]}, "unknown_value"),
    ({"events": [{"type": "repayment", "on": "2023-01-01"}]}, "missing"),
    ({"events": [{"type": "payoff", "on": "2023-01-01", "amount": "5"}]}, "unknown_field"),
    ({"events": [{"type": "payoff_quote", "on": "2023-01-01", "interest_to": "today"}]}, "unknown_value"),
    ({"interest_recalculation": {"enabled": True, "compounding": "interest"}}, "unknown_value"),
    ({"effective_rate": {"days_in_year": "0"}}, "bad_number"),
    ({"prepayment": "reduce_term"}, "unknown_value"),
]


@pytest.mark.parametrize(("change", "code"), BAD_VALUES, ids=[f"{code}-{n}" for n, (_, code) in enumerate(BAD_VALUES)])
def test_refuses_values_it_does_not_know(change, code):
    with pytest.raises(BadTerms) as refusal:
        answer({**LOAN, **change})
    assert refusal.value.code == code


def test_prints_amounts_with_the_places_asked_for():
    result = answer({**LOAN, "report_decimals": 0})
    assert result["totals"] == {"principal": "5000", "interest": "488", "total": "5488"}
    assert answer(LOAN)["totals"]["interest"] == "488.22"


def test_tells_the_plan_before_what_happened():
    result = answer(BY_ID["FIN-RP03"]["inputs"])
    without = {key: value for key, value in BY_ID["FIN-RP03"]["inputs"].items() if key not in ("events", "as_of")}
    assert result["before"] == answer(without)


# ---- the command ----


def ask(text):
    """Run the command in a process of its own whose database does not exist."""
    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody:wrong@127.0.0.1:1/nowhere",
        "DJANGO_SETTINGS_MODULE": "kitbank.settings.test",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "loan_schedule", "--json"],
        input=text,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=120,
        check=False,
    )


def test_answers_every_case_in_order_without_a_database():
    done = ask(json.dumps([{"id": case["id"], "inputs": case["inputs"]} for case in CASES]))
    assert (done.returncode, done.stderr) == (0, "")
    answers = json.loads(done.stdout)
    assert [one["id"] for one in answers] == [case["id"] for case in CASES]
    assert [line for case, one in zip(CASES, answers, strict=True)
            for line in differences(case["expected"], one["result"])] == []  # fmt: skip


def test_answers_the_good_cases_beside_the_bad_and_says_so_at_the_end(monkeypatch, capsys):
    bad = [{"id": "b", "inputs": {**LOAN, "colour": "red"}}, {"id": 3}, "no case", {"id": "n", "inputs": None}]
    text = json.dumps([{"id": "a", "inputs": LOAN}, *bad, {"id": "z", "inputs": LOAN}])
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(SystemExit) as stopped:
        call_command("loan_schedule", json=True)
    assert stopped.value.code == 1
    first, *errors, last = json.loads(capsys.readouterr().out)
    assert [first["id"], last["id"]] == ["a", "z"]
    assert first["result"] == last["result"] == answer(LOAN)
    assert [(one["id"], one["error"]["code"]) for one in errors] == [
        ("b", "unknown_field"), (3, "bad_case"), (None, "bad_case"), ("n", "bad_value"),
    ]  # fmt: skip
    assert "colour" in errors[0]["error"]["detail"]


@pytest.mark.parametrize(
    "text", ["", "{", '{"id": 1}', "[NaN]", "[" * 100_000], ids=["none", "cut", "map", "nan", "deep"]
)
def test_says_clearly_that_the_input_is_no_list(text, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(SystemExit) as stopped:
        call_command("loan_schedule", json=True)
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert said.out == ""
    assert said.err.startswith("Standard input is no JSON")


def test_says_in_its_help_what_the_exit_status_means():
    said = Command().create_parser("manage.py", "loan_schedule").format_help()
    assert "1 when some were not" in said
    assert Command.requires_system_checks == []


# ---- anything at all ----

ODD = st.sampled_from(
    ["", "0", "1", "0.01", "999999999999999", "1e5", "-1", "0.000000000000000001", "1000000", "33.333", "1/3", "99/98",
     "month", "year", "daily", "flat", "bullet", "actual/actual", "2024-02-29", "9999-12-31", "0001-01-01", True, None,
     0, 1, 2, 18, 360, 4000, -1, 1.5, [], {}, "day", "30/360", "up"]
)  # fmt: skip


def places(given, path=()):
    """Every place in a case where a value can stand."""
    if isinstance(given, dict):
        for key, value in given.items():
            yield from places(value, (*path, key))
    elif isinstance(given, list):
        for nth, value in enumerate(given):
            yield from places(value, (*path, nth))
    if path:
        yield path


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_computes_or_refuses_whatever_stands_anywhere(data):
    case = copy.deepcopy(data.draw(st.sampled_from(CASES))["inputs"])
    for _ in range(data.draw(st.integers(1, 4))):
        *way, last = data.draw(st.sampled_from(list(places(case))))
        inside = case
        for key in way:
            inside = inside[key]
        inside[last] = data.draw(ODD)
    try:
        json.dumps(answer(case))
    except BadTerms as no:
        event(no.code)
