"""A device is known by its print: of its own name, else of its traits; who shares it; and how old a SIM is."""

from datetime import date, timedelta

import pytest

from apps.accounts.testing import make_account
from apps.fraud import operations
from apps.fraud.devices import device_at_hand
from apps.fraud.errors import SimSilent
from apps.fraud.models import AccessChange, DevicePrint, FraudCheck, FraudRule, SimAge
from apps.fraud.ports import SimAnswer
from apps.fraud.tests.test_watch import facts_of_last, paid
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.context import Asker, asked_by
from apps.kernel.testing import at_once, deliver_events
from apps.users.models import User
from apps.users.testing import bearer, make_customer, make_staff

AGENT = "Mozilla/5.0 (Linux; Android 14; SM-A155F) Chrome/126.0.6478.71 Mobile"


def pays(account, *, install="", agent=AGENT, at=None, amount="100", is_new=False):
    with asked_by(Asker(install=install, user_agent=agent, traits="sw-KE|Android")):
        return paid(account, amount, at=at, is_new=is_new)


def test_a_print_is_stable_and_says_nothing():
    with asked_by(Asker(install="install-0001", user_agent=AGENT)):
        own = device_at_hand()
    with asked_by(Asker(install="install-0001", user_agent="another version")):
        assert device_at_hand() == own
    with asked_by(Asker(user_agent=AGENT)):
        traits = device_at_hand()
    with asked_by(Asker(user_agent=AGENT.replace("126.0.6478.71", "131.0.1.2"))):
        assert device_at_hand() == traits
    assert (own.names_itself, traits.names_itself, own.value != traits.value) == (True, False, True)
    assert (len(own.value), "install" in own.value) == (64, False)
    assert device_at_hand().value == ""


@pytest.mark.django_db
def test_notes_a_device_with_the_check_and_knows_its_age():
    account, then = make_account(), now() - timedelta(hours=30)
    pays(account, install="install-0001", at=then)
    assert "device_print_age_hours" not in facts_of_last()
    pays(account, install="install-0001")
    assert (facts_of_last()["device_print_age_hours"], facts_of_last()["device_customers"]) == (30, 1)
    pays(account, install="install-0002")
    assert facts_of_last()["device_print_age_hours"] == 0
    seen = DevicePrint.objects.get(user=account.owner, first_seen_at=then)
    assert (seen.last_seen_at > then, seen.names_itself) == (True, True)
    assert FraudCheck.objects.latest("pk").device_print != seen.value


@pytest.mark.django_db
def test_counts_customers_of_a_device_that_names_itself_only():
    accounts = [make_account() for _nth in range(4)]
    for account in accounts:
        last = pays(account, install="install-0001", amount="1000")
    assert (facts_of_last()["device_customers"], last.reasons) == (4, ("SHARED_DEVICE",))
    for account in accounts:
        pays(account)
    assert not {"device_customers", "is_device_of_blocked"} & set(facts_of_last())


@pytest.mark.django_db
def test_holds_what_comes_from_a_suspended_customers_device():
    thief, other = make_account(), make_account()
    pays(thief, install="install-0001")
    assert pays(other, install="install-0001").action == "ALLOW"
    User.objects.filter(pk=thief.owner_id).update(status="SUSPENDED")
    assert pays(other, install="install-0001").reasons == ("BLOCKED_PERSONS_DEVICE",)


@pytest.mark.django_db
def test_a_print_can_be_blocked():
    account, officer = make_account(), make_staff("COMPLIANCE_OFFICER")
    pays(account, install="install-0001")
    value = DevicePrint.objects.get().value
    operations.block(kind="DEVICE", value=value, why="A thief's", until=None, by=officer, at=now())
    assert pays(make_account(), install="install-0001").action == "BLOCK"


@pytest.mark.django_db(transaction=True)
def test_two_payments_at_once_note_one_device():
    account = make_account()
    at_once(*(lambda: pays(account, install="install-0001") for _nth in range(2)))
    assert DevicePrint.objects.count() == 1
    assert FraudCheck.objects.count() == 2


@pytest.mark.django_db
def test_the_headers_of_a_request_make_the_print(client):
    account, officer = make_account(), make_staff("COMPLIANCE_OFFICER")
    asked = {"account": account.number, "amount": {"amount": "100.00", "currency": "KES"}}
    told = [
        client.post("/api/v1/ai/fraud-check/", asked, "application/json",
                    headers=bearer(officer) | {"X-Install-Id": install}).json()["device_fingerprint"]
        for install in ("install-0001", "install-0001", "install-0002", "no id")
    ]  # fmt: skip
    assert (told[0] == told[1], len(set(told))) == (True, 3)
    shown = client.post("/api/v1/ai/fraud-check/", asked | {"device_fingerprint": "ab" * 32}, "application/json",
                        headers=bearer(officer)).json()  # fmt: skip
    assert (shown["device_fingerprint"], shown["facts"]["device_customers"]) == ("ab" * 32, 1)
    assert not DevicePrint.objects.exists()


@pytest.mark.django_db
def test_staff_see_the_devices_of_a_customer(client):
    account, other = make_account(), make_account()
    for one in (account, other):
        pays(one, install="install-0001")
    pays(account)
    address = f"/api/v1/fraud/devices/?user={account.owner_id}"
    rows = client.get(address, headers=bearer(make_staff("COMPLIANCE_OFFICER"))).json()
    assert sorted((row["names_itself"], row["customers"]) for row in rows) == [(False, None), (True, 2)]
    assert client.get(address, headers=bearer(make_customer())).status_code == 403
    assert client.get("/api/v1/fraud/devices/", headers=bearer(make_staff("COMPLIANCE_OFFICER"))).status_code == 400


class Book:
    """An operator that says what it is told to, and remembers whom it was asked about."""

    name = "test"

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def age(self, phone):
        self.asked.append(phone)
        told = self.answers.pop(0)
        if isinstance(told, Exception):
            raise told
        return told


@pytest.fixture
def book(monkeypatch):
    def use(*answers):
        found = Book(*answers)
        monkeypatch.setattr("apps.fraud.operations.sim.sim_book", lambda: found)
        return found

    return use


@pytest.mark.django_db
def test_asks_the_operator_once_a_day_about_who_signs_in(book):
    account, at = make_account(), now()
    held = book(SimAnswer(local_date(at) - timedelta(days=3)), SimAnswer(None))
    assert operations.want_sim_age(user_id=account.owner_id, at=at)
    assert operations.ask_sim_ages(at=at) == 1
    assert operations.ask_sim_ages(at=at) == 0
    assert not operations.want_sim_age(user_id=account.owner_id, at=at + timedelta(hours=5))
    assert held.asked == [account.owner.phone]
    noon = day_start(local_date(at)) + timedelta(hours=12)
    assert paid(account, "20000", at=noon, is_new=True).reasons == ("NEW_SIM",)
    assert facts_of_last()["days_since_sim_change"] == 3
    assert operations.want_sim_age(user_id=account.owner_id, at=at + timedelta(days=2))
    assert operations.ask_sim_ages(at=at + timedelta(days=2)) == 1
    paid(account, "100", at=at + timedelta(days=2))
    assert facts_of_last()["days_since_sim_change"] == 90, "longer ago than the operator remembers"


@pytest.mark.django_db
def test_nobody_is_asked_about_staff_or_when_it_is_switched_off(book, settings):
    held = book()
    assert not operations.want_sim_age(user_id=make_staff("TELLER").pk, at=now())
    settings.SIM_AGES_ASKED = False
    assert not operations.want_sim_age(user_id=make_customer().pk, at=now())
    assert (operations.ask_sim_ages(at=now()), held.asked, SimAge.objects.count()) == (0, [], 0)


@pytest.mark.django_db
def test_silence_is_unknown_and_is_said(book):
    account, at = make_account(), now()
    book(SimSilent("resting"), SimAnswer(date(2026, 1, 2)))
    operations.want_sim_age(user_id=account.owner_id, at=at)
    assert operations.ask_sim_ages(at=at) == 0
    row = SimAge.objects.get()
    assert (row.silence, row.answered_at) == ("resting", None)
    paid(account, "100")
    assert "days_since_sim_change" not in facts_of_last()
    assert operations.ask_sim_ages(at=at + timedelta(minutes=5)) == 0, "not again at once"
    assert operations.ask_sim_ages(at=at + timedelta(minutes=11)) == 1


@pytest.mark.django_db
def test_what_staff_were_told_counts_when_it_is_later():
    account = make_account()
    SimAge.objects.create(user=account.owner, answered_at=now(), changed_on=local_date(now()) - timedelta(days=40))
    AccessChange.objects.create(user=account.owner, sim_changed_at=now() - timedelta(days=2))
    paid(account, "100")
    assert facts_of_last()["days_since_sim_change"] == 2


@pytest.mark.django_db
def test_a_sign_in_wants_the_age_and_staff_see_it(client, book):
    book(SimAnswer(None))
    user = make_customer()
    bearer(user)
    deliver_events()
    assert SimAge.objects.get(pk=user.pk).wanted_at is not None
    operations.ask_sim_ages(at=now())
    officer = bearer(make_staff("COMPLIANCE_OFFICER"))
    told = client.get(f"/api/v1/fraud/sim-ages/?user={user.pk}", headers=officer).json()
    assert (told["changed_on"], told["source"], told["wanted_at"]) == (None, "test", None)
    assert client.get("/api/v1/fraud/sim-ages/?user=999999", headers=officer).status_code == 404


@pytest.mark.django_db
def test_every_rule_asks_facts_that_there_are():
    assert {"SHARED_DEVICE", "NEW_SIM", "ODD", "PAYEE_DOUBTED"} <= set(FraudRule.objects.values_list("code", flat=True))
