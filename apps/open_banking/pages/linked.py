"""`/accounts/linked`: accounts at other banks, linked to be read here, and taken away again."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import elsewhere
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.open_banking import operations
from apps.open_banking.models import LinkedAccount, LinkedBank, LinkStatus, OtherBank, Trouble
from apps.open_banking.operations.link import address_of
from apps.open_banking.pages.door import SeeOther, customer_page, show
from apps.users.doors import signed_in
from apps.users.models import User

PAGE = 50


class Choose(forms.Form):
    """Which bank."""

    bank = forms.ModelChoiceField(
        label=gettext_lazy("Bank"), queryset=OtherBank.objects.none(), to_field_name="public_id",
        widget=forms.Select(attrs={"class": "input"}), empty_label=None,
        error_messages={"required": gettext_lazy("Choose a bank. Nothing was linked."),
                        "invalid_choice": gettext_lazy("Choose a bank from the list. Nothing was linked.")},
    )  # fmt: skip


def _own(user: User, public_id: uuid.UUID) -> LinkedBank:
    return get_object_or_404(LinkedBank.objects.owned_by(user).select_related("bank"), public_id=public_id)


@require_GET
@customer_page
def linked(request: HttpRequest) -> HttpResponse:
    """Every link with its accounts, as of when, and what is the matter with it."""
    user = signed_in(request)
    held = elsewhere.held_by(user).accounts
    links = [(link, [one for one in held if one.bank == link.bank.name]) for link in _shown(user)]
    return show(request, "linked", place="money", links=links, can_link=_banks().exists())


def _shown(user: User) -> list[LinkedBank]:
    return list(LinkedBank.objects.owned_by(user).shown())


def _banks() -> QuerySet[OtherBank]:
    return OtherBank.objects.filter(is_active=True).order_by("name")


@require_http_methods(["GET", "POST"])
@customer_page
def add(request: HttpRequest) -> HttpResponse:
    """Choose a bank; the next page leads there."""
    user = signed_in(request)
    form = Choose(request.POST if request.method == "POST" else None, label_suffix="")
    bank: Any = form.fields["bank"]
    bank.queryset = _banks()
    status = 200
    if form.is_bound and form.is_valid():
        try:
            link = operations.begin_link(bank=form.cleaned_data["bank"], by=user, at=now())
        except DomainError as no:
            form.add_error(None, str(no))
            status = no.status
        else:
            return SeeOther(reverse("open_banking:linked-go", args=[link.public_id]))
    elif form.is_bound:
        status = 422
    return show(request, "linked_add", status=status, place="money", form=form, can_link=_banks().exists())


@require_GET
@customer_page
def go(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The way to the other bank: a link, because the bank's forms lead nowhere but to the bank."""
    link = _own(signed_in(request), public_id)
    if link.status != LinkStatus.WAITING or not link.pending:
        return SeeOther(reverse("open_banking:linked"))
    return show(request, "linked_go", place="money", link=link, address=address_of(link))


@require_GET
@customer_page
def back(request: HttpRequest) -> HttpResponse:
    """The customer comes back from the other bank; `state` says from which link, once."""
    given, user = request.GET, signed_in(request)
    try:
        link = operations.finish_link(
            state=given.get("state", "")[:200], code=given.get("code", ""), issuer=given.get("iss", "")[:200],
            error=given.get("error", "")[:40], by=user, at=now(), address=request.META.get("REMOTE_ADDR", ""),
        )  # fmt: skip
    except DomainError as no:
        messages.error(request, str(no))
    else:
        said = Trouble(link.because).label if link.because else _("Linked. You can take it away at any time.")
        (messages.warning if link.because else messages.success)(request, said)
    return SeeOther(reverse("open_banking:linked"))


@require_GET
@customer_page
def account(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One account with its lines, newest first."""
    rows = LinkedAccount.objects.select_related("link__bank").filter(link__in=_shown(signed_in(request)))
    row = get_object_or_404(rows, public_id=public_id)
    page = Paginator(row.lines.order_by("-booked_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    return show(request, "linked_account", place="money", account=row, link=row.link, lines=page)


@require_POST
@customer_page
def read(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask the other bank now."""
    user = signed_in(request)
    link = _own(user, public_id)
    try:
        operations.read_link(link=link, by=user, at=now(), address=request.META.get("REMOTE_ADDR", ""))
    except DomainError as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("Read just now."))
    return SeeOther(reverse("open_banking:linked"))


@require_http_methods(["GET", "POST"])
@customer_page
def unlink(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Take it away, after one more look."""
    user = signed_in(request)
    link = _own(user, public_id)
    if request.method == "GET":
        return show(request, "linked_unlink", place="money", link=link)
    row = operations.unlink(link=link, by=user, at=now())
    done = _("Taken away. What was read is deleted here, and the other bank has ended the access.")
    later = _("Taken away. What was read is deleted here; the other bank does not answer now and is told later.")
    messages.success(request, done if row.ended_there_at else later)
    return SeeOther(reverse("open_banking:linked"))
