"""What the bank says: how messages fared by day, channel and text, and how each text reads in both languages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.notifications import messages as catalogue
from apps.notifications import operations, queries, texts
from apps.notifications.errors import UnknownMessage
from apps.notifications.models import NotificationTemplate
from apps.notifications.models.template import Language
from apps.notifications.queries import DayFigures
from apps.notifications.states import Channel
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet

RIGHT = "notifications.manage_content"
_DAY = {"type": "date"}
LONGEST = 92  # days on the page; by API a year
MOST_WAITING = 50
LANGUAGES = {str(language): str(language.label) for language in Language}


class Days(Sheet):
    """From when to when."""

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    last = forms.DateField(label=_("To"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        """Forwards, and not too many."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first. Swap them."))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last", _("Choose three months at most."))
        return self.cleaned_data


@dataclass(frozen=True, slots=True)
class Total:
    """Figures added up over what `name` and `channel` stand for."""

    name: Any
    channel: str
    written: int
    sent: int
    delivered: int
    failed: int
    opted_out: int

    @property
    def channel_label(self) -> str:
        """In words."""
        return str(Channel(self.channel).label)


_FIGURES = ("written", "sent", "delivered", "failed", "opted_out")


def totals(rows: Iterable[DayFigures], name_of: Callable[[DayFigures], Any]) -> list[Total]:
    """Added up by name and channel, in the order in which they come."""
    sums: dict[tuple[Any, str], list[int]] = {}
    for row in rows:
        so_far = sums.setdefault((name_of(row), row.channel), [0] * len(_FIGURES))
        for nth, figure in enumerate(_FIGURES):
            so_far[nth] += getattr(row, figure)
    return [Total(name, channel, *figures) for (name, channel), figures in sums.items()]


@staff_page(RIGHT)
def said(request: HttpRequest) -> HttpResponse:
    """By day and channel, by text and channel; every text leads to how it reads."""
    today = local_date(now())
    first = {"first": today - timedelta(days=6), "last": today}
    form = Days(request.GET if request.GET else None, initial=first)
    period = form.cleaned_data if form.is_bound and form.is_valid() else first
    code = request.GET.get("code", "")
    rows = queries.by_day(period["first"], period["last"])
    chosen = [row for row in rows if row.code == code] if code else rows
    return page(
        request,
        "said",
        status=form.status,
        form=form,
        by_day=totals(chosen, lambda row: row.day),
        by_text=sorted(totals(rows, lambda row: row.code), key=lambda one: (one.name, one.channel)),
        code=code,
        texts=[one.code for one in catalogue.everything()],
        waiting=_waiting(),
        period=period,
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as people read it, and where it is changed."""

    change: str
    channel: str
    language: str
    subject: str
    body: str
    segments: int | None
    edited: bool


@staff_page(RIGHT)
def text(request: HttpRequest, app: str, name: str) -> HttpResponse:
    """One message on each of its channels, English beside Kiswahili, filled in with its examples."""
    try:
        declared = catalogue.declared(f"{app}.{name}")
    except UnknownMessage as no:
        raise Http404 from no
    places = [(channel, language) for channel in declared.channels for language in catalogue.LANGUAGES]
    readings = [_read(declared.code, channel, language) for channel, language in places]
    return page(request, "said_text", place="said", said=declared, readings=readings, waiting=_waiting(declared.code))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request changes the words of a message."""

    row: Approval
    code: str
    channel: str
    language: str


def _place(row: Approval) -> Place:
    asked = row.payload
    return Place(row, asked["code"], str(Channel(asked["channel"]).label), LANGUAGES[asked["language"]])


def _waiting(code: str = "") -> list[Place]:
    return [_place(row) for row in queries.waiting_texts(code).select_related("maker")[:MOST_WAITING]]


def changed_text(row: Approval) -> dict[str, Any]:
    """A request for other words as its page shows it: the words, how they read in each language before and after, and
    what else of this message waits.
    """
    before, after = operations.readings_of(row)
    words = [
        (name, row.before.get(field, ""), row.after.get(field, ""))
        for name, field in ((_("Subject"), "subject"), (_("Text"), "body"))
        if row.before.get(field) or row.after.get(field)
    ]
    return {
        "place": _place(row),
        "is_known": catalogue.is_declared(row.payload["code"]),
        "words": words,
        "was_used": row.before.get("in use"),
        "is_used": row.after["in use"],
        "reads": [(name, before[language], after[language]) for language, name in LANGUAGES.items()],
        "beside": [one for one in _waiting(row.payload["code"]) if one.row.pk != row.pk],
    }


def _read(code: str, channel: Channel, language: str) -> Reading:
    found, row = texts.text_for(code, channel, language)
    draft = NotificationTemplate(code=code, channel=channel, language=language, subject=found.subject, body=found.body)
    shown = operations.preview(template=draft)
    edited = row is not None and row.edited_by_id is not None
    change = reverse("admin:said-change", args=[*code.split("."), str(channel), language])
    return Reading(
        change, str(channel.label), LANGUAGES[language], shown["subject"], shown["body"], shown["segments"], edited
    )
