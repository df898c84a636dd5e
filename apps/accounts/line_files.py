"""Lines of one's accounts as files, as they were looked for: unlike a statement they add up to nothing, and say so."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import StatementTooLong
from apps.accounts.models import Transaction
from apps.accounts.queries import MOST_LINES
from apps.accounts.wording import written_on
from apps.kernel.cells import safe_cell
from apps.kernel.clock import local_date
from apps.users.models import User

KINDS = ("csv", "pdf")
# For programs: these words, and the names of kinds, are the same in every language and stay.
_HEAD = ["date", "account", "type", "description", "counterparty", "reference", "amount", "balance", "currency"]
_HEAD_FOR_PEOPLE = (
    _("Date"), _("Account"), _("Kind"), _("Description"), _("Other party"), _("Reference"), _("Amount"), _("Balance"),
    _("Currency"),
)  # fmt: skip


def file_of(
    lines: QuerySet[Transaction],
    *,
    kind: str,
    owner: User,
    asked: Sequence[str],
    at: datetime,
    for_people: bool = False,
) -> HttpResponse:
    """The newest first, as `csv` or `pdf`, as an attachment; `asked` says in words what was looked for.

    A CSV `for_people` has its heads and kinds in the language of now; without, those of the API, in none.
    Raises StatementTooLong above as many lines as a statement may have.
    """
    found = list(lines.select_related("account").order_by("-booked_on", "-pk")[: MOST_LINES + 1])
    if len(found) > MOST_LINES:
        raise StatementTooLong(_("That is more than %(most)s lines. Narrow it down first.") % {"most": MOST_LINES})
    name = f"kitbank-{local_date(at)}.{kind}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    if kind == "csv":
        return HttpResponse(
            _csv_of(found, for_people=for_people), content_type="text/csv; charset=utf-8", headers=disposition
        )
    return HttpResponse(_pdf_of(found, owner, asked, at), content_type="application/pdf", headers=disposition)


def _csv_of(lines: Sequence[Transaction], *, for_people: bool) -> bytes:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(_HEAD_FOR_PEOPLE if for_people else _HEAD)
    for line in lines:
        description = written_on(line) if for_people else line.description
        words = (description, line.merchant or line.counterparty, line.reference)
        sheet.writerow(
            [
                line.booked_on,
                line.account.number,
                line.get_txn_type_display() if for_people else line.txn_type,
                *map(safe_cell, words),
                line.amount.amount,
                line.running_balance.amount,
                line.currency,
            ]
        )
    return out.getvalue().encode("utf-8-sig" if for_people else "utf-8")  # so that Excel reads names with accents


def _pdf_of(lines: Sequence[Transaction], owner: User, asked: Sequence[str], at: datetime) -> bytes:
    from weasyprint import HTML

    rows = [(line, written_on(line)) for line in lines]
    context = {"rows": rows, "owner": owner, "asked": asked, "at": at, "language": get_language()}
    page = render_to_string("messages/accounts/lines.html", context)
    return bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
