"""Our accounts at M-Pesa at the desk: the newest answer whole beside our books, and one click to ask."""

import re

import pytest

from apps.kernel.clock import now
from apps.mpesa import daraja
from apps.mpesa.models import BalanceQuestion
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
HOME = "/workbench/recon/balances/"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_shows_the_newest_answer_beside_our_books(language, django_assert_max_num_queries):
    manager = make_staff("BRANCH_MANAGER")
    client = enter(manager, kitbank_language=language)
    assert faults_of(client.get(HOME).content.decode()) == []
    for nth in range(3):
        made = BalanceQuestion.objects.create(
            shortcode="174379", status="ANSWERED", asked_by=manager, asked_at=now(), answered_at=now(), ours_minor=7_00
        )
        for name, minor in (("Utility Account", 1234_00 + nth), ("Charges Paid Account", -34_00)):
            made.accounts.create(name=name, currency="KES", current_minor=minor, available_minor=minor)
    with django_assert_max_num_queries(14):
        page = client.get(HOME).content.decode().replace("\u00a0", " ")
    assert faults_of(page) == []
    words = re.sub(r"<[^>]+>", "", page)
    assert "1,200.02" in words
    assert "7.00" in words


def test_one_click_asks(monkeypatch):
    monkeypatch.setattr(daraja, "account_balance", lambda **_: daraja.Taken(conversation_id="AG_1"))
    client = enter(make_staff("BRANCH_MANAGER"))
    assert client.post(HOME).headers["Location"] == HOME
    assert BalanceQuestion.objects.get().conversation_id == "AG_1"
    assert client.post(HOME).status_code == 409
    assert enter(make_staff("TELLER")).get(HOME).status_code == 403
