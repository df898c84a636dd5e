"""Making statements: what they said is kept as a seal, so that a copy can be checked against the books."""

from datetime import date, datetime, timedelta
from itertools import chain, groupby, islice
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.accounts import queries
from apps.accounts.models import Account, Statement
from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import day_start, month_bounds
from apps.notifications import operations as notifications
from apps.users.models import User

AT_ONCE = 100  # holders


@transaction.atomic
def make_statement(
    *, account: Account, from_date: date, to_date: date, by: User, at: datetime
) -> tuple[Statement, queries.StatementView]:
    """Make a statement and keep its seal. Raises StatementTooLong, DoesNotAddUp."""
    view = queries.statement(account, from_date, to_date)
    row = Statement.objects.create(**_kept(view, at), is_monthly=False)
    audit_trail.record(
        "accounts.statement.made",
        on=account,
        by=by,
        at=at,
        after={"from": str(from_date), "to": str(to_date), "id": str(row.pk)},
    )
    return row, view


def _kept(view: queries.StatementView, at: datetime) -> dict[str, Any]:
    return {
        "account": view.account,
        "from_date": view.from_date,
        "to_date": view.to_date,
        "opening_minor": view.opening.minor,
        "closing_minor": view.closing.minor,
        "lines": len(view.rows),
        "after_seq": view.after_seq,
        "upto_seq": view.upto_seq,
        "seal": view.seal,
        "made_at": at,
    }


def make_month_statements(*, day: date, at: datetime) -> int:
    """At the end of a month: a statement for every account that was open in it, once, and one message to each holder.

    Some holders at once are a transaction, so a run that was stopped goes on where it stood. Returns how many
    statements were made.
    """
    first, last = month_bounds(day)
    if day != last:
        return 0
    have = Statement.objects.filter(is_monthly=True, from_date=first, to_date=last).values("account_id")
    was_open = Q(opened_at__lt=day_start(last + timedelta(days=1))) & (
        Q(closed_at=None) | Q(closed_at__gte=day_start(first))
    )
    due = Account.objects.filter(was_open).exclude(pk__in=have)
    holders = groupby(due.select_related("owner").order_by("owner_id", "pk"), lambda one: one.owner_id)
    made = 0
    while some := [list(accounts) for _owner, accounts in islice(holders, AT_ONCE)]:
        made += _statements_of(some, first, last, at)
    return made


@transaction.atomic
def _statements_of(holders: list[list[Account]], first: date, last: date, at: datetime) -> int:
    views = queries.statements(chain.from_iterable(holders), first, last)
    Statement.objects.bulk_create(Statement(**_kept(view, at), is_monthly=True) for view in views)
    for accounts in holders:
        _tell(accounts, first, at)
    return len(views)


def _tell(accounts: list[Account], first: date, at: datetime) -> None:
    owner = accounts[0].owner
    notifications.send(
        "accounts.statement_ready",
        to=owner,
        context={
            "account": ", ".join(account.masked_number.replace("•", "*") for account in accounts),
            "month": f"{first:%m/%Y}",
        },
        at=at,
        key=f"statements/{owner.pk}/{first:%Y%m}",
    )
