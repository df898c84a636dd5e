"""Money from other banks at the desk: what waits, placing it, sending it back."""

import pytest

from apps.accounts.testing import make_account
from apps.kernel.models import Approval
from apps.payments.models import IncomingTransfer
from apps.payments.tests.banks.incoming import came
from apps.payments.tests.banks.test_going_back import waiting, wished
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
HOME = "/workbench/other-banks/incoming/"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_shows_what_waits_and_asks_a_second_person(language):
    row, account = waiting(), make_account()
    wished(came(account))
    client = enter(make_staff("BRANCH_MANAGER"), kitbank_language=language)
    assert HOME in client.get("/workbench/other-banks/").content.decode()
    page = client.get(HOME).content.decode()
    assert faults_of(page) == []
    assert all(words in page for words in (row.reference, "AC01", "CASE-1"))
    assert "IncomingTransfer" not in page
    one = f"{HOME}{row.public_id}/"
    assert faults_of(client.get(one).content.decode()) == []
    place = {"act": "place", "account": account.number, "reason": "She called"}
    for wrong in ({"account": "99999999"}, {"reason": ""}):
        refused = client.post(one, place | wrong)
        assert (refused.status_code, faults_of(refused.content.decode())) == (422, []), wrong
    answer = client.post(one, place)
    assert answer.headers["Location"] == f"/workbench/approvals/{Approval.objects.get().pk}/"
    assert str(Approval.objects.get().pk) in client.get(one).content.decode()
    assert client.post(one, {"act": "return", "code": "AC01", "reason": "Nobody's"}).status_code == 303
    assert IncomingTransfer.objects.get(pk=row.pk).status == "SUSPENSE"
    assert enter(make_staff("TELLER")).get(HOME).status_code == 403


def test_money_of_who_may_be_on_a_list_is_released_by_compliance_alone(monkeypatch):
    monkeypatch.setattr("apps.payments.operations.banks.receiving.may_be_sanctioned", bool)
    row = came(make_account())
    one = f"{HOME}{row.public_id}/"
    manager = enter(make_staff("BRANCH_MANAGER"))
    page = manager.get(one).content.decode()
    assert "frozen" in page
    assert 'value="place"' not in page
    assert manager.post(one, {"act": "place", "account": "1", "reason": "x"}).status_code == 422
    assert manager.post(one, {"act": "release", "reason": "x"}).status_code in {403, 422}
    officer = enter(make_staff("COMPLIANCE_OFFICER"))
    assert faults_of(officer.get(one).content.decode()) == []
    assert officer.post(one, {"act": "release", "reason": "Another day of birth"}).status_code == 303
