"""This bank links an account at a second instance of itself: another process, another database, nothing shared."""

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.errors import OtherBankFailed
from apps.open_banking.linked.bank import returns_to
from apps.open_banking.models import LinkedAccount, LinkedBank, LinkedLine
from apps.open_banking.operations import BankTerms
from apps.open_banking.operations.link import address_of
from apps.open_banking.tests.other_bank import BANK_ID
from apps.users.queries import system_user
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


class Other:
    """The second bank, asked line by line."""

    def __init__(self, process, root):
        self.process, self.root = process, root

    def told(self):
        line = self.process.stdout.readline()
        assert line, "the other bank ended"
        return json.loads(line)

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self.told()["said"]


@contextmanager
def other_bank(database, returns):
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{door.getsockname()[1]}"
    world = os.environ | {"DATABASE_URL": database, "PUBLIC_ADDRESS": root, "OPEN_BANKING_BANK_ID": BANK_ID}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-m", "apps.open_banking.tests.other_bank", returns]
    with subprocess.Popen(command, env=world, **pipes) as process:  # noqa: S603  # our own program
        try:
            yield Other(process, root)
        finally:
            process.kill()


def test_links_reads_and_loses_an_account_at_a_second_bank(settings, another_database):
    settings.PUBLIC_ADDRESS = "https://first.example"
    user = make_customer()
    with other_bank(another_database, returns_to()) as other:
        facts = other.told()
        terms = BankTerms(
            name="Second", address=other.root, bank_id=BANK_ID, client_id=facts["client_id"],
            client_secret=facts["secret"],
        )  # fmt: skip
        bank = operations.keep_other_bank(terms=terms, by=system_user(), at=now())
        begun = operations.begin_link(bank=bank, by=user, at=now())
        led_back = urlsplit(other.ask("open", address_of(begun)))
        back = {name: values[0] for name, values in parse_qs(led_back.query).items()}
        link = operations.finish_link(
            state=back["state"], code=back["code"], issuer=back["iss"], by=user, at=now(), address="41.80.1.9"
        )
        held = LinkedAccount.objects.get()
        assert (link.because, held.label, str(held.balance)) == ("", facts["label"], "KES 5,000.00")
        before = LinkedLine.objects.count()

        other.ask("move", "25.50")
        operations.read_link(link=link, by=user, at=now() + timedelta(minutes=2), address="41.80.1.9")
        held.refresh_from_db()
        assert (str(held.balance), LinkedLine.objects.count()) == ("KES 5,025.50", before + 1)
        assert str(LinkedLine.objects.order_by("booked_at", "pk").last().amount) == "KES 25.50"

        other.ask("revoke")
        with pytest.raises(OtherBankFailed):
            operations.read_link(link=link, at=now() + timedelta(hours=7))
        row = LinkedBank.objects.get()
        assert (row.status, row.because, row.refresh_token) == ("BROKEN", "CONSENT_ENDED", None)
        assert operations.unlink(link=link, by=user, at=now()).ended_there_at is not None
        assert not LinkedAccount.objects.exists()
