"""Movements of an account at another bank, taken in from a CSV file; no money moves."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import imports
from apps.accounts.errors import ImportRefused
from apps.accounts.events import ImportFinished
from apps.accounts.models import ImportBatch
from apps.accounts.rules.imports import COLUMNS, MOST_ROWS, Fault, Unreadable, read
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.users.models import User

MOST_BYTES = 1_000_000
_UNREADABLE = {
    "no_csv": _("This is no CSV file in UTF-8. Nothing was taken."),
    "columns": _("The file needs the columns date, amount and description. Nothing was taken."),
    "too_many": _("The file has too many rows: bring it in parts. Nothing was taken."),
}


@transaction.atomic
def import_lines(
    *, account: UUID, raw: bytes, partial: bool, by: User, at: datetime
) -> tuple[ImportBatch, list[Fault]]:
    """Take the rows into a linked account of one's own; what is there already is left out. With `partial` the rows that
    cannot be read are left out, else all of the file. Raises NotFound, ImportRefused naming rows and columns.
    """
    linked = imports.linked_account(by, account)
    if linked is None:
        raise NotFound(_("There is no such linked account. Movements are taken into accounts at other banks alone."))
    if len(raw) > MOST_BYTES:
        raise ImportRefused(_UNREADABLE["too_many"], because="too_large")
    try:
        rows, faults = read(raw, currency=linked.currency, today=local_date(at))
    except Unreadable as no:
        raise ImportRefused(_UNREADABLE[str(no)], because=str(no), columns=COLUMNS, most_rows=MOST_ROWS) from no
    if faults and not partial:
        said = _("%(count)s rows cannot be read. Nothing was taken; mend them, or take the others with `partial`.")
        raise ImportRefused(said % {"count": len(faults)}, because="rows", rows=told(faults))
    accepted = linked.add(rows, at=at)
    batch = ImportBatch.objects.create(
        owner=by, account=account, sha256=sha256(raw).hexdigest(), rows=len(rows) + len(faults), accepted=accepted,
        duplicates=len(rows) - accepted, rejected=len(faults), at=at,
    )  # fmt: skip
    audit_trail.record("accounts.lines.imported", on=batch, by=by, at=at, after={"accepted": accepted}, customer=by)
    events.publish(ImportFinished(batch_id=batch.pk, user_id=by.pk, accepted=accepted))
    return batch, faults


def told(faults: list[Fault]) -> list[dict[str, Any]]:
    """As plain data."""
    return [{"line": one.line, "column": one.column} for one in faults]
