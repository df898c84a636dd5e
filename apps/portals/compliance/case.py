"""One case: why it is here, where the money went, evidence, the usual pattern, history; the decision on the right."""

import csv
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance import operations, policies, queries, wording
from apps.compliance.models import Case, Evidence, SuspiciousActivityAlert
from apps.kernel.cells import safe_cell
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kyc.models import ScreeningHit
from apps.portals.compliance import graph
from apps.portals.compliance.door import console_page, page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User


class Decide(Sheet):
    """No suspicion, or to be reported."""

    where = {"reason_needed": "reason"}
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("close", "close"), ("suspect", "suspect"), ("report", "report")],
        error_messages={"required": _("Choose a decision.")},
    )
    reason = forms.CharField(label=_("Reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class Note(Sheet):
    """What was checked and found."""

    text = forms.CharField(label=_("Add a note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class Attach(Sheet):
    """A file."""

    file = forms.FileField(label=_("Attach a file (up to 5 MB)"))


class Reopen(Sheet):
    """Why."""

    reason = forms.CharField(label=_("Why it is opened again"), max_length=1000)


class Assign(Sheet):
    """To whom."""

    to = forms.ModelChoiceField(label=_("Give it to"), queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = policies.officers()  # type: ignore[attr-defined]


def find(request: HttpRequest, reference: str) -> Case:
    """A case this person may see; nothing otherwise."""
    rows = Case.objects.visible_to(signed_in(request)).select_related("subject", "assigned_to", "suspicion_by")
    return get_object_or_404(rows, reference=reference)


@console_page
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """The page; that it was looked at stands in the audit trail of compliance, not among the customer's looks."""
    row = find(request, reference)
    if request.GET.get("export") == "csv":
        return _table(request, row)
    return _shown(request, row)


ACTS: dict[str, tuple[type[Sheet] | None, str | Promise]] = {
    "claim": (None, _("The case is yours.")),
    "note": (Note, _("The note is added.")),
    "attach": (Attach, _("The file is attached.")),
    "assign": (Assign, _("The case is assigned.")),
    "decide": (Decide, _("Your decision is recorded.")),
    "reopen": (Reopen, _("The case is open again.")),
}


@console_page
def act(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """One thing done to a case, by its form."""
    row = find(request, reference)
    if act not in ACTS or request.method != "POST":
        raise Http404
    kind, said = ACTS[act]
    form = kind(request.POST, request.FILES) if kind else None
    if form is None or form.is_valid():
        try:
            _run(act, row, form, signed_in(request))
        except DomainError as no:
            if form is None or no.status == 404:
                raise
            form.refuse(no)
        else:
            messages.success(request, str(said))
            return go(request, reverse("compliance:case", args=[row.reference]))
    row.refresh_from_db()
    return _shown(request, row, **{act: form})


def _run(act: str, row: Case, form: Sheet | None, user: User) -> None:
    at, given = now(), form.cleaned_data if form else {}
    acts: dict[str, Callable[[], Any]] = {
        "claim": lambda: operations.claim(case=row, by=user, at=at),
        "note": lambda: operations.note(case=row, text=given["text"], by=user, at=at),
        "assign": lambda: operations.assign(case=row, to=given["to"], by=user, at=at),
        "reopen": lambda: operations.reopen(case=row, reason=given["reason"], by=user, at=at),
        "decide": lambda: _decide(row, given, user),
        "attach": lambda: operations.attach(
            case=row, name=given["file"].name, content_type=given["file"].content_type or "application/octet-stream",
            content=given["file"].read(operations.LARGEST + 1), by=user, at=at,
        ),
    }  # fmt: skip
    acts[act]()


def _decide(row: Case, given: dict[str, Any], user: User) -> None:
    does = {
        "close": operations.close,
        "suspect": operations.record_suspicion,
        "report": operations.decide_to_report,
    }[given["decision"]]
    does(case=row, reason=given["reason"], by=user, at=now())


def _shown(request: HttpRequest, row: Case, **forms_: Sheet | None) -> HttpResponse:
    user, at = signed_in(request), now()
    alerts = list(row.alerts.select_related("rule").prefetch_related("parties__person"))
    shown = queries.transactions(alerts)
    if request.method == "GET":
        audit_trail.record("compliance.case.looked_at", on=row, by=user, at=at)
    bound = next((form for form in forms_.values() if form is not None), None)
    facts: dict[str, Any] = {
        "case": row,
        "title": wording.title(alerts),
        "alerts": [(one, wording.sentence(one), wording.measure(one), wording.others(one)) for one in alerts],
        "shown": [(one, wording.way(one.line)) for one in shown],
        "entries": list(row.entries.select_related("by").order_by("pk")),
        "files": list(row.evidence.select_related("by").defer("sealed")),
        "past": queries.past_cases(row),
        "involved": policies.is_involved(user, row),
        "reports": list(row.reports.order_by("-pk")),
        "hits": ScreeningHit.objects.filter(user=row.subject_id, status__in=["OPEN", "CONFIRMED"]).count(),
        "at": at,
        "form": bound,
        "notes": forms_.get("note") or Note(auto_id="note_%s"),
        "attach": forms_.get("attach") or Attach(auto_id="attach_%s"),
        "assign": forms_.get("assign") or Assign(auto_id="assign_%s"),
        "decide": forms_.get("decide") or Decide(),
        "reopen": forms_.get("reopen") or Reopen(),
        "place": "queue",
        **_drawn(row, alerts, [one.line for one in shown]),
    }
    return page(request, "case", status=bound.status if bound else 200, **facts)


def _drawn(row: Case, alerts: list[SuspiciousActivityAlert], lines: list[Any]) -> dict[str, Any]:
    if row.subject_id is None:
        return {}
    bars, scale, words = graph.bars(queries.months(row.subject_id, at=now()))
    flow = queries.flow(lines, row.subject_id, at=now())
    return {"flow": flow, "drawing": graph.draw(flow), "bars": bars, "scale": scale, "bars_words": words}


def _table(request: HttpRequest, row: Case) -> HttpResponse:
    """The transactions as CSV; that they left the console is recorded."""
    audit_trail.record("compliance.case.exported", on=row, by=signed_in(request), at=now())
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.reference}.csv"'
    writer = csv.writer(answer)
    writer.writerow(["at", "account", "type", "counterparty", "amount", "currency", "reference", "rules"])
    for one in queries.transactions(row.alerts.all()):
        line = one.line
        told = [safe_cell(text) for text in (line.counterparty, line.reference)]
        writer.writerow([line.posted_at.isoformat(), line.account.number, line.txn_type, told[0],
                         f"{line.amount.amount}", line.currency, told[1], " ".join(one.codes)])  # fmt: skip
    return answer


@console_page
def evidence(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """A file that was attached, to be saved, never shown by the browser."""
    row = find(request, reference)
    kept = get_object_or_404(Evidence.objects.select_related("case"), case=row, pk=pk)
    audit_trail.record("compliance.case.evidence_read", on=row, by=signed_in(request), at=now())
    answer = HttpResponse(operations.content_of(kept), content_type="application/octet-stream")
    safe = "".join(one if one.isalnum() or one in "._-" else "_" for one in kept.name)
    answer["Content-Disposition"] = f'attachment; filename="{safe}"'
    return answer
