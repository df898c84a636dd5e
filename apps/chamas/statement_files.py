"""Statements of groups as files: a workbook, and a text short enough to be shared in a chat."""

import io
from typing import Any

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.statements import check_address
from apps.chamas.models import GroupStatement
from apps.chamas.statements import Statement
from apps.kernel.cells import safe_cell

KINDS = ("pdf", "xlsx", "text")
TEXT_LINES = 12  # of the latest movements in the text; the rest is counted
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def name_of(view: Statement, kind: str) -> str:
    """What the file is called; the group's own address stands in it, never a person."""
    part = f"-{view.member.number}" if view.member else ""
    return f"{view.group.slug}{part}-{view.first}-{view.last}.{kind}"


def workbook_of(row: GroupStatement, view: Statement) -> HttpResponse:
    """Two sheets: what each fund held, and every movement. Amounts are numbers in major units."""
    import openpyxl  # half a second to load, which only this needs

    book = openpyxl.Workbook()
    sums: Any = book.active
    sums.title = _("Funds")
    sums.append([safe_cell(view.group.name), safe_cell(view.title), f"{view.first} – {view.last}", view.group.currency])
    sums.append([_("Fund"), _("Opening balance"), _("Money in"), _("Money out"), _("Closing balance")])
    for one in view.funds:
        sums.append([one.name, *(amount.amount for amount in (one.opening, one.came, one.went, one.closing))])
    sums.append([_("Together"), *(one.amount for one in (view.opening, view.came, view.went, view.closing))])
    sums.append([])
    sums.append([_("Anyone who holds this statement can check it at"), check_address(row)])
    sums.append([_("Seal"), row.seal])
    if view.investments:
        _owned(book.create_sheet(_("Investments")), view)
    rows = book.create_sheet(_("Movements"))
    rows.append([_("Date"), _("Description"), _("Member"), _("Reference"), _("Amount"), _("Fund after"), _("Note")])
    for line in view.lines:
        who = f"{line.number} · {line.who}" if line.number else line.who
        told = [safe_cell(text) for text in (line.words, who, line.reference)]
        rows.append([line.on, *told, line.amount.amount, line.after.amount, safe_cell(line.note)])
    out = io.BytesIO()
    book.save(out)
    disposition = {"Content-Disposition": f'attachment; filename="{name_of(view, "xlsx")}"'}
    return HttpResponse(out.getvalue(), content_type=_XLSX, headers=disposition)


def _owned(sheet: Any, view: Statement) -> None:
    whose = _("Part") if view.member else _("Worth")
    sheet.append([_("Investment"), _("What it is"), _("Kept by"), _("Units"), _("Cost"), whose, _("Valued on")])
    for one in view.investments:
        kept = f"{one.of.custodian}, {one.of.custody_reference}"
        value = one.value.amount if one.value is not None else ""
        told = [safe_cell(text) for text in (one.of.name, one.of.kind_name, kept)]
        sheet.append([*told, one.units, one.of.cost.amount, value, one.of.valued_on])


def text_of(view: Statement) -> str:
    """A few lines for a chat: stars make words bold there. No phone, no account, no full name."""
    whose = f" · {view.title}" if view.member else ""
    said = [f"*{view.group.name}*{whose}", f"{date_format(view.first)} – {date_format(view.last)}", ""]
    for one in view.funds:
        moved = f" ({one.opening} +{one.came.amount:,} −{one.went.amount:,})" if one.came or one.went else ""
        said.append(f"{one.name}: *{one.closing}*{moved}")
    said += [f"{_('Together')}: *{view.closing}*", ""]
    for part in view.investments:
        said.append(f"{part.of.name}: *{part.value if part.value is not None else _('not valued')}*")
    said += [""] if view.investments else []
    for line in view.lines[-TEXT_LINES:]:
        sign = "+" if line.amount.minor > 0 else "−"
        said.append(
            f"{date_format(line.on, 'j M')} {line.who}: {sign}{abs(line.amount.amount):,} {line.words} {line.reference}"
        )
    if hidden := len(view.lines) - TEXT_LINES:
        said += [_("and %(count)s movements before these") % {"count": hidden}] if hidden > 0 else []
    if not view.lines:
        said.append(_("No money moved in this period."))
    return "\n".join(said)
