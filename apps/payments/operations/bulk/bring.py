"""Bringing a file of payments: read as a whole or refused as a whole, written down once, then checked."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel.money import decimals
from apps.payments import paysheet, policies
from apps.payments.errors import FileRefused, KeyReused
from apps.payments.models import BulkKind, BulkPayment, BulkRow
from apps.payments.operations.bulk.check import check
from apps.payments.operations.start import new_reference
from apps.users.models import BusinessProfile, User
from apps.users.rules import Unreadable, business_name

WORDS: dict[str, Any] = {
    "EMPTY_FILE": _("The file is empty."),
    "FILE_TOO_LARGE": _("The file is larger than %(most)s bytes. Split it."),
    "TOO_MANY_ROWS": _("The file has more than %(most)s rows. Split it."),
    "NO_ROWS": _("There are no rows in it."),
    "NO_HEADER": _("The first row must name the columns: phone or account, name, amount, note."),
    "NO_COLUMN": _("The first row names no column for: %(column)s."),
    "TWO_COLUMNS": _("Two columns mean the same: %(column)s. Keep one."),
    "NOT_TEXT": _("It is neither a CSV file nor an Excel workbook (XLSX)."),
    "BAD_CSV": _("Line %(line)s cannot be read: a quotation mark is not closed, or text follows it."),
    "OLD_OR_LOCKED": _("It is an old Excel file (XLS) or has a password. Save it as XLSX without one."),
    "BAD_WORKBOOK": _("The workbook is damaged or holds what we do not read. Save it again as XLSX or CSV."),
    "UNPACKS_TOO_LARGE": _("The workbook unpacks to far more than it is. Save the rows as CSV."),
    "HAS_MACROS": _("The workbook holds macros. Save it as XLSX without them."),
    "MANY_SHEETS": _("More than one sheet has something in it. Keep one."),
    "MERGED_CELLS": _("Some cells are merged, so that a row may be missing its amount. Separate them."),
    "HIDDEN_ROWS": _("Some rows or columns are hidden. Show them: what is paid must be seen."),
    "FAR_BELOW": _("Something stands in line %(line)s, far below the other rows. Move it up or take it out."),
    "TOO_WIDE": _("The sheet has more than %(most)s columns."),
}
_ASKED = {
    "phone": lambda one: {"phone": one.number},
    "account": lambda one: {"number": one.number},
    "till": lambda one: {"till": one.number},
    "paybill": lambda one: {"paybill": one.number, "account": one.account},
}


def bring(
    *,
    from_account: Account,
    kind: str,
    name: str,
    file_name: str,
    content: bytes,
    key: str,
    by: User,
    at: datetime,
    business: BusinessProfile | None = None,
    rail: str = "",
) -> BulkPayment:
    """Read a CSV or XLSX file into a batch and check it; nothing moves. The same `key`, the same batch.

    `business` is who pays, from an account of one of its owners; else the account's holder pays, or the bank itself
    from an account of its own. `rail` sends every row that way. The file is not kept: its rows and its SHA-256 are.
    Raises FileRefused, NotFound, NotAllowed, KeyReused.
    """
    policies.require_may_bring(by, business=business, account=from_account)
    sheet = _read(content, from_account, business)
    payer_name = business.name if business else from_account.owner.full_name
    bulk = BulkPayment(
        reference=f"B{new_reference()[1:]}",
        kind=BulkKind(kind),
        name=_named(name),
        business=business,
        customer=None if business or from_account.owner.is_service else from_account.owner,
        from_account=from_account,
        payer_name=payer_name[:120],
        rail=rail,
        currency=from_account.currency,
        file_name=_shown(file_name),
        file_sha256=sha256(content).hexdigest(),
        key=key[:120],
        row_count=len(sheet.rows),
        made_by=by,
        created_at=at,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                bulk.save()
        except IntegrityError:
            return _first_of(bulk)
        BulkRow.objects.bulk_create([_row(bulk, one) for one in sheet.rows], batch_size=2500)
        facts = {"file": bulk.file_name, "sha256": bulk.file_sha256, "rows": bulk.row_count}
        audit_trail.record("payments.bulk.brought", on=bulk, by=by, at=at, after=facts, customer=from_account.owner)
        return check(bulk=bulk, at=at)


def _read(content: bytes, account: Account, business: BusinessProfile | None) -> paysheet.PaySheet:
    a_person = business is None and not account.owner.is_service
    most = settings.BULK_MOST_ROWS_OF_A_PERSON if a_person else settings.BULK_MOST_ROWS
    bounds = paysheet.Bounds(most_bytes=settings.BULK_MOST_BYTES, most_rows=most)
    try:
        return paysheet.read_sheet(content, places=decimals(account.currency), bounds=bounds)
    except paysheet.Unreadable as no:
        words = WORDS[no.code] % no.facts if no.facts else WORDS[no.code]
        raise FileRefused(_("The file was not taken. %(why)s No money moved.") % {"why": words}, reason=no.code) from no


def _row(bulk: BulkPayment, one: paysheet.Row) -> BulkRow:
    return BulkRow(
        bulk=bulk,
        number=one.number,
        payee_typed=one.payee_typed or None,
        name_typed=one.name,
        amount_typed=one.amount_typed,
        note=one.note,
        amount_minor=one.minor,
        currency=bulk.currency,
        destination=_ASKED[one.payee.kind](one.payee) if one.payee else {},
        read_error=one.error,
        error=one.error or "PAYEE_NOT_FOUND",  # until it is checked
    )


def _named(name: str) -> str:
    try:
        return business_name(name)[:60]
    except Unreadable as no:
        raise FileRefused(_("Write what it is for, like July salaries. Nothing was done."), reason="NAME") from no


def _shown(file_name: str) -> str:
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[:120] or "file"


def _first_of(bulk: BulkPayment) -> BulkPayment:
    first = BulkPayment.objects.get(made_by=bulk.made_by, key=bulk.key)
    same = ("file_sha256", "from_account_id", "business_id", "kind", "name", "rail")
    if any(getattr(first, one) != getattr(bulk, one) for one in same):
        raise KeyReused(_("This was sent before with other contents. No money moved; start a new one."))
    return first
