"""Paying into a group, or a loan of it back, by its reference, now or by standing order: a rail inside the bank."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.chamas import purposes
from apps.chamas.errors import Invalid
from apps.chamas.operations import incoming
from apps.chamas.operations.investment_money import require_exact
from apps.chamas.operations.repay_loan import owed_on
from apps.kernel.clock import local_date
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.money import CurrencyMismatch, Money
from apps.payments import operations as payments
from apps.payments.models import Payment
from apps.payments.rails import Destination
from apps.users.rules import half_name

NOBODY = _("No member of a group has this reference any more. No money moved.")


class ChamaRail:
    """`asked` is the reference of a member, whose oldest dues it pays, of a loan, of an investment that earned
    something, or of a sale of one; anybody may pay for them.
    """

    code = "chama"
    settlement = incoming.CLEARING

    def destination(self, *, kind: str, asked: dict[str, Any], amount: Money, at: datetime) -> Destination:
        """Whose reference it is, as payers may know: half a name and the group's. Raises NotFound, CurrencyMismatch,
        and Invalid for more than a loan owes.
        """
        reference = "".join(str(asked.get("reference", "")).split()).upper()
        if thing := _of_an_investment(reference, amount, at):
            return thing
        loan = purposes.loan_of(reference)
        member = loan.member if loan else purposes.member_of(reference)
        if member is None:
            raise NotFound(_("No member of a group has this reference. Look at it again. No money moved."))
        if amount.currency != member.group.currency:
            raise CurrencyMismatch(_("The group saves in %(currency)s.") % {"currency": member.group.currency})
        if loan and amount > owed_on(loan, local_date(at)):
            raise Invalid(_("That is more than is owed. No money moved."), errors={"amount": [_("More than is owed.")]})
        name = f"{half_name(member.user.full_name)}, {member.group.name}"
        return Destination(name, reference, f"chama/{reference}", {"reference": reference})

    def arrives(self, kind: str) -> Any:
        """At once."""
        return _("At once")

    def send(self, *, payment: Payment, at: datetime) -> None:
        """Pay it in, or tell the payer why the group does not take it; their money is free again then."""
        try:
            paid = incoming.take_order(payment=payment, at=at)
        except DomainError as no:
            payments.fail(payment=payment, because=str(no), at=at)
            return
        if paid is None:
            payments.fail(payment=payment, because=str(NOBODY), at=at)

    def ask(self, *, payment: Payment, at: datetime) -> None:
        """Asked again it is paid in once: the payment's own id is the key."""
        self.send(payment=payment, at=at)


def _of_an_investment(reference: str, amount: Money, at: datetime) -> Destination | None:
    """What an investment earned, or the price of what is sold. Raises CurrencyMismatch, Invalid, AlreadyDone."""
    sale = purposes.sale_of(reference)
    investment = sale.investment if sale else purposes.investment_of(reference)
    if investment is None:
        return None
    if amount.currency != investment.currency:
        raise CurrencyMismatch(_("The group saves in %(currency)s.") % {"currency": investment.currency})
    if sale:
        require_exact(sale, amount, at)
    name = f"{investment.name}, {investment.group.name}"
    return Destination(name[:140], reference, f"chama/{reference}", {"reference": reference})
