"""Goals, rules and deposits by API: one's own only, by the same operations as the pages."""

import pytest

from apps.accounts.testing import balance_of, give, make_account
from apps.kernel.clock import local_date, now
from apps.users.testing import bearer, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account(balance="150000")


@pytest.fixture
def ask(client, account):
    def asked(method, path, body=None, key="", headers=None):
        more = {"Idempotency-Key": key} if key else {}
        sent = {"content_type": "application/json", "headers": (headers or bearer(account.owner)) | more}
        answer = getattr(client, method)(f"/api/v1/{path}", body, **sent)
        return answer.status_code, answer.json() if answer.content and "json" in answer["Content-Type"] else {}

    return asked


def kes_json(amount):
    return {"amount": amount, "currency": "KES"}


def test_a_goal_from_beginning_to_end(ask, account):
    body = {"name": "Karo", "target": kes_json("30000.00"), "picture": "SCHOOL",
            "by_date": f"{local_date(now()).year + 3}-01-31"}  # fmt: skip
    status, goal = ask("post", "goals/", body, key="g")
    assert (status, goal["percent"], goal["saved"]) == (201, 0, kes_json("0.00"))
    path = f"goals/{goal['id']}/"
    money = {"account": account.pk, "amount": kes_json("15000.00")}
    assert ask("post", f"{path}pay-in/", money, key="p")[1]["percent"] == 50
    assert ask("post", f"{path}pay-in/", money, key="p")[1]["my_share"] == kes_json("15000.00")
    assert ask("get", "goals/")[1]["results"][0]["monthly_pace"]["currency"] == "KES"
    too_much = {"account": account.pk, "amount": kes_json("15000.01")}
    assert ask("post", f"{path}take-out/", too_much)[1]["code"] == "more_than_your_share"
    assert ask("patch", path, {"name": "Karo 2030"})[1]["name"] == "Karo 2030"
    assert ask("post", f"{path}invite/", {"phone": "+254799999999"})[0] == 202
    stranger = bearer(make_customer())
    for method, where in (("get", path), ("patch", path), ("post", f"{path}pay-in/"), ("post", f"{path}close/")):
        assert ask(method, where, {"account": 1, "amount": kes_json("1.00")}, headers=stranger)[0] in (404, 400)
    assert ask("post", f"{path}answer/", {"join": True}, headers=stranger)[0] == 404
    assert ask("delete", path)[0] == 204
    assert balance_of(account) == "150000.00"
    assert ask("get", path)[1]["closed_at"] is not None


def test_a_rule_is_made_run_paused_and_ended(ask, account):
    savings = make_account(account.owner, product="SAVINGS")
    body = {"kind": "SWEEP_ABOVE", "from_account": account.pk, "to_account": savings.pk,
            "threshold": kes_json("100000.00")}  # fmt: skip
    status, rule = ask("post", "accounts/transfer-rules/", body, key="r")
    assert status == 201
    path = f"accounts/transfer-rules/{rule['id']}/"
    assert ask("post", f"{path}run/", key="now")[1][0]["amount"] == kes_json("50000.00")
    assert ask("post", f"{path}run/", key="again")[1] == []
    give(account, "1")
    assert balance_of(savings) == "50000.00"
    assert ask("patch", path, {"threshold": kes_json("90000.00")})[1]["threshold"] == kes_json("90000.00")
    assert ask("patch", path, {"from_account": savings.pk})[1]["code"] == "bad_transfer_rule"
    assert ask("post", f"{path}pause/", {"until": "2000-01-01"})[1]["code"] == "bad_transfer_rule"
    assert ask("post", f"{path}pause/", {})[1]["is_active"] is False
    assert ask("post", f"{path}resume/")[1]["is_active"] is True
    assert ask("post", f"{path}skip/", {"skip": True})[1]["skip_next"] is True
    assert len(ask("get", path)[1]["runs"]) == 1
    assert ask("get", path, headers=bearer(make_customer()))[0] == 404
    assert ask("post", "accounts/transfer-rules/", body | {"to_account": make_account().pk})[0] == 404
    assert ask("delete", path)[0] == 204
    assert ask("get", "accounts/transfer-rules/")[1]["results"] == []


def test_a_deposit_is_quoted_made_and_broken(ask, account):
    rates = ask("get", "deposits/rates/")[1]
    assert (rates["premature_rate"], len(rates["rates"])) == ("0.03000", 14)
    body = {"from_account": account.pk, "amount": kes_json("100000.00"), "months": 12}
    status, deposit = ask("post", "deposits/", body, key="d")
    assert (status, deposit["rate"], deposit["status"]) == (201, "0.10500", "RUNNING")
    path = f"deposits/{deposit['id']}/"
    assert ask("post", "deposits/", body | {"months": 7})[1]["code"] == "deposit_not_offered"
    assert ask("patch", path, {"on_maturity": "ROLL_ALL"})[1]["on_maturity"] == "ROLL_ALL"
    assert ask("get", path, headers=bearer(make_customer()))[0] == 404
    assert ask("post", f"{path}take-out/")[1]["status"] == "BROKEN"
    assert balance_of(account) == "150000.00"
    assert ask("get", "deposits/")[1]["results"][0]["status"] == "BROKEN"


def test_lists_cost_as_many_queries_however_long(ask, account, django_assert_max_num_queries):
    for nth in range(5):
        ask("post", "goals/", {"name": f"g{nth}", "target": kes_json("5.00")}, key=str(nth))
    headers = bearer(account.owner)
    with django_assert_max_num_queries(8):
        assert len(ask("get", "goals/", headers=headers)[1]["results"]) == 5
