"""What our accounts at M-Pesa hold: asked once at a time, answered by callback, kept beside our books."""

import pytest

from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import at_once, refusals
from apps.mpesa import operations, rules, tasks
from apps.mpesa.errors import AskedAMomentAgo
from apps.mpesa.models import BalanceQuestion, Callback
from apps.mpesa.operations import balance
from apps.users.testing import bearer, make_customer, make_staff

TOLD = "Working Account|KES|46713.00|46713.00|0.00|0.00&Charges Paid Account|KES|-1540.00|-1540.00|0.00|0.00"


def test_reads_every_account_charges_below_zero_included():
    working, charges = rules.read_balances(TOLD)
    assert (working["name"], working["current_minor"], working["available_minor"]) == (
        "Working Account",
        46713_00,
        46713_00,
    )
    assert charges["current_minor"] == -1540_00


@pytest.mark.parametrize("told", [None, "", "Working Account", "Working Account|USD|1|1", "|KES|1|1", "A|KES|x|1"])
def test_what_is_no_balance_is_unreadable(told):
    with pytest.raises(rules.Unreadable):
        rules.read_balances(told)


def test_is_asked_answered_and_kept_beside_our_books(safaricom, transactional_db):
    staff = make_staff("BRANCH_MANAGER")
    question = operations.ask_balance(by=staff, at=now())
    assert (question.status, bool(question.conversation_id)) == ("ASKED", True)
    with pytest.raises(AskedAMomentAgo):
        operations.ask_balance(by=staff, at=now())
    safaricom.tell()
    question.refresh_from_db()
    assert question.status == "ANSWERED"
    names = set(question.accounts.values_list("name", flat=True))
    assert {"Working Account", "Utility Account", "Charges Paid Account"} <= names
    assert question.theirs.minor == sum(question.accounts.values_list("current_minor", flat=True))
    again = Callback.objects.get()
    told = rules.read_result(rules.read_json(str(again.raw)))
    assert balance.answer_balance(question, told, now()) is False, "told twice"
    assert question.accounts.count() == len(names)


def test_a_refusal_is_written_down_and_silence_frees_the_way(safaricom, transactional_db):
    staff = make_staff("BRANCH_MANAGER")
    BalanceQuestion.objects.create(shortcode="174379", asked_by=staff, asked_at=now() - balance.BETWEEN, ours_minor=0)
    question = operations.ask_balance(by=staff, at=now())
    assert BalanceQuestion.objects.exclude(pk=question.pk).get().error == "no answer came"
    told = rules.Outcome(code="21", text="The initiator lacks the role")
    assert balance.answer_balance(question, told, now())
    question.refresh_from_db()
    assert (question.status, question.error, question.theirs) == ("REFUSED", "21 The initiator lacks the role", None)


@pytest.mark.django_db(transaction=True)
def test_one_of_four_questions_at_once_is_asked(monkeypatch):
    from apps.mpesa import daraja

    monkeypatch.setattr(daraja, "account_balance", lambda **_: daraja.Taken(conversation_id="AG_1"))
    staff = make_staff("BRANCH_MANAGER")
    results = at_once(*[lambda: operations.ask_balance(by=staff, at=now())] * 4)
    assert len(refusals(results)) == 3
    tasks.ask_balance()
    assert BalanceQuestion.objects.count() == 1


def test_staff_with_the_right_ask_by_api_and_others_do_not(safaricom, client, transactional_db):
    headers = bearer(make_staff("BRANCH_MANAGER"))
    answer = client.post("/api/v1/mpesa/balances/", headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (202, "ASKED")
    assert client.post("/api/v1/mpesa/balances/", headers=headers).status_code == 409
    safaricom.tell()
    shown = client.get("/api/v1/mpesa/balances/", headers=headers).json()["results"][0]
    assert (shown["status"], shown["accounts"][0]["current"]["currency"]) == ("ANSWERED", "KES")
    with pytest.raises(NotAllowed):
        operations.ask_balance(by=make_customer(), at=now())
    assert client.post("/api/v1/mpesa/balances/", headers=bearer(make_customer())).status_code == 403
