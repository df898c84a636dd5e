"""Two at once: a revocation and reads, one code twice, one refresh token twice, more calls than a limit allows, one
consent to pay twice.
"""

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import now
from apps.kernel.testing import at_once
from apps.ledger.testing import assert_books_balance
from apps.open_banking import operations
from apps.open_banking.models import (
    AccessLog,
    AccessToken,
    Consent,
    RefreshToken,
    ThirdPartyApp,
    TransactionRequest,
)
from apps.open_banking.operations import Most
from apps.open_banking.testing import give, lodge, make_app
from apps.open_banking.tests.paying import Pays
from apps.open_banking.tests.test_obp import Reader
from apps.open_banking.tests.test_proofs import Signs
from apps.open_banking.tests.test_provider import code_for, exchange, renew
from apps.payments.tests.people import save

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("key")]


def test_nothing_leaves_once_a_revocation_has_committed():
    reader = Reader()

    def read():
        return [reader.get(f"{reader.one}/balances", **{"PSU-IP-Address": "41.80.1.9"}) for _ in range(6)]

    def stop():
        operations.revoke(consent=reader.consent, by=reader.account.owner, at=now())

    results = at_once(read, read, stop)
    assert not [one for one in results if isinstance(one, Exception)]
    answers = [response.status_code for found in results[:2] for response in found]
    assert set(answers) <= {200, 401}
    assert answers.count(200) == AccessLog.objects.count()  # each that left was written, and none that did not
    for found in results[:2]:
        codes = [response.status_code for response in found]
        assert codes == sorted(codes), "after one refusal nothing leaves again"
    assert read()[0].status_code == 401
    assert (Consent.objects.get().status, AccessToken.objects.count()) == ("REVOKED_BY_PSU", 0)


def test_one_of_two_consents_given_at_once_ends_the_other():
    app, account = make_app().app, make_account()
    first, second = lodge(app), lodge(app)
    results = at_once(lambda: give(first, [account]), lambda: give(second, [account]))
    assert not [one for one in results if isinstance(one, Exception)], results
    assert sorted(Consent.objects.values_list("status", flat=True)) == ["TERMINATED_BY_TPP", "VALID"]


def test_a_code_sent_twice_at_once_gives_nothing_that_lives():
    made = make_app()
    code = code_for(made, make_account())
    statuses = sorted(one.status_code for one in at_once(*[lambda: exchange(made, code)] * 3))
    assert statuses == [200, 400, 400]
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_a_refresh_token_sent_twice_at_once_ends_its_family():
    made = make_app()
    token = exchange(made, code_for(made, make_account())).json()["refresh_token"]
    assert sorted(one.status_code for one in at_once(*[lambda: renew(made, token)] * 2)) == [200, 400]
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_a_refresh_and_a_revocation_leave_no_token():
    made, account = make_app(), make_account()
    token = exchange(made, code_for(made, account)).json()["refresh_token"]
    consent = Consent.objects.get()
    at_once(lambda: renew(made, token), lambda: operations.revoke(consent=consent, by=account.owner, at=now()))
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_an_app_gets_as_many_answers_as_its_limit_however_it_asks():
    reader = Reader()
    ThirdPartyApp.objects.update(rate_limit_per_minute=5)

    def ask():
        return [reader.get("/obp/v5.1.0/users/current/user_id") for _ in range(4)]

    answers = [response for found in at_once(ask, ask) for response in found]
    assert sorted(one.status_code for one in answers) == [200] * 5 + [429] * 3
    refused = next(one for one in answers if one.status_code == 429)
    assert refused.json()["message"] == (
        "OBP-10018: Too Many Requests. We only allow 5 requests per minute for this Consumer."
    )
    assert (refused["X-Rate-Limit-Limit"], refused["X-Rate-Limit-Remaining"]) == ("5", "0")
    assert int(refused["X-Rate-Limit-Reset"]) <= 60


def test_unattended_reads_are_counted_once_each_however_they_come():
    reader = Reader()
    results = at_once(*[lambda: reader.get(f"{reader.one}/balances").status_code] * 6)
    assert sorted(results) == [200] * 4 + [429] * 2
    assert AccessLog.objects.count() == 4


def test_one_consent_makes_one_payment_however_many_ask():
    one = Pays()
    answers = at_once(*[one.pay] * 3)
    assert sorted(response.status_code for response in answers) == [201, 401, 401]
    assert balance_of(one.payee) == "250.00"
    assert TransactionRequest.objects.count() == 1
    assert_books_balance()


def test_one_key_makes_one_payment_and_both_hear_the_same():
    one = Pays()
    answers = at_once(*[lambda: one.pay(**{"x-idempotency-key": "k"})] * 3)
    assert [response.status_code for response in answers] == [201] * 3
    assert len({response.json()["id"] for response in answers}) == 1
    assert balance_of(one.payee) == "250.00"


def test_recurring_payments_at_once_stay_within_the_month():
    one = Pays("300", balance="5000", is_recurring=True, monthly=kes("600"), monthly_count=9)
    answers = at_once(*[lambda: one.pay(body=one.body("300"))] * 4)
    assert sorted(response.status_code for response in answers) == [201, 201, 400, 400]
    assert balance_of(one.payee) == "600.00"
    assert_books_balance()


def test_a_payment_and_a_revocation_are_one_after_the_other():
    one = Pays()
    paid, _stopped = at_once(one.pay, lambda: operations.revoke(consent=one.consent, by=one.account.owner, at=now()))
    status = Consent.objects.get().status
    assert (paid.status_code, balance_of(one.payee), status) in {
        (201, "250.00", "CONSUMED"),
        (401, "0.00", "REVOKED_BY_PSU"),
    }


def test_a_right_answer_sent_twice_at_once_pays_once():
    one = Pays(consents=False)
    made, code = one.pay().json(), one.code
    answers = at_once(*[lambda: one.answer(made, code)] * 2)
    assert {response.status_code for response in answers} <= {202, 400}
    assert 202 in {response.status_code for response in answers}
    assert balance_of(one.payee) == "250.00"
    assert_books_balance()


def test_of_payments_at_once_no_more_go_than_the_customer_set_for_somebody():
    one = Pays(consents=False)
    payee = save(one.account.owner, one.payee)
    most = Most(single_minor=50_000, monthly_minor=50_000, monthly_count=9, yearly_minor=90_000, yearly_count=9,
                total_minor=90_000, total_count=9)  # fmt: skip
    operations.keep_limit(
        account=one.account, payee=payee, most=most, by=one.account.owner, at=now(), is_new=True
    )  # fmt: skip
    found = at_once(*[lambda: one.pay(body=one.body("200"))] * 4)
    assert sorted(row.status_code for row in found) == [201, 201, 400, 400]
    assert "max_monthly_amount" in next(row for row in found if row.status_code == 400).json()["message"]
    assert TransactionRequest.objects.count() == 2
    assert_books_balance()


def test_an_assertion_sent_twice_at_once_proves_an_app_once():
    one = Signs()
    given = one.assertion()
    statuses = sorted(row.status_code for row in at_once(*[lambda: one.token(given)] * 3))
    assert statuses == [200, 401, 401]
