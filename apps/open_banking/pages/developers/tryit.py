"""`/developers/try/<operation>`: a form, the answer, and the command that says the same."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.kernel import meanings
from apps.open_banking.pages.developers import inside, operations
from apps.open_banking.pages.developers.door import show
from apps.open_banking.pages.developers.samples import curl
from apps.users.pages import person_page

_USUAL = {"bank_id": settings.OPEN_BANKING_BANK_ID, "view_id": "owner"}


class Try(forms.Form):
    """What a call needs; its parameters are fields of the same names behind `p_`."""

    token = forms.CharField(
        label=_("Access token"), required=False, max_length=4000,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "off"}),
    )  # fmt: skip
    body = forms.CharField(
        label=_("Body"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"class": "input mono", "rows": 8, "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args: Any, one: operations.Operation, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        if not one.token:
            del self.fields["token"]
        if one.method == "GET":
            del self.fields["body"]
        else:
            self.fields["body"].initial = one.example
        for parameter in one.parameters:
            if parameter.place in {"path", "query"}:
                self.fields[f"p_{parameter.name}"] = forms.CharField(
                    label=parameter.name, required=parameter.is_required, max_length=255,
                    initial=_USUAL.get(parameter.name, ""),
                    widget=forms.TextInput(attrs={"class": "input mono", "autocomplete": "off"}),
                )  # fmt: skip
        self.order_fields([name for name in self.fields if name.startswith("p_")])

    def clean_body(self) -> str:
        """JSON, or nothing."""
        given = str(self.cleaned_data["body"]).strip()
        if given:
            try:
                json.loads(given)
            except (ValueError, RecursionError) as no:
                raise forms.ValidationError(gettext("This is not JSON. Nothing was sent.")) from no
        return given


@require_http_methods(["GET", "POST"])
@person_page
def tryit(request: HttpRequest, slug: str) -> HttpResponse:
    """One operation. Its token is used for this call and kept nowhere."""
    one = operations.everything().get(slug)
    if one is None or not one.can_be_tried:
        raise Http404
    form = Try(request.POST if request.method == "POST" else None, one=one)
    facts: dict[str, Any] = {"form": form, "one": one}
    if not form.is_bound:
        return show(request, "try", "reference", **facts)
    if form.is_valid():
        asked = form.cleaned_data
        given = {name[2:]: str(value) for name, value in asked.items() if name.startswith("p_")}
        try:
            sent = inside.call(one, given, token=asked.get("token", ""), body=asked.get("body", ""), asked_by=request)
        except inside.Unfit as no:
            form.add_error(f"p_{no}", gettext("Use letters, numbers, dots, dashes and underscores. Nothing was sent."))
        else:
            written = curl(
                one.method, f"{settings.PUBLIC_ADDRESS}{sent.path}", body=sent.body, has_token=bool(one.token)
            )
            return show(request, "try", "reference", **facts, sent=sent, written=written, meaning=_meaning(sent))
    return show(request, "try", "reference", status=422, **facts)


def _meaning(sent: inside.Sent) -> meanings.Meaning | None:
    """Why it was refused, when it was."""
    if sent.status < 400:
        return None
    try:
        said = json.loads(sent.said)
    except ValueError:
        return None
    message = str(said.get("message", ""))
    return meanings.of(message[:9] if message.startswith("OBP-") else str(said.get("code", "")))
