"""Airtime as a way out of the bank: to a phone of a Kenyan network, by Africa's Talking.

It lives in payments itself: it needs payments, no app on the floor above is about airtime, and an app of its own there
would hold one rail and nothing a customer calls by name. The SMS adapter's floor (notifications, 2) is below payments
and so cannot settle one.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.kernel.known import known_as
from apps.kernel.money import Money
from apps.payments import networks, operations
from apps.payments.errors import BadAirtimeAmount, BadAirtimePhone, RailNotConnected
from apps.payments.models import Payment
from apps.payments.rails import Destination
from apps.users.rules import Unreadable, shown_phone

LEAST, MOST = Money.of(5, "KES"), Money.of(10_000, "KES")


class AirtimeRail:
    """`asked`: `{"phone"}`."""

    code, settlement = "airtime", "airtime:payable"

    def destination(self, *, kind: str, asked: dict[str, Any], amount: Money, at: datetime) -> Destination:
        """Read, with its network; no provider is asked. Raises BadAirtimePhone, BadAirtimeAmount, RailNotConnected."""
        if kind != TransactionType.AIRTIME:
            raise RailNotConnected(_("That way of paying is not connected yet. No money moved."))
        if amount.currency != "KES" or amount.minor % 100 or not LEAST <= amount <= MOST:
            raise BadAirtimeAmount(
                _("Airtime is sold in whole shillings, from %(least)s to %(most)s. No money moved.")
                % {"least": LEAST, "most": MOST}
            )
        try:
            phone, network = networks.airtime_phone(str(asked.get("phone", "")))
        except Unreadable:
            raise BadAirtimePhone(
                _("Write a Safaricom, Airtel or Telkom number of Kenya, like 0712 345 908. No money moved.")
            ) from None
        data = {"phone": phone, "network": network}
        return Destination(f"Airtime, {network}", shown_phone(phone), known_as(f"airtime/{phone}"), data)

    def arrives(self, kind: str) -> Any:
        """In a minute."""
        return _("Mostly within a minute")

    def send(self, *, payment: Payment, at: datetime) -> None:
        """See `operations.send_airtime`."""
        operations.send_airtime(payment=payment, at=at)

    def ask(self, *, payment: Payment, at: datetime) -> None:
        """See `operations.ask_about_airtime`."""
        operations.ask_about_airtime(payment=payment, at=at)
