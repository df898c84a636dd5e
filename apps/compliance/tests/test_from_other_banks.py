"""What compliance hears of money that other banks send."""

import pytest

from apps.accounts.testing import make_account
from apps.compliance import wording
from apps.compliance.models import SuspiciousActivityAlert
from apps.compliance.subscribers import hear_of_frozen_transfers
from apps.kernel.testing import deliver_events
from apps.payments.events import TransferWaits
from apps.payments.tests.banks.incoming import came, load_sanctions

pytestmark = pytest.mark.django_db


def test_money_that_a_listed_payer_sends_from_another_bank_is_an_alert_once():
    load_sanctions()
    account = make_account()
    row = came(account, payer_name="WARSAME ZUBAIR")
    came(account, "10", payer_name="Grace Akinyi")
    deliver_events()
    hear_of_frozen_transfers(TransferWaits(incoming_id=row.pk, minor=1, currency="KES", reason="RR04"))
    alert = SuspiciousActivityAlert.objects.get(source="SCREENING")
    assert (alert.subject_id, alert.facts["transfer"]) == (account.owner_id, row.reference)
    assert "Zubair WARSAME" in wording.sentence(alert)
