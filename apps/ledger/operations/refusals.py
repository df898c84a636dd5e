"""Reads a refusal of the database by its SQLSTATE and says it in words; what is not a refusal stays a crash."""

import json
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.ledger import errors
from apps.ledger.rules.chart import is_chart_id

Facts = dict[str, Any]


def money_fact(minor: int, currency: str) -> dict[str, str]:
    """Money as the API writes it."""
    return {"amount": f"{Money(minor, currency).amount:f}", "currency": currency}


def _insufficient_funds(facts: Facts) -> DomainError:
    if is_chart_id(facts["account"]):  # the bank's own position is nobody else's business
        no = errors.InsufficientFunds(
            _("The bank's own account for this is short of funds. No money has moved. Try again later.")
        )
    else:
        no = errors.InsufficientFunds(
            _("There is not enough money in the account. No money has moved. Add money or choose a smaller amount."),
            available=money_fact(facts["available"], facts["currency"]),
            needed=money_fact(facts["needed"], facts["currency"]),
            **({"reference": facts["reference"]} if "reference" in facts else {}),
        )
    no.account_id = facts["account"]
    return no


def reference_reused(reference: str) -> errors.ReferenceReused:
    """The refusal of a reference that stands for something else."""
    return errors.ReferenceReused(
        _("This reference was used for something else before. No money has moved. Use a new reference."),
        reference=reference,
    )


def _closed_for_posting(facts: Facts) -> DomainError:
    return errors.AccountClosedForPosting(
        _("The account is blocked or closed. No money has moved. Choose another account or ask the bank."),
        account=facts["code"],
    )


def _period_closed(facts: Facts) -> DomainError:
    return errors.PeriodClosed(
        _("The books of that day are closed. No money has moved. Book it on a later day, or have the period reopened."),
        period=facts["period"],
        booked_on=facts["booked_on"],
    )


def _already_reversed(facts: Facts) -> DomainError:
    return errors.AlreadyReversed(
        _("This transfer has been reversed before. No money has moved. There is nothing more to do."),
        transfer=facts["transfer"],
        reversed_by=facts["reversed_by"],
    )


def _is_a_reversal(facts: Facts) -> DomainError:
    return errors.AlreadyReversed(
        _("This transfer is itself a reversal. No money has moved. Post the original payment again instead."),
        transfer=facts["transfer"],
        reverses=facts["reverses"],
    )


def _hold_not_open(facts: Facts) -> DomainError:
    return errors.HoldNotOpen(
        _("The money set aside for this has been used or given back already. No money has moved. Look at it again."),
        hold=facts["hold"],
        hold_status=facts["status"],
    )


def _hold_exceeded(facts: Facts) -> DomainError:
    return errors.HoldExceeded(
        _("That is more than was set aside. No money has moved. Take what is left, or set aside more."),
        left=money_fact(facts["left"], facts["currency"]),
        needed=money_fact(facts["needed"], facts["currency"]),
    )


def _below_floor(facts: Facts) -> DomainError:
    return errors.BelowFloor(
        _("The account holds less than that. Nothing was changed. Choose a lower limit."),
        available=money_fact(facts["available"], facts["currency"]),
        needed=money_fact(facts["needed"], facts["currency"]),
    )


def _not_empty(facts: Facts) -> DomainError:
    return errors.AccountNotEmpty(
        _("There is still money in the account. It stays open. Move the money out first."), account=facts["code"]
    )


def _busy(_facts: Facts) -> DomainError:
    return errors.BooksBusy(_("The books are busy with the same account. No money has moved. Try again in a moment."))


_WORDS: dict[str, Callable[[Facts], DomainError]] = {
    "KB001": _insufficient_funds,
    "KB002": lambda facts: reference_reused(facts["reference"]),
    "KB003": _closed_for_posting,
    "KB004": _period_closed,
    "KB005": _already_reversed,
    "KB006": _hold_not_open,
    "KB007": _hold_exceeded,
    "KB008": _is_a_reversal,
    "KB009": _below_floor,
    "KB013": _not_empty,
    "40P01": _busy,  # a deadlock between transactions that post more than once
    "55P03": _busy,  # lock_timeout
}


def in_words(no: DatabaseError) -> Exception:
    """The refusal, or the bug, behind a database error. KB010 to KB012 and KB090 are bugs; the rest stays as it is."""
    cause = no.__cause__
    state, diag = getattr(cause, "sqlstate", None) or "", getattr(cause, "diag", None)
    if state == "23505" and getattr(diag, "constraint_name", None) == "a_reference_posts_once":
        return _busy({})  # a bulk posting met a reference that another transaction posted meanwhile
    if state in _WORDS:
        detail = getattr(diag, "message_detail", None)
        return _WORDS[state](json.loads(detail) if detail and state.startswith("KB") else {})
    if state in {"KB010", "KB011", "KB012", "KB090"}:
        return errors.BrokenBooks(str(cause))
    return no
