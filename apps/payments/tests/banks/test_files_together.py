"""Workers who carry files at the same time: none stops another, and a file is over when all that is in it is."""

from apps.kernel.clock import now
from apps.kernel.testing import at_once, refusals
from apps.payments.models import BankFile, Channel, Payment
from apps.payments.operations import banks
from apps.payments.tests.banks.desk import sound
from apps.payments.tests.banks.orders import FRIDAY, eft, on


def cut(payer):
    """A file with one payment."""
    eft(payer, on(FRIDAY, 9))
    (file,) = banks.cut_files(at=on(FRIDAY, 10))
    return file


def test_two_workers_send_one_file_and_both_go_on(payer, others):
    cut(payer)
    results = at_once(*[lambda: banks.send_files(at=now())] * 2)
    assert refusals(results) == []
    assert sum(results) == 1
    assert BankFile.objects.get().status == "SENT"
    sound()


def test_a_file_whose_end_was_told_before_its_taking_is_over_when_it_is_taken(payer, others):
    """Carried out, its answer lost, and the account told of it first; the bank never reports of the file."""
    file = cut(payer)
    others.plan("TIMEOUT", file.message_id)
    banks.send_files(at=now())
    banks.hear_news(channel=Channel.BANK, at=now())
    assert (BankFile.objects.get().status, Payment.objects.get().status) == ("CUT", "COMPLETED")
    others.plan("SILENT", file.message_id)
    banks.send_files(at=now())
    banks.ask_about_files(at=now())
    assert BankFile.objects.get().status == "DONE"
    sound()
