"""Another bank beside ours, over HTTP both ways: it pays, loses answers, asks back; both sides' statements agree."""

import pytest

from apps.accounts.testing import balance_of, make_account
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.payments.banks import wire
from apps.payments.models import AskedBack, Channel, IncomingTransfer, NostroBreak
from apps.payments.operations import banks
from apps.payments.tests.banks.desk import settles_at, sound
from apps.payments.tests.banks.orders import sent
from apps.payments.tests.banks.test_going_back import agreed
from apps.users.queries import system_user
from apps.users.testing import make_staff
from simulators.testing import client_of, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def there(tmp_path, settings, live_server):
    settings.INTERBANK_CALLER_KEY = "simulated-banks"
    with running(tmp_path / "simulators", interbank_bank_url=f"{live_server.url}/webhooks/banks") as server:
        settings.INTERBANK_URLS = {who: f"{server.address}/interbank/{who}" for who in ("pesalink", "bank", "abroad")}
        settings.INTERBANK_KEY = "simulated"
        web = client_of(server)

        def order(what="", **asked):
            answer = web.post(f"/control/interbank/sent/{what}", json=asked)
            assert answer.status_code == 200, answer.text
            return answer.json()

        order.settings = server.settings
        yield order


def agrees(channel):
    """Their statement of today beside our books: nothing differs."""
    today = local_date(now())
    raw = wire.statement(channel, today, "KES")
    row = banks.compare_statement(channel=channel, day=today, raw=raw, by=system_user(), at=now())
    assert (row.matched, NostroBreak.objects.filter(healed_at=None).count()) == (row.count, 0)
    return row


def test_pays_loses_the_answer_asks_and_pays_once(there, live_server):
    account = make_account()
    paid = there(account=account.number, amount="2500.50", payer="Grace Akinyi")
    assert (paid["status"], balance_of(account)) == ("ACCC", "2500.50")
    address, there.settings.interbank_bank_url = there.settings.interbank_bank_url, "http://127.0.0.1:9"
    lost = there(account=account.number, amount="100")
    assert lost["status"] == ""
    there.settings.interbank_bank_url = address
    for _nth in range(2):
        found = there("ask/", uetr=lost["uetr"])
    assert (found["status"], balance_of(account)) == ("ACCC", "2600.50")
    wrong = there(account="1234567", amount="10", words="")
    assert (wrong["status"], wrong["reason"]) == ("RJCT", "AC01")
    banks.hear_news(channel=Channel.PESALINK, at=now())
    assert agrees(Channel.PESALINK).count == 2
    assert settles_at("pesalink:settlement") == 260_050
    sound()


def test_asks_back_and_gets_it_when_the_customer_agrees(there):
    account = make_account()
    paid = there(account=account.number, amount="5000")
    there("back/", uetr=paid["uetr"], reason="AC03", words="Wrong digit")
    assert there("back/", uetr=paid["uetr"], fetch="1")["answer"] == "PDCR"
    agreed(AskedBack.objects.select_related("incoming__account__owner").get())
    banks.send_returns(at=now())
    assert there("back/", uetr=paid["uetr"], fetch="1")["answer"] == "CNCL"
    banks.hear_news(channel=Channel.PESALINK, at=now())
    assert (balance_of(account), settles_at("pesalink:settlement")) == ("0.00", 0)
    assert agrees(Channel.PESALINK).count == 2
    sound()


def test_a_day_of_both_ways_agrees_to_the_cent(there, payer):
    other = make_account()
    before = settles_at("bank:settlement")
    sent(payer, "750")
    there(account=other.number, amount="1200")
    there(account=payer.number, amount="80")
    there(channel="bank", account=other.number, amount="90000", words="Salary")
    there(channel="bank", account="nobody", amount="300", words="")
    for channel in (Channel.PESALINK, Channel.BANK):
        banks.hear_news(channel=channel, at=now())
        banks.hear_news(channel=channel, at=now())
    waits = IncomingTransfer.objects.waiting().get()
    asked = banks.ask_to_return(row=waits, reason="AC01", why="Nobody's", by=make_staff("BRANCH_MANAGER"), at=now())
    checker = make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)
    approvals.approve(approval=asked, by=checker, at=now())
    banks.send_returns(at=now())
    banks.hear_news(channel=Channel.BANK, at=now())
    assert balance_of(other) == "91200.00"
    assert (agrees(Channel.PESALINK).count, agrees(Channel.BANK).count) == (3, 3)
    assert (settles_at("pesalink:settlement"), settles_at("bank:settlement") - before) == (53_000, 9_000_000)
    sound()
