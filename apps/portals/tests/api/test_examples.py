"""Every example in the published schema is one: it fits its schema, and a request of it is not turned away as wrong."""

import functools
import re

import jsonschema
import pytest
from django.db import transaction

from apps.kernel.clock import local_date, now
from apps.portals.tests.api.published import SCHEMA

WRITTEN = "2026-11-22"


def _examples(answers: bool):
    for path, operations in SCHEMA["paths"].items():
        for method, operation in operations.items():
            parts = list(operation["responses"].values()) if answers else [operation.get("requestBody", {})]
            for part in parts:
                for content in part.get("content", {}).values():
                    for name, example in content.get("examples", {}).items():
                        yield pytest.param(
                            method, path, content["schema"], example["value"], id=f"{method} {path} {name}"
                        )


@functools.cache
def _components():
    return _plain(SCHEMA["components"])


def _fits(value, shape) -> None:
    jsonschema.Draft202012Validator(
        {**_plain(shape), "components": _components()},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    ).validate(value)


def _plain(shape):
    """OpenAPI 3.0's `nullable` as JSON Schema says it."""
    if isinstance(shape, list):
        return [_plain(each) for each in shape]
    if not isinstance(shape, dict):
        return shape
    kept = {name: _plain(each) for name, each in shape.items() if name != "nullable"}
    return {"anyOf": [kept, {"type": "null"}]} if shape.get("nullable") is True else kept


@pytest.mark.parametrize(("method", "path", "shape", "value"), [*_examples(answers=True), *_examples(answers=False)])
def test_fits_its_schema(method, path, shape, value):
    _fits(value, shape)


def _still_ahead(value):
    """What lay ahead when the examples were written, moved on by whole years until it does again."""
    if isinstance(value, dict):
        return {name: _still_ahead(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_still_ahead(each) for each in value]
    if not (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value) and value > WRITTEN):
        return value
    today = local_date(now()).isoformat()
    return f"{int(today[:4]) + (value[4:10] <= today[4:])}{value[4:]}"


@pytest.mark.parametrize(("method", "path", "shape", "value"), list(_examples(answers=False)))
def test_is_read_when_it_is_sent(client, bank, method, path, shape, value):
    value = _still_ahead(value)
    noun = max((noun for noun in bank.paths if f"/v1/{noun}/" in path), key=len, default="")
    if "{" in path:
        first = path[path.index("{") : path.index("}") + 1]
        path = path.replace(first, str(bank.paths.get(noun, [1])[0]))
    if "/auth/" in path:
        headers = {}
    else:
        headers = bank.headers["staff" if "/admin/" in path or "/automation/" in path else "customer"]
    with transaction.atomic():
        answer = getattr(client, method)(path, value, content_type="application/json", headers=headers)
        transaction.set_rollback(True)
    assert answer.status_code not in {400, 401, 405, 415}, answer.content
