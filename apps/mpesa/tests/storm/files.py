"""The hours of the settlement bank in the storm: cut-offs that come when the test says, and files that go astray."""

from functools import partial

from django.utils import timezone

from apps.accounts.testing import kes
from apps.kernel.clock import local_date, now
from apps.mpesa.tests.storm.bank import Bank
from apps.mpesa.tests.storm.kinds import Town, by_eft, plan_for
from apps.payments.models import BankFile, BankOrder, CutOff, FileStatus

RAILS = ("eft", "rtgs")
ASTRAY = ["", "REJECT", "SILENT", "TIMEOUT", "LOST", "GARBAGE", "TWICE", "STRANGER", "HTTP_500"]


def cut_off(town: Town, *rails: str, outcome: str | None = None) -> None:
    """It is time now: what waits for a file gets into one, of which the bank makes `outcome`, or what chance says.

    A file of the cut-off before may still be on its way to its number, so that the one after it is planned, too. The
    bank finds what went astray before the last one.
    """
    for rail in rails or RAILS:
        made = BankFile.objects.filter(rail=rail).count()
        chosen = town.dice.choice(ASTRAY) if outcome is None else outcome
        for number, fate in {made - 1: "", made + 1: chosen, made + 2: chosen}.items():
            plan_for(town, f"KB-{rail.upper()}-{number:06d}", fate)
        at = now()
        CutOff.objects.create(rail=rail, valid_from=local_date(at), at=timezone.localtime(at).time())


def keep_one_unheard_of(town: Town, bank: Bank, nth: int) -> None:
    """The settlement bank has a file, and as long as it does not answer, nobody here hears that it does."""
    by_eft(town, town.accounts[0], nth, kes("25"))
    mine = BankOrder.objects.filter(payment__payer=town.accounts[0].owner, payment__key=f"out-{nth}")
    bank.until(mine.exists)
    cut_off(town, "eft", outcome="TIMEOUT")
    bank.until(partial(_is_unheard_of, town, mine))


def _is_unheard_of(town, orders):
    there = {row["message"] for row in town.safaricom.house.store.rows("SELECT message FROM ib_file")}
    return orders.filter(file__status=FileStatus.CUT, file__message_id__in=there).exists()
