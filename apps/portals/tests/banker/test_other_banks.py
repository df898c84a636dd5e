"""The page that takes the statements of other banks (camt.053): compared with the books, refused with a reason."""

import pytest

from apps.kernel.clock import local_date, now
from apps.payments.models import NostroBreak, NostroStatement
from apps.payments.tests.banks.conftest import others, payer  # noqa: F401  # fixtures
from apps.payments.tests.banks.orders import sent
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

HOME = "/workbench/other-banks/"


def bring(client, **asked):
    day = local_date(now()).isoformat()
    return client.post(HOME, {"channel": "pesalink", "day": day, "currency": "KES", **asked})


def test_a_statement_is_fetched_compared_and_what_differs_shown(others, payer):  # noqa: F811
    sent(payer, key="form-0")
    others.plan("TIMEOUT")
    payment = sent(payer, key="form-1")
    client = enter(make_staff("BRANCH_MANAGER"))
    answer = bring(client)
    assert answer.headers["Location"] == HOME
    statement = NostroStatement.objects.get()
    assert (statement.count, statement.matched, NostroBreak.objects.get().key) == (2, 1, payment.reference)
    page = client.get(HOME).content.decode()
    assert faults_of(page) == []
    assert "Entries: 2; alike: 1." in page
    assert payment.reference in page
    assert bring(client).status_code == 303, "the same statement again is the same row"
    assert NostroStatement.objects.count() == 1


def test_what_cannot_be_fetched_or_read_keeps_nothing(others, payer, settings):  # noqa: F811
    client = enter(make_staff("BRANCH_MANAGER"), kitbank_language="sw")
    for asked in ({"channel": "nobody"}, {"day": "yesterday"}, {"currency": "kes"}):
        answer = bring(client, **asked)
        assert answer.status_code == 422
        assert faults_of(answer.content.decode()) == []
    settings.INTERBANK_URLS = dict.fromkeys(settings.INTERBANK_URLS, "http://127.0.0.1:9")
    assert bring(client).status_code == 422
    assert not NostroStatement.objects.exists()


@pytest.mark.django_db
def test_only_those_who_see_bank_files():
    client = enter(make_staff("TELLER"))
    assert bring(client).status_code == 403
    assert not NostroStatement.objects.exists()
