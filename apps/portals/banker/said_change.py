"""Asking for other words of a message: first how they would read, then a second person decides."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval
from apps.notifications import messages as catalogue
from apps.notifications import operations, queries, texts
from apps.notifications.errors import UnknownMessage
from apps.notifications.models import NotificationTemplate
from apps.notifications.states import Channel
from apps.portals.banker.door import page, staff_page
from apps.portals.banker.said import LANGUAGES, RIGHT
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

LONGEST = 5000
LOOK, ASK, STOP = "look", "ask", "stop"


class Words(Sheet):
    """What it should say; `version` is that of the text that was looked at."""

    where = {"unknown_placeholder": "body"}
    subject = forms.CharField(label=_("Subject"), max_length=150)
    body = forms.CharField(label=_("Text"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8}))
    reason = forms.CharField(label=_("Reason"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, channel: Channel, act: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if channel != Channel.EMAIL:
            del self.fields["subject"]
        self.act = act
        self.fields["reason"].required = act != LOOK  # nobody need say why they look at it

    def clean_body(self) -> str:
        """Lines end as in files, whatever the browser ends them with."""
        return "\n".join(self.cleaned_data["body"].splitlines())

    def clean(self) -> dict[str, Any]:
        """Something must be another."""
        words = self.cleaned_data
        same = all(words.get(name) == self.initial[name].strip() for name in ("subject", "body") if name in words)
        if self.act == ASK and same:
            self.add_error("body", _("It says that already. Nothing was asked for."))
        return words


@staff_page(RIGHT)
def change(request: HttpRequest, app: str, name: str, channel: str, language: str) -> HttpResponse:
    """One text of a message: look at other words with the message's examples, then ask for them."""
    row = _row(f"{app}.{name}", channel, language)
    act = request.POST.get("act", ASK) if request.method == "POST" else ""
    start = {"subject": row.subject, "body": row.body, "version": row.version}
    form = Words(request.POST if act else None, initial=start, channel=Channel(channel), act=act)
    reads = operations.preview(template=row) if row.body else None
    try:
        if form.is_valid():
            if act != LOOK:
                asked = _asked(act, row, form.cleaned_data, signed_in(request))
                return go(request, reverse("admin:approval", args=[asked.pk]))
            words = form.cleaned_data
            reads = operations.preview(template=row, subject=words.get("subject", ""), body=words["body"])
    except DomainError as no:
        form.refuse(no)
    place = {"channel": Channel(channel).label, "language": LANGUAGES[language]}
    known = sorted(catalogue.declared(row.code).placeholders)
    waiting = queries.waiting_texts(row.code).filter(subject=queries.about_text(row.code, channel, language)).first()
    facts = {"code": row.code, "form": form, "reads": reads, "known": known, "waiting": waiting}
    facts["may_stop"] = row.edited_by_id is not None and row.is_active
    return page(request, "said_change", status=form.status, place="said", where=place, **facts)


def _row(code: str, channel: str, language: str) -> NotificationTemplate:
    """The text as it stands, or one that is not written yet with the words that speak in its place."""
    try:
        declared = catalogue.declared(code)
    except UnknownMessage as no:
        raise Http404 from no
    if channel not in declared.channels or language not in catalogue.LANGUAGES:
        raise Http404
    found = NotificationTemplate.objects.filter(code=code, channel=channel, language=language).first()
    speaks, _edited = texts.text_for(code, channel, language)
    row = found or NotificationTemplate(code=code, channel=channel, language=language, version=0)
    row.subject, row.body = speaks.subject, speaks.body
    return row


def _asked(act: str, row: NotificationTemplate, words: dict[str, Any], by: User) -> Approval:
    if act == STOP and row.edited_by_id:
        return operations.ask_text_stop(template=row, reason=words["reason"], by=by, at=now())
    said = {"subject": words.get("subject", ""), "body": words["body"], "reason": words["reason"]}
    if row.pk is None:
        place = {"code": row.code, "channel": row.channel, "language": row.language}
        return operations.ask_new_text(**place, **said, by=by, at=now())
    return operations.ask_text_change(template=row, version=words["version"], is_active=True, **said, by=by, at=now())
