"""What the bank itself says of a payment or a batch that did not go is kept in English and read in either language."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from apps.accounts.models import Account
from apps.payments.models import BulkPayment
from apps.payments.operations.airtime import NOT_LOADED, NOT_TAKEN
from apps.payments.operations.bulk.decide import SENT_BACK, TAKEN_BACK
from apps.payments.subscribers import STOPPED


@pytest.mark.parametrize("words", [NOT_LOADED, NOT_TAKEN, STOPPED, SENT_BACK, TAKEN_BACK])
def test_is_read_in_kiswahili(words):
    with translation.override("sw"):
        assert gettext(words) != words


def test_a_batch_says_why_it_ended_in_the_readers_language():
    figures = {"row_count": 1, "good_count": 1, "total_minor": 1_00, "currency": "KES"}
    payer = Account(number="001000000042", currency="KES")
    bulk = BulkPayment(name="Mishahara", from_account=payer, ended_because=STOPPED, **figures)
    with translation.override("sw"):
        assert gettext(STOPPED) in render_to_string("components/bulk.html", {"bulk": bulk})
        bulk.ended_because = "Mara ya pili"
        assert "Mara ya pili" in render_to_string("components/bulk.html", {"bulk": bulk})
