"""Statements: of any period, of past months, and the check that anyone may make of one, of an account or of a group."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from apps.accounts import operations, queries, statements
from apps.accounts.models import Account, Statement
from apps.chamas import operations as chamas
from apps.chamas.models import GroupStatement
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.account import Period, account_page, own_account
from apps.portals.customer.door import customer_page, open_page
from apps.portals.customer.pages import show
from apps.users.doors import signed_in

TOO_MANY = _("Too many statements at once. Wait a minute and try again.")


@require_GET
@customer_page
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """A statement of a period as a file; its seal is kept, so that a copy can be checked."""
    user, at = signed_in(request), now()
    account = own_account(user, pk)
    form = Period(request.GET, account=account, today=local_date(at))
    if form.is_valid():
        kind, first, last = (form.cleaned_data[name] for name in ("kind", "from_date", "to_date"))
        try:
            require("money", caller_of(request), TOO_MANY)
            row, view = operations.make_statement(account=account, from_date=first, to_date=last, by=user, at=at)
        except DomainError as no:
            form.refuse(no)
        else:
            return statements.file_of(row, view, kind, for_people=True)
    return account_page(request, account, period=form)


@require_GET
@customer_page
def monthly(request: HttpRequest, statement_id: uuid.UUID, kind: str) -> HttpResponse:
    """A past month as it was made then."""
    rows = Statement.objects.filter(account__in=Account.objects.held_by(signed_in(request))).select_related(
        "account__owner", "account__product"
    )
    row = get_object_or_404(rows, pk=statement_id)
    require("money", caller_of(request), TOO_MANY)
    view = queries.statement(row.account, row.from_date, row.to_date)
    return statements.file_of(row, view, kind, for_people=True)


@require_GET
@open_page
def verify(request: HttpRequest, statement_id: uuid.UUID) -> HttpResponse:
    """Whether a statement that someone holds says what the books say. For anyone who holds one."""
    require("auth", caller_of(request), _("Too many checks from here. Wait a minute and try again."))
    row = Statement.objects.filter(pk=statement_id).select_related("account").first()
    if row is not None:
        return show(request, "public/verify", row=row, is_genuine=queries.check_statement(row).is_genuine)
    of_group = GroupStatement.objects.filter(pk=statement_id).select_related("group", "member").first()
    if of_group is not None:
        return show(request, "public/verify", row=of_group, is_genuine=chamas.is_genuine(of_group))
    return show(request, "public/verify", row=None, status=404)
