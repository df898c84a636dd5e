"""Writes one record, in the caller's transaction, with one insert."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import models

from apps.audit_trail import rules
from apps.kernel import statements
from apps.kernel.context import asker

# Plain SQL: the same insert through the ORM takes three times as long, and every deed of the bank waits for it.
_INSERT = """
INSERT INTO audit_trail_auditlog (action, actor_id, customer_id, target_type, target_id, before, after, reason,
                                  ip_address, user_agent, request_id, at, written_at)
VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s::inet, %s, %s, %s, clock_timestamp())
RETURNING id
"""
_OWNERS = ("customer", "owner", "user", "borrower")


def record(
    action: str,
    *,
    on: models.Model | str,
    by: Any,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    customer: Any = None,
) -> int:
    """Write down that `by` (None: the public) did `action` to `on` at `at`. Returns the record's id.

    `on` is a saved row or a reference string (`payments/7`), which must not itself be personal data. `before` and
    `after` take any values; phones, e-mail addresses, identity and account numbers, dates of birth and secrets are
    struck out. `customer` is whom it concerns; when not given, it is read from `on` where that is a person or has a
    customer, owner, user or borrower. Address, program and request id are those of the request at hand.
    """
    kind, key = _target(on)
    facts = asker()
    (written,) = statements.row(
        _INSERT,
        [
            action,
            getattr(by, "pk", None),
            customer.pk if customer is not None else _customer_of(on),
            kind,
            key,
            json.dumps(rules.facts(before)),
            json.dumps(rules.facts(after)),
            rules.text(reason),
            facts.ip_address,
            facts.user_agent[:300],
            facts.request_id[:64],
            at,
        ],
    )
    return int(written)


def _target(on: models.Model | str) -> tuple[str, str]:
    if isinstance(on, str):
        return "", on[:200]
    if on.pk is None:
        raise ValueError(f"{type(on).__name__} is not saved yet: a record needs something to point at")
    return on._meta.label_lower, str(on.pk)


def _customer_of(on: models.Model | str) -> Any:
    if isinstance(on, str):
        return None
    if on._meta.label_lower == "users.user":
        return on.pk
    return next((getattr(on, column) for column in _owner_columns(type(on)) if getattr(on, column) is not None), None)


@lru_cache(maxsize=256)
def _owner_columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns by which rows of `model` belong to a person: foreign keys to people by one of the usual names."""
    keys = {field.name: field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)}
    return tuple(
        keys[name].attname
        for name in _OWNERS
        if name in keys and keys[name].related_model._meta.label_lower == "users.user"
    )
