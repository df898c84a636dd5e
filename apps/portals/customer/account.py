"""One account: its page, and what its holder may do with it: name, freeze, close."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import interest, mandates, operations, queries
from apps.accounts.models import Account, AccountStatus, AccountType, Statement, Transaction
from apps.accounts.policies import holds
from apps.kernel.clock import local_date, month_bounds, now
from apps.kernel.errors import DomainError
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.lines import by_day
from apps.portals.customer.pages import done, show
from apps.portals.customer.queries import day_totals
from apps.portals.templatetags.kit import grouped
from apps.users.doors import signed_in
from apps.users.models import BusinessProfile, User


class Nickname(Sheet):
    """What its holder calls it."""

    nickname = forms.CharField(
        label=_("Name"), max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class Period(Sheet):
    """From when to when, and as what kind of file."""

    where = {"statement_too_long": "to_date"}
    from_date = forms.DateField(
        label=pgettext_lazy("day", "From"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Choose the first day."), "invalid": _("Write the first day like 2026-03-01.")},
    )
    to_date = forms.DateField(
        label=pgettext_lazy("day", "To"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("Choose the last day."), "invalid": _("Write the last day like 2026-03-31.")},
    )
    kind = forms.ChoiceField(
        label=_("File"),
        choices=[("pdf", _("PDF, to print or send")), ("csv", _("CSV, for a spreadsheet"))],
        error_messages={"required": _("Choose PDF or CSV."), "invalid_choice": _("Choose PDF or CSV.")},
    )

    def __init__(self, *args: Any, account: Account, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened, self.today = local_date(account.opened_at), today
        for name in ("from_date", "to_date"):
            self.fields[name].widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        """Forwards, and not into the future."""
        first, last = self.cleaned_data.get("from_date"), self.cleaned_data.get("to_date")
        if last and last > self.today:
            self.add_error("to_date", _("That day has not come yet. Choose today or earlier."))
        elif first and last and first > last:
            self.add_error("to_date", _("The last day is before the first. Swap them."))
        return self.cleaned_data


def own_account(user: User, pk: int) -> Account:
    """One's own, or 404."""
    return get_object_or_404(Account.objects.held_by(user).select_related("product", "owner"), pk=pk)


@require_GET
@customer_page
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: money, details, latest lines, statement, freeze."""
    user = signed_in(request)
    row = own_account(user, pk)
    if row.account_type == AccountType.GOAL and row.status != AccountStatus.CLOSED:
        return done(request, "goal", row.goal.public_id)
    if row.account_type == AccountType.FIXED_DEPOSIT and row.status != AccountStatus.CLOSED:
        return done(request, "deposit", row.deposits.order_by("-pk")[0].public_id)
    return account_page(request, row)


def account_page(
    request: HttpRequest, account: Account, form: Sheet | None = None, period: Period | None = None, no: str = ""
) -> HttpResponse:
    """The page, with what a form on it was refused for."""
    user, today = signed_in(request), local_date(now())
    lines = Transaction.objects.filter(account=account)
    latest = list(lines.order_by("-booked_on", "-pk")[:5])
    first = month_bounds(today)[0]
    return show(
        request,
        "money/account",
        period or form,
        holding=queries.holding(account),
        account=account,
        offer=interest.offer(account.product_id, today),
        earned=interest.accrued_on(account.pk, account.currency),
        share=f"{account.owner.full_name}, KitBank, {grouped(account.number)}",
        days=by_day(latest, day_totals(lines, {line.booked_on for line in latest}, account.currency), today),
        nickname=form or Nickname(initial={"nickname": account.nickname}),
        period=period
        or Period(initial={"from_date": first, "to_date": today, "kind": "pdf"}, account=account, today=today),
        monthly=Statement.objects.filter(account=account, is_monthly=True).order_by("-to_date")[:24],
        refused=no,
        thaw=_thaw(account),
        may_manage=holds(user, account),
        firm=BusinessProfile.objects.signed_by(user).filter(party=account.owner_id).first(),
        **({"status": 409} if no else {}),
    )


def _thaw(account: Account) -> dict[str, Any] | None:
    """Who of a business froze its account, how many agreed to let go of it and how many must; None otherwise."""
    asked = mandates.unfreezing(account) if account.status == AccountStatus.FROZEN else None
    if asked is None or account.frozen_by_bank:
        return None
    given = account.unfreezing.filter(user__in=asked.signers).count()
    return {"by": account.frozen_by, "given": given, "needed": asked.needed}


@require_POST
@customer_page
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it a name."""
    user = signed_in(request)
    row, form = own_account(user, pk), Nickname(request.POST)
    if not form.is_valid():
        return account_page(request, row, form)
    operations.rename(account=row, nickname=form.cleaned_data["nickname"], by=user, at=now())
    messages.success(request, gettext("The name is saved."))
    return done(request, "account", pk)


@require_POST
@customer_page
def freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop money leaving, or let it leave again."""
    user = signed_in(request)
    row, thaw = own_account(user, pk), "unfreeze" in request.POST
    try:
        (operations.unfreeze if thaw else operations.freeze)(account=row, by=user, at=now())
    except DomainError as no:
        return account_page(request, row, no=str(no))
    frozen = gettext("The account is frozen. Money can still come in.")
    free = gettext("Money can leave this account again.")
    agreed = gettext("You agreed. Money can leave again once others who sign have agreed too.")
    row.refresh_from_db(fields=["status"])
    messages.success(request, (agreed if row.status == "FROZEN" else free) if thaw else frozen)
    return done(request, "account", pk)


@require_http_methods(["GET", "POST"])
@customer_page
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an empty account, after one more look."""
    user = signed_in(request)
    row = own_account(user, pk)
    if request.method == "GET":
        return show(request, "money/close", account=row, holding=queries.holding(row))
    try:
        operations.close(account=row, by=user, at=now())
    except DomainError as no:
        return show(request, "money/close", account=row, holding=queries.holding(row), refused=str(no), status=409)
    messages.success(request, gettext("The account is closed. Its statements stay here."))
    return done(request, "account", pk)
