"""The rails to other banks. They register here, not from a floor above: no app above owns them (decision 0015)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.payments import rails
from apps.payments.banks import places
from apps.payments.errors import RailNotConnected
from apps.payments.models import Channel, OutRail, Payment
from apps.payments.operations.banks import cut_offs, orders


class Online:
    """PesaLink: one transfer, one answer, at any hour."""

    code, settlement, channel = "pesalink", "pesalink:settlement", Channel.PESALINK

    def destination(self, *, kind: str, asked: dict[str, Any], amount: Money, at: datetime) -> rails.Destination:
        """See `places.at_bank`."""
        return places.at_bank(asked=asked, amount=amount, at=at, rail=self.code)

    def arrives(self, kind: str) -> Any:
        """Mostly at once."""
        return _("Mostly within a minute")

    def send(self, *, payment: Payment, at: datetime) -> None:
        """See `orders.send_online`."""
        orders.send_online(payment=payment, rail=OutRail(self.code), channel=self.channel, at=at)

    def ask(self, *, payment: Payment, at: datetime) -> None:
        """See `orders.ask_online`."""
        orders.ask_online(payment=payment, rail=OutRail(self.code), channel=self.channel, at=at)


class Abroad(Online):
    """A partner in other countries, who holds money of ours in their currencies. Destinations come with a quote."""

    code, settlement, channel = "abroad", "abroad:settlement", Channel.ABROAD

    def destination(self, *, kind: str, asked: dict[str, Any], amount: Money, at: datetime) -> rails.Destination:
        """Only by `remit.send_abroad`: a standing order or a file has no rate to promise."""
        raise RailNotConnected(_("Money abroad is sent from its own page, with the rate of the moment."))

    def arrives(self, kind: str) -> Any:
        """The quote says the day."""
        return _("On the day told, mostly sooner")


class ByFile:
    """EFT and RTGS: payments wait for the next cut-off of a working day."""

    settlement, channel, is_slow = "bank:settlement", Channel.BANK, True

    def __init__(self, code: OutRail) -> None:
        self.code = str(code.value)

    def destination(self, *, kind: str, asked: dict[str, Any], amount: Money, at: datetime) -> rails.Destination:
        """See `places.at_bank`."""
        return places.at_bank(asked=asked, amount=amount, at=at, rail=self.code)

    def arrives(self, kind: str) -> Any:
        """The day, by the next cut-off."""
        return cut_offs.arrival_words(OutRail(self.code), now())

    def send(self, *, payment: Payment, at: datetime) -> None:
        """It waits for its file."""
        orders.wait_for_file(payment=payment, rail=OutRail(self.code), at=at)

    def ask(self, *, payment: Payment, at: datetime) -> None:
        """Files are asked about as a whole."""


def register() -> None:
    """All of them."""
    for one in (Online(), Abroad(), ByFile(OutRail.EFT), ByFile(OutRail.RTGS)):
        rails.register(one)
