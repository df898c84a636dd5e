"""The treasurer's sheet at a meeting, on a phone: who is here and what they give with one tap each; the cash is paid in
from an account afterwards.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Account
from apps.chamas import operations, policies, queries
from apps.chamas.models import CashNote, GroupRole, Membership, Presence
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import BadAmount
from apps.kernel.throttles import caller_of, require
from apps.portals.amounts import read_amount, typed
from apps.portals.customer.chama.room import Room, on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet, read_id
from apps.portals.customer.pay import TOO_MANY, OwnAccount, fresh_key

TICKS = ((Presence.PRESENT, _("Here")), (Presence.APOLOGY, _("Apology")), (Presence.ABSENT, _("Not here")))


def _everybody(row: queries.Row) -> bool:
    return True


# A large group is gone through by who is missing: not ticked yet, or still owing.
SHOWN: dict[str, Callable[[queries.Row], bool]] = {
    "unticked": lambda row: not row.presence,
    "owing": lambda row: bool(row.left),
}


class PayIn(Sheet):
    """From which account of the treasurer."""

    where = {"insufficient_funds": "from_account"}
    from_account = OwnAccount(label=_("From"))

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, initial={"from_account": room.me.account_id}, **kwargs)
        own: Any = self.fields["from_account"]
        payable = Account.objects.owned_by(room.user).to_pay_from()
        own.queryset = payable.filter(currency=room.group.currency).in_order()


@require_http_methods(["GET", "POST"])
@customer_page
def sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """Every member a row. Noting cash moves no money; the member confirms it, and then it is paid in."""
    room = room_of(request, slug)
    policies.require_role(room.user, room.group, GroupRole.TREASURER)
    if request.method != "POST":
        return _page(request, room)
    rows = Membership.objects.active().filter(group=room.group).select_related("group", "user")
    said = request.POST.get("member", "")
    member = get_object_or_404(rows, pk=read_id(said))
    try:
        amount = read_amount(request.POST.get("amount", ""), room.group.currency)
        if amount.minor <= 0:
            raise BadAmount(_("Write an amount of more than zero."))
        key = f"sheet/{request.POST.get('key', '')[:64]}/{member.pk}"
        operations.record_cash(member=member, amount=amount, key=key, by=room.user, at=now())
    except DomainError as no:
        return _page(request, room, no=no, wrong=member.pk)
    return on(request, room, "sheet", query=f"{kept_view(request)}#m{member.pk}")


def kept_view(request: HttpRequest) -> str:
    """The query of the part of the sheet that was looked at."""
    show = request.POST.get("show", "")
    return f"?show={show}" if show in SHOWN else ""


def _page(
    request: HttpRequest, room: Room, no: DomainError | None = None, wrong: int = 0, form: PayIn | None = None
) -> HttpResponse:
    seen, key = queries.sheet(room.group, room.me, at=now()), fresh_key()
    show = request.GET.get("show", "")
    rows = [(row, typed(row.left) if row.left else "") for row in seen.rows if SHOWN.get(show, _everybody)(row)]
    status: dict[str, Any] = {"status": no.status} if no else {}
    return shown(
        request,
        room,
        "sheet",
        seen=seen,
        rows=rows,
        key=key,
        presences=TICKS,
        show=show if show in SHOWN else "",
        pay_in=form or PayIn(room=room),
        refused=str(no) if no else "",
        wrong=wrong,
        **status,
    )


@require_POST
@customer_page
def bank(request: HttpRequest, slug: str) -> HttpResponse:
    """Pay in what members confirmed, one payment for each; what was paid in before is left alone."""
    room = room_of(request, slug)
    policies.require_role(room.user, room.group, GroupRole.TREASURER)
    form = PayIn(posted(request), room=room)
    if not form.is_valid():
        return _page(request, room, form=form)
    notes = CashNote.objects.filter(group=room.group, treasurer=room.me, status="CONFIRMED")
    done = 0
    try:
        require("money", caller_of(request), TOO_MANY)
        for note in notes.select_related("treasurer__account", "treasurer__user").order_by("pk"):
            source = form.cleaned_data["from_account"]
            operations.bank_cash(note=note, from_account=source, by=room.user, at=now())
            done += 1
    except DomainError as no:
        if done:
            messages.success(request, gettext("%(n)s were paid in before this.") % {"n": done})
        return _page(request, room, no=no)
    messages.success(request, gettext("Paid in. It stands in the ledger of the group."))
    return on(request, room, "sheet")
