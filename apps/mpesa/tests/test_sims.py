"""How old a SIM is, as Daraja says it; what it does not say is unknown, and it is asked outside transactions."""

from datetime import date

import pytest
from django.db import connection

from apps.fraud import operations
from apps.fraud.errors import SimSilent
from apps.fraud.models import SimAge
from apps.fraud.ports import SimAnswer, sim_book
from apps.kernel.clock import now
from apps.mpesa import identities
from apps.mpesa.sims import DarajaSims

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "+254722000111"


def test_says_when_it_was_changed_or_that_it_was_long_ago(safaricom):
    assert isinstance(sim_book(), DarajaSims)
    assert DarajaSims().age(PHONE) == SimAnswer(None)
    safaricom.control("phones", phone=PHONE.lstrip("+"), swapped_on="20-10-2026")
    assert DarajaSims().age(PHONE) == SimAnswer(date(2026, 10, 20))


@pytest.mark.parametrize("told", ["", "2026-10-20", "31-02-2026"])
def test_an_answer_that_cannot_be_read_is_none(monkeypatch, told):
    monkeypatch.setattr(identities, "sim_swapped_on", lambda phone: told)
    with pytest.raises(SimSilent):
        DarajaSims().age(PHONE)


def test_a_provider_that_is_down_is_silence(safaricom, account, settings):
    settings.DARAJA_URL = "http://127.0.0.1:9"
    operations.want_sim_age(user_id=account.owner_id, at=now())
    assert operations.ask_sim_ages(at=now()) == 0
    row = SimAge.objects.get()
    assert (row.answered_at, row.silence != "") == (None, True)


def test_is_asked_outside_transactions_and_kept(safaricom, account, monkeypatch):
    seen_open, real = [], identities.sim_swapped_on
    monkeypatch.setattr(
        identities, "sim_swapped_on", lambda phone: (seen_open.append(connection.in_atomic_block), real(phone))[1]
    )
    phone = str(account.owner.phone)
    safaricom.control("phones", phone=phone.lstrip("+"), swapped_on="01-11-2026")
    operations.want_sim_age(user_id=account.owner_id, at=now())
    assert operations.ask_sim_ages(at=now()) == 1
    row = SimAge.objects.get()
    assert (seen_open, row.changed_on, row.source) == ([False], date(2026, 11, 1), "daraja")
