"""What a group can be asked to decide: a form of its own words for each act."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.chamas import acts, operations
from apps.chamas.models import GroupRole
from apps.chamas.policies import NOT_THERE
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError, NotFound
from apps.portals.customer.chama import choices
from apps.portals.customer.chama.proposal_form import CHOOSE, Propose, day_field, pick
from apps.portals.customer.chama.proposing_investments import Bring, Buy, Sell, Value
from apps.portals.customer.chama.room import on, posted, room_of, shown
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField
from apps.portals.customer.pay import fresh_key


class Withdraw(Propose):
    """Savings to a member."""

    about = _("Savings that no loan needs go to the member's account.")
    lists = {"member": choices.members}
    member = pick(_("To whom"))
    minor = AmountField(label=_("How much"))


class Claim(Propose):
    """Welfare for what happened."""

    about = _("The welfare fund pays what the rules say, once for an event.")
    empty = _("The rules of your group name nothing that welfare pays for.")
    lists = {"member": choices.members, "what": choices.claims}
    member = pick(_("To whom"))
    what = forms.ChoiceField(label=_("What happened"), error_messages=CHOOSE)
    happened_on = day_field(_("When"))


class PayTurn(Propose):
    """A turn's pot to whose turn it is."""

    about = _("What the cycle brought goes to the member whose turn it is.")
    empty = _("No turn can be paid out now: none has begun, or all are paid.")
    lists = {"turn": choices.turns}
    turn = pick(_("Whose turn"))
    partial = forms.BooleanField(label=_("Pay what is there, though not everybody has paid"), required=False)


class SkipTurn(Propose):
    """A turn that nobody paid for."""

    about = _("A turn whose cycle is over and for which nothing came is closed, so that the round goes on.")
    empty = _("No turn has begun that is not paid out.")
    lists = {"turn": choices.turns}
    turn = pick(_("Whose turn"))
    reason = forms.CharField(label=_("Reason"), max_length=140)


class Lend(Propose):
    """A loan that was asked for."""

    about = _("The loan is paid out of the pot once all its guarantors agreed.")
    empty = _("Nobody asks for a loan now.")
    lists = {"loan": choices.loans}
    loan = pick(_("Which loan"))


class WriteOff(Propose):
    """A loan that does not come back."""

    about = _(
        "A loan of which an instalment is 90 days late is given up. Savings and shares of who borrowed pay it first;"
        " the rest all lose together. Who borrowed and who stands for it have no say. They can still pay it back."
    )
    empty = _("No loan is 90 days late.")
    lists = {"loan": choices.lost_loans}
    loan = pick(_("Which loan"))
    reason = forms.CharField(label=_("The reason"), max_length=140, error_messages={"required": _("Say why.")})


class Settle(Propose):
    """With who leaves."""

    about = _("Who gave notice is paid savings and shares, less what they owe.")
    empty = _("Nobody has given notice.")
    lists = {"member": choices.leavers}
    member = pick(_("With whom"))


class Waive(Propose):
    """What is unpaid is not owed any more."""

    about = _("What is unpaid of a contribution is not owed any more.")
    empty = _("Everybody has paid.")
    lists = {"contribution": choices.dues}
    contribution = pick(_("Whose contribution"))
    reason = forms.CharField(label=_("The reason"), max_length=140, error_messages={"required": _("Say why.")})


class OnFine(Propose):
    """Kept, or waived."""

    about = _("A fine is kept, or waived.")
    empty = _("There is no open fine.")
    lists = {"fine": choices.fines}
    fine = pick(_("Which fine"))
    keep = forms.BooleanField(label=_("Keep it: it is to be paid"), required=False)


class Refund(Propose):
    """Money meant for another group."""

    about = _("A payment meant for another group is undone here, and paid in there.")
    empty = _("Nothing was paid in yet.")
    lists = {"pay_in": choices.pay_ins, "to": choices.right_groups}
    pay_in = pick(_("Which payment"))
    to = forms.ChoiceField(label=_("The group that was meant"), required=False)
    reason = forms.CharField(label=_("The reason"), max_length=140, error_messages={"required": _("Say why.")})


class Dividend(Propose):
    """On shares."""

    about = _("What was earned is paid out by shares; 5 % tax is withheld.")
    minor = AmountField(label=_("How much in all, before tax"))
    until = day_field(_("Until which day it looks back"))


class ShareOut(Propose):
    """The pot to everybody."""

    about = _("Everybody is paid their savings and shares, and their part of what was earned or lost.")


class End(Propose):
    """The group closes."""

    about = _("Everything is shared out, welfare too, and the group closes for good.")


class Elect(Propose):
    """Another officer."""

    about = _("Members vote on who holds a post; who had it takes the other's place.")
    lists = {"member": choices.members}
    member = pick(_("Whom"))
    role = forms.ChoiceField(label=_("As"), choices=GroupRole.choices)


FORMS: dict[str, type[Propose]] = {
    "WITHDRAW_SAVINGS": Withdraw,
    "PAY_WELFARE": Claim,
    "PAY_TURN": PayTurn,
    "SKIP_TURN": SkipTurn,
    "LEND_TO_MEMBER": Lend,
    "WRITE_OFF_LOAN": WriteOff,
    "SETTLE_LEAVER": Settle,
    "WAIVE_CONTRIBUTION": Waive,
    "DECIDE_FINE": OnFine,
    "REFUND_PAY_IN": Refund,
    "PAY_DIVIDEND": Dividend,
    "ROLE": Elect,
    "BUY_INVESTMENT": Buy,
    "BRING_INVESTMENT": Bring,
    "VALUE_INVESTMENT": Value,
    "SELL_INVESTMENT": Sell,
    "SHARE_OUT": ShareOut,
    "DISSOLVE": End,
}


def proposable() -> list[tuple[str, Promise, Promise]]:
    """Address, name and meaning of all that may be proposed."""
    return [(code.lower(), acts.act(code).name, form.about) for code, form in FORMS.items()]


@require_http_methods(["GET", "POST"])
@customer_page
def propose(request: HttpRequest, slug: str, act: str) -> HttpResponse:
    """Ask the group for one thing."""
    room = room_of(request, slug)
    code = act.upper()
    if code not in FORMS:
        raise NotFound(NOT_THERE)
    begin = {"idempotency_key": fresh_key(), "member": room.me.pk, "until": local_date(now())}
    begin["valued_on"] = local_date(now())
    linked = {
        name: request.GET[name]
        for name in ("member", "loan", "turn", "fine", "what", "investment")
        if name in request.GET
    }
    form = FORMS[code](posted(request), room=room, initial={**begin, **linked})
    if form.is_bound and form.is_valid():
        try:
            made = operations.propose(
                group=room.group,
                act=code,
                facts=form.facts(),
                why=form.cleaned_data["why"],
                key=f"page/{form.cleaned_data['idempotency_key']}",
                by=room.user,
                at=now(),
            )
        except DomainError as no:
            form.refuse(no)
        else:
            return on(request, room, "proposal", made.public_id)
    return shown(request, room, "propose", form, act_name=acts.act(code).name)
