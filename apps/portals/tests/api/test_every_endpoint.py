"""Every operation of the published schema answers generated requests as the schema says, and never falls over.

Two people ask in turn: a customer with money, and staff who hold every right and a till. A part of the requests is
salted with ids and words that exist, so that they get past the first check. Each request is undone after the deferred
constraints were asked; figures of a longer run, and how to make one, stand in docs/api.md.

    SCHEMA_EXAMPLES=800 pytest apps/portals/tests/api -k "payments or transactions"
"""

import itertools
import os
import random
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import status_code_conformance

from apps.portals.tests.api import published
from apps.portals.tests.api.bank import AMOUNTS, Bank

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "2"))
FIGURES = os.environ.get("SCHEMA_FIGURES", "")  # a file to write to: requests and answers by operation
_QUIET = SchemathesisConfig(
    projects=ProjectsConfig(default=ProjectConfig(generation=GenerationConfig(allow_x00=False, deterministic=True)))
)
SCHEMA = schemathesis.openapi.from_dict(published.SCHEMA, config=_QUIET)
SCHEMA.app = WSGIHandler()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
CHECKS = [not_a_server_error, status_code_conformance]


def _requests_to(operation: Any) -> st.SearchStrategy[Any]:
    """Requests as the schema wants them and, where it wants anything, requests that are wrong in some way."""
    ways = [operation.as_strategy(GenerationMode.POSITIVE)] * 2
    if operation.body or operation.query or operation.path_parameters:
        ways.append(operation.as_strategy(GenerationMode.NEGATIVE))
    return st.one_of(ways)


def _salt(value: Any, bank: Bank, pick: random.Random) -> Any:
    """Put words that exist in the places of those that were made up."""
    if isinstance(value, list):
        return [_salt(each, bank, pick) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"amount", "currency"}:
        return {"amount": pick.choice(AMOUNTS), "currency": pick.choice(["KES", "KES", "KES", "USD"])}
    return {
        name: pick.choice(bank.words[name]) if name in bank.words and pick.random() < 0.8 else _salt(held, bank, pick)
        for name, held in value.items()
    }


def _salted(case: Any, bank: Bank, pick: random.Random) -> None:
    noun = max((noun for noun in bank.paths if f"/v1/{noun}/" in case.operation.path), key=len, default="")
    if case.path_parameters and noun:
        first, *further = case.path_parameters
        case.path_parameters |= {first: pick.choice(bank.paths[noun])}
        for name in further:
            part = case.operation.path.split(f"/{{{name}}}")[0].rpartition("/")[2]
            case.path_parameters |= {name: pick.choice(bank.inner[part])} if part in bank.inner else {}
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = f"key-{pick.random()}"
    case.body = _salt(case.body, bank, pick)
    if case.query:
        case.query = _salt(dict(case.query), bank, pick)


def _ask(case: Any, headers: dict[str, str]) -> int:
    """Send it, have the constraints checked that wait for a commit, and undo it. Raises what the checks find."""
    broken: list[str] = []

    def note(**facts: Any) -> None:
        broken.append(traceback.format_exc())

    got_request_exception.connect(note)
    try:
        with transaction.atomic():
            response = case.call(headers=headers)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            transaction.set_rollback(True)
    finally:
        got_request_exception.disconnect(note)
    if broken:
        raise AssertionError(f"{case.as_curl_command()}\n{broken[0]}")
    if _says_nobody_answered(response):
        return 503
    case.validate_response(response, checks=CHECKS)
    return int(response.status_code)


def _says_nobody_answered(response: Any) -> bool:
    """No provider and no relay run beside this test, and it is right to say so."""
    told = response.json() if response.status_code == 503 else {}
    return told.get("code") == "provider_not_reached" or "outbox" in told.get("parts", {})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_answers_as_the_schema_says(operation, bank, settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "9999999/min")
    answers, turns = Counter(), itertools.cycle(bank.headers.values())

    @how(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_requests_to(operation), salt=st.sampled_from([1, 2, 0]))
    def requests(case, salt):
        if salt:
            made_up = repr((salt, case.body, case.query, case.path_parameters))
            _salted(case, bank, random.Random(made_up))
        answers[_ask(case, next(turns))] += 1

    requests()
    if FIGURES:
        with Path(FIGURES).open("a") as file:
            file.write(f"{answers.total()}\t{operation.label}\t{dict(sorted(answers.items()))}\n")
