"""Goals, automatic saving, deposits and a sleeping account on the pages."""

import re
from datetime import timedelta

import pytest

from apps.accounts import operations
from apps.accounts.models import Account, AutoTransferRule, FixedDeposit, SavingsGoal, SleepingAccount
from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import local_date, now
from apps.notifications.testing import code_sent_to
from apps.portals.testing import faults_of, sign_in
from apps.users.models import User
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def account():
    return make_account(make_customer(full_name="Achieng Otieno"), balance="150000")


@pytest.fixture
def browser(account):
    return sign_in(account.owner)


def page_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    page = answer.content.decode()
    assert faults_of(page) == [], address
    return page


def new_goal(browser, **more):
    asked = {
        "idempotency_key": KEY,
        "name": "Boda",
        "target": "30,000",
        "by_date": f"{local_date(now()).year + 3}-01-31",
        "picture": "TRANSPORT",
    }
    return browser.post("/plan/goals/new", asked | more)


def test_sets_a_goal_fills_it_and_takes_some_back(account, browser):
    assert "What do you want to save for?" in page_of(browser, "/plan")
    page_of(browser, "/plan/goals/new")
    assert new_goal(browser, target="0").status_code == 422
    answer = new_goal(browser)
    assert answer.status_code == 303
    address = answer["Location"]
    page = page_of(browser, address)
    assert f"a month reaches it by 31 Jan {local_date(now()).year + 3}" in page
    money = {"in-idempotency_key": KEY, "in-amount": "10k", "in-account": account.pk}
    for _nth in range(2):
        assert browser.post(f"{address}/pay-in", money).status_code == 303
    assert balance_of(account) == "140000.00"
    assert "33 % of KES\u00a030,000.00" in page_of(browser, "/plan")
    out = {"out-idempotency_key": KEY, "out-amount": "10000.01", "out-account": account.pk}
    refused = browser.post(f"{address}/take-out", out)
    assert (refused.status_code, "Your share of this goal" in refused.content.decode()) == (422, True)
    assert browser.post(f"{address}/take-out", out | {"out-amount": "4000"}).status_code == 303
    assert balance_of(account) == "144000.00"
    changed = {"idempotency_key": KEY, "name": "Boda mpya", "target": "40000", "picture": "TRANSPORT"}
    assert browser.post(f"{address}/change", changed).status_code == 303
    assert "Boda mpya" in page_of(browser, address)
    end = {"end-idempotency_key": KEY, "end-account": account.pk}
    assert browser.post(f"{address}/close", end).status_code == 303
    assert balance_of(account) == "150000.00"
    assert "This goal is closed." in page_of(browser, address)


def test_saves_together_and_each_sees_their_share(account, browser):
    address = new_goal(browser)["Location"]
    friend = make_account(make_customer(full_name="Baraka Mwangi", phone="+254733111222"), balance="900")
    for phone in ("0733 111 222", "0799 999 999"):
        answer = browser.post(f"{address}/invite", {"invite-phone": phone}, follow=True)
        assert "If that phone banks here" in answer.content.decode()
    User.objects.filter(pk=account.owner_id).update(kyc_tier="TIER_3")  # who may hold what comes on top
    theirs = sign_in(friend.owner)
    assert theirs.get(address).status_code == 404
    page = page_of(theirs, "/plan")
    assert "Achieng O. asks you to save along" in page
    goal = SavingsGoal.objects.get()
    assert theirs.post(f"/plan/invitations/{goal.public_id}", {"join": "1"}).status_code == 303
    money = {"in-idempotency_key": KEY, "in-amount": "600", "in-account": friend.pk}
    assert theirs.post(f"{address}/pay-in", money).status_code == 303
    assert "Baraka M." in page_of(browser, address)
    assert theirs.post(f"{address}/close", {"end-idempotency_key": KEY, "end-account": friend.pk}).status_code == 422
    left = theirs.post(f"{address}/leave", {"end-idempotency_key": KEY, "end-account": friend.pk})
    assert (left.status_code, balance_of(friend)) == (303, "900.00")


def test_a_strangers_goal_is_not_there(account, browser):
    goal = operations.make_goal(owner=make_customer(), name="x", target=kes("5"), key="k", at=now())
    for act in ("", "/pay-in", "/close"):
        ask = browser.post if act else browser.get
        assert ask(f"/plan/goals/{goal.public_id}{act}").status_code == 404
    assert browser.post(f"/plan/invitations/{goal.public_id}").status_code == 404


def test_a_rule_is_set_up_paused_skipped_and_ended(account, browser):
    savings = make_account(account.owner, product="SAVINGS")
    page_of(browser, "/pay/scheduled/auto/new")
    for kind in ("LOAN_DUES", "FIXED", "PERCENTAGE", "SWEEP_ABOVE", "TOP_UP_BELOW", "ROUND_UP"):
        page_of(browser, f"/pay/scheduled/auto/new?kind={kind}")
    asked = {"idempotency_key": KEY, "kind": "PERCENTAGE", "from_account": account.pk, "to_account": savings.pk}
    assert browser.post("/pay/scheduled/auto/new", asked | {"share": "101"}).status_code == 422
    answer = browser.post("/pay/scheduled/auto/new", asked | {"share": "10", "floor": "500"})
    assert answer.status_code == 303
    rule = AutoTransferRule.objects.get()
    assert (str(rule.rate), rule.floor) == ("0.10000", kes("500"))
    assert "Save a share of what comes in" in page_of(browser, "/pay/scheduled")
    page_of(browser, answer["Location"])
    for act, is_active, skip in (("skip", True, True), ("pause", False, True), ("resume", True, True)):
        assert browser.post(f"{answer['Location']}/{act}").status_code == 303
        rule.refresh_from_db()
        assert (rule.is_active, rule.skip_next) == (is_active, skip)
    assert sign_in(make_customer()).get(answer["Location"]).status_code == 404
    assert browser.post(f"{answer['Location']}/end").status_code == 303
    assert "Save a share" not in page_of(browser, "/pay/scheduled")


def test_lays_money_aside_after_seeing_what_it_comes_to(account, browser):
    page_of(browser, "/money/deposits")
    asked = {"idempotency_key": KEY, "amount": "100000", "months": "12", "from_account": account.pk,
             "on_maturity": "PAY_OUT"}  # fmt: skip
    answer = browser.post("/money/deposits", asked)
    assert (answer.status_code, "10.5% a year" in answer.content.decode()) == (200, True)
    assert not FixedDeposit.objects.exists()
    seen = re.search(r'name="agree" value="([^"]+)"', answer.content.decode())[1]
    for other in ({"amount": "50000"}, {"months": "6"}):
        no = browser.post("/money/deposits", asked | other | {"agree": seen})
        assert (no.status_code, "No money moved" in no.content.decode()) == (422, True)
    assert not FixedDeposit.objects.exists()
    done = browser.post("/money/deposits", asked | {"agree": seen})
    assert (done.status_code, balance_of(account)) == (303, "50000.00")
    page = page_of(browser, done["Location"])
    assert "Certificate" in page
    assert browser.get(f"{done['Location']}/certificate.pdf").content.startswith(b"%PDF")
    row = FixedDeposit.objects.get()
    assert browser.get(f"/money/accounts/{row.account_id}")["Location"] == done["Location"]
    assert browser.post(f"{done['Location']}/at-the-end", {"on_maturity": "ROLL_ALL"}).status_code == 303
    assert browser.post(f"{done['Location']}/at-the-end", {"on_maturity": "NO"}).status_code == 409
    assert sign_in(make_customer()).get(done["Location"]).status_code == 404
    assert browser.post(f"{done['Location']}/take-out").status_code == 303
    assert balance_of(account) == "150000.00"
    assert browser.post(f"{done['Location']}/take-out").status_code == 409
    page_of(browser, "/money")


def test_a_sleeping_account_is_woken_by_a_code(account, browser):
    day = local_date(now())
    Account.objects.filter(pk=account.pk).update(status="DORMANT")
    SleepingAccount.objects.create(
        account=account, last_act_on=day - timedelta(days=400), asleep_since=day, currency="KES"
    )
    address = f"/money/accounts/{account.pk}/wake"
    assert address in page_of(browser, f"/money/accounts/{account.pk}")
    page_of(browser, address)
    assert browser.post(f"{address}/code", {"way": "SMS"}).status_code == 303
    assert browser.post(address, {"code": "000000"}).status_code == 422
    assert browser.post(address, {"code": code_sent_to(str(account.owner.phone))}).status_code == 303
    account.refresh_from_db()
    assert account.status == "ACTIVE"
    assert browser.get(address).status_code == 303


def test_goals_cost_as_many_queries_however_many_there_are(account, browser, django_assert_max_num_queries):
    for nth in range(6):
        operations.make_goal(owner=account.owner, name=f"g{nth}", target=kes("5"), key=str(nth), at=now())
    with django_assert_max_num_queries(14):
        page = browser.get("/plan").content.decode()
    assert len(re.findall(r'href="/plan/goals/[0-9a-f-]{36}"', page)) == 6
