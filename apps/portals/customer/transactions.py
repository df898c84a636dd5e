"""Every line of one's accounts: searched, narrowed, paged by place, and one of them as a receipt."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from apps.accounts import line_files
from apps.accounts.models import Account, Transaction, TransactionQuerySet, TransactionType
from apps.accounts.policies import holds
from apps.kernel.clock import local_date, month_bounds, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer import queries
from apps.portals.customer.door import customer_page, is_partial
from apps.portals.customer.forms import AmountField, Sheet, read_id
from apps.portals.customer.lines import by_day, shown
from apps.portals.customer.pages import part, show
from apps.portals.customer.statements import TOO_MANY
from apps.portals.templatetags.kit import day, month_name, plain_money, short_reference
from apps.users.doors import signed_in
from apps.users.models import User

ON_A_PAGE = 25
_DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class Narrow(Sheet):
    """What to look for; everything may be left out."""

    q = forms.CharField(
        label=_("Search"), max_length=80, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    month = forms.RegexField(
        r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        label=_("Month"),
        required=False,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-03"}),
        error_messages={"invalid": _("Write the month like 2026-03.")},
    )
    from_date = forms.DateField(
        label=pgettext_lazy("day", "From"),
        required=False,
        widget=_DAY,
        error_messages={"invalid": _("Write the first day like 2026-03-01.")},
    )
    to_date = forms.DateField(
        label=pgettext_lazy("day", "To"),
        required=False,
        widget=_DAY,
        error_messages={"invalid": _("Write the last day like 2026-03-31.")},
    )
    direction = forms.ChoiceField(
        label=_("In or out"),
        required=False,
        choices=[("", _("In and out")), ("in", _("Money in")), ("out", _("Money out"))],
    )
    type = forms.ChoiceField(label=_("Kind"), required=False)
    account = forms.ModelChoiceField(
        label=_("Account"), required=False, queryset=Account.objects.none(), empty_label=_("All accounts")
    )
    least = AmountField(label=_("From amount"), required=False)
    most = AmountField(label=_("To amount"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [("", _("Every kind")), *TransactionType.choices]  # type: ignore[attr-defined]
        accounts: Any = self.fields["account"]
        accounts.queryset = Account.objects.held_by(user).in_order()
        accounts.label_from_instance = lambda row: f"{row.name} {row.masked_number}"

    def clean(self) -> dict[str, Any]:
        """Forwards."""
        first, last = self.cleaned_data.get("from_date"), self.cleaned_data.get("to_date")
        if first and last and first > last:
            self.add_error("to_date", _("The last day is before the first. Swap them."))
        return self.cleaned_data

    def narrowed(self, lines: TransactionQuerySet) -> TransactionQuerySet:
        """The lines that fit."""
        asked = self.cleaned_data
        if text := asked.get("q"):
            words = ("description", "counterparty", "merchant", "reference")
            lines = lines.filter(Q(*((f"{word}__icontains", text) for word in words), _connector=Q.OR))
        if month := asked.get("month"):
            lines = lines.filter(booked_on__range=month_bounds(date.fromisoformat(f"{month}-01")))
        if first := asked.get("from_date"):
            lines = lines.filter(booked_on__gte=first)
        if last := asked.get("to_date"):
            lines = lines.filter(booked_on__lte=last)
        if kind := asked.get("type"):
            lines = lines.filter(txn_type=kind)
        if account := asked.get("account"):
            lines = lines.filter(account=account)
        if way := asked.get("direction"):
            lines = lines.filter(amount_minor__gt=0) if way == "in" else lines.filter(amount_minor__lt=0)
        if least := asked.get("least"):
            lines = lines.of_size(least=least.amount)
        if most := asked.get("most"):
            lines = lines.of_size(most=most.amount)
        return lines

    def in_words(self) -> list[str]:
        """What was asked, as a person would say it."""
        asked, said = self.cleaned_data, []
        if text := asked.get("q"):
            said.append(gettext("with “%(text)s”") % {"text": text})
        if month := asked.get("month"):
            first = date.fromisoformat(f"{month}-01")
            said.append(gettext("in %(month)s") % {"month": f"{month_name(first)} {first.year}"})
        if since := asked.get("from_date"):
            said.append(gettext("from %(day)s") % {"day": day(since)})
        if last := asked.get("to_date"):
            said.append(gettext("to %(day)s") % {"day": day(last)})
        if way := asked.get("direction"):
            said.append(gettext("money in") if way == "in" else gettext("money out"))
        if kind := asked.get("type"):
            said.append(str(dict(TransactionType.choices)[kind]).lower())
        if account := asked.get("account"):
            said.append(gettext("on %(account)s") % {"account": f"{account.name} {account.masked_number}"})
        if least := asked.get("least"):
            said.append(gettext("from %(amount)s") % {"amount": plain_money(least)})
        if most := asked.get("most"):
            said.append(gettext("up to %(amount)s") % {"amount": plain_money(most)})
        return said


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first, and where the next ones begin."""

    lines: list[Transaction]
    more: str  # the query of the next page; empty at the end


def _page(lines: TransactionQuerySet, asked: dict[str, str], before: str, day_before: date | None) -> Page:
    """By day, then by place: a line the bank books for yesterday stands under yesterday."""
    if (last := read_id(before)) and day_before:
        lines = lines.filter(Q(booked_on__lt=day_before) | Q(booked_on=day_before, pk__lt=last))
    found = list(lines.select_related("account").order_by("-booked_on", "-pk")[: ON_A_PAGE + 1])
    here = found[:ON_A_PAGE]
    if len(found) <= ON_A_PAGE:
        return Page(here, "")
    return Page(here, urlencode(asked | {"before": here[-1].pk, "day": here[-1].booked_on.isoformat()}))


@require_GET
@customer_page
def transactions(request: HttpRequest) -> HttpResponse:
    """Lines by day, 25 at a time; the filter lives in the address."""
    user = signed_in(request)
    asked, form = _asked(request, user)
    everything = Transaction.objects.held_by(user)
    lines = form.narrowed(everything) if form.is_valid() else everything.none()
    after = _day(request.GET.get("day", ""))
    page = _page(lines, asked, request.GET.get("before", ""), after)
    totals = queries.day_totals(lines, {line.booked_on for line in page.lines})
    facts = {
        "days": by_day(page.lines, totals, local_date(now()), after if is_partial(request) else None),
        "more": page.more,
        "asked": form.in_words() if form.is_valid() else [],
        "as_file": urlencode(asked),
    }
    if is_partial(request) and request.GET.get("before"):
        return part(request, "money/_lines", only_lines=True, **facts)
    if is_partial(request):
        return part(request, "money/_found", form=form, **facts)
    return show(request, "money/transactions", form, **facts)


def _asked(request: HttpRequest, user: User) -> tuple[dict[str, str], Narrow]:
    asked = {name: str(value) for name, value in request.GET.items() if name in Narrow.base_fields and value}
    return asked, Narrow(asked, user=user)


@require_GET
@customer_page
def as_file(request: HttpRequest, kind: str) -> HttpResponse:
    """What the page finds, all of it, as CSV or PDF."""
    user, at = signed_in(request), now()
    _fields, form = _asked(request, user)
    if form.is_valid():
        lines = form.narrowed(Transaction.objects.held_by(user))
        try:
            require("money", caller_of(request), TOO_MANY)
            return line_files.file_of(lines, kind=kind, owner=user, asked=form.in_words(), at=at, for_people=True)
        except DomainError as no:
            form.refuse(no)
    return show(request, "money/transactions", form, days=[], more="", asked=form.in_words(), as_file="")


def _day(text: str) -> date | None:
    """A day from the address; one that does not exist is none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


@require_GET
@customer_page
def transaction(request: HttpRequest, pk: int) -> HttpResponse:
    """One line as a receipt."""
    user = signed_in(request)
    line = get_object_or_404(Transaction.objects.held_by(user).select_related("account__owner"), pk=pk)
    row, payment = shown(line), queries.payment_of(line)
    reference = short_reference(line.reference)
    said = gettext("%(title)s, %(amount)s, %(day)s, reference %(reference)s. KitBank")
    if not reference:
        said = gettext("%(title)s, %(amount)s, %(day)s. KitBank")
    words = {"title": row.title, "amount": plain_money(line.amount), "day": day(line.posted_at), "reference": reference}
    return show(
        request,
        "money/transaction",
        line=line,
        row=row,
        payment=payment,
        own_payment=payment is not None and payment.payer_id == user.pk,
        may_report=holds(user, line.account),
        together=queries.with_it(line),
        is_mpesa_receipt=line.category == "top-up",
        reference=reference,
        share=said % words,
    )
