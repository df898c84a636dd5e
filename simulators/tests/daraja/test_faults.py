"""Everything that can go wrong on the way, one fault at a time and by chance."""

import json
import time
from collections import Counter

import httpx
import pytest

from simulators.tests.daraja.conftest import OTHER, PAYBILL, PHONE, Bank


class TestSynchronousFaults:
    """The answer is lost, wrong or a refusal; sometimes the money moved all the same."""

    @pytest.mark.parametrize(
        ("fault", "status", "code", "paid"),
        [
            ("HTTP_500", 500, "500.003.1001", False),
            ("SPIKE_ARREST", 500, "500.003.02", False),
            ("QUOTA", 500, "500.003.03", False),
            ("BUSY", 500, "500.003.02", False),
            ("HTML_403", 403, None, False),
            ("GARBAGE", 200, None, True),
        ],
    )
    def test_a_wrong_answer(self, mpesa, fault, status, code, paid):
        mpesa.control("plans", subject="b2c", sync=fault)
        answer = mpesa.b2c()
        assert answer.status_code == status
        if code:
            assert answer.json()["errorCode"] == code
        else:
            with pytest.raises(json.JSONDecodeError):
                answer.json()
        assert mpesa.balance(PHONE) == (50_200_00 if paid else 50_000_00)
        assert len(mpesa.posted("result")) == paid

    @pytest.mark.parametrize(("fault", "slow"), [("RESET", 0), ("TIMEOUT", 0.2)])
    @pytest.mark.parametrize("done", [True, False])
    def test_no_answer_at_all(self, mpesa, fault, slow, done):
        mpesa.control("plans", subject=PHONE, sync=fault, slow=slow, sync_done=done)
        with pytest.raises(httpx.TransportError):
            mpesa.b2c()
        assert mpesa.balance(PHONE) == (50_200_00 if done else 50_000_00)
        mpesa.control("plans", subject=PHONE)
        again = mpesa.b2c()
        assert again.status_code == (500 if done else 200)

    def test_a_time_out_leaves_the_client_waiting(self, mpesa):
        mpesa.control("plans", subject=PAYBILL, sync="TIMEOUT", slow=2)
        with pytest.raises(httpx.ReadTimeout):
            mpesa.http.post("/mpesa/stkpush/v1/processrequest", json=mpesa.push_body(), timeout=0.3)
        assert len(mpesa.truth()["pushes"]) == 1

    def test_a_slow_answer_is_right_in_the_end(self, mpesa):
        mpesa.control("plans", subject="stk", slow=0.3)
        start = time.monotonic()
        assert mpesa.push().status_code == 200
        assert time.monotonic() - start > 0.3

    def test_any_refusal_may_be_forced_for_so_many_times(self, mpesa):
        mpesa.control("plans", subject="stk", error_code="404.002.01", error_message="Gone", times=2)
        answers = [mpesa.push() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 200]
        assert answers[0].json()["errorMessage"] == "Gone"

    def test_tokens_go_wrong_too(self, mpesa):
        mpesa.control("plans", subject="token", sync="SPIKE_ARREST", times=1)
        address = "/oauth/v1/generate?grant_type=client_credentials"
        keys = ("simulated-key", "simulated-secret")
        assert mpesa.http.get(address, auth=keys).status_code == 500
        assert mpesa.http.get(address, auth=keys).status_code == 200

    def test_the_more_particular_plan_wins(self, mpesa):
        mpesa.control("plans", sync="BUSY")
        mpesa.control("plans", subject="product:b2c", sync="QUOTA")
        mpesa.control("plans", subject="0712 345 908", sync="SPIKE_ARREST")
        assert mpesa.b2c().json()["errorMessage"].endswith("Spike Arrest Violation")
        assert mpesa.b2c(PartyB=OTHER).json()["errorCode"] == "500.003.03"
        assert mpesa.push(PartyA=OTHER, PhoneNumber=OTHER).json()["errorMessage"].startswith("System is busy")

    def test_a_plan_that_is_none_is_refused(self, mpesa):
        for values in (
            {"subject": "nobody"},
            {"sync": "X"},
            {"callback": "X"},
            {"result_code": "77"},
            {"answer": "X"},
            {"delay": "x"},
        ):
            assert mpesa.web.post("/control/mpesa/plans/", json=values).status_code == 400


class TestResultFaults:
    """The result comes never, twice, late, too early, in the wrong order, or wrong."""

    def results(self, mpesa, **plan):
        mpesa.control("plans", subject="b2c", **plan)
        mpesa.b2c()
        return mpesa.posted("result")

    def test_never(self, mpesa):
        assert self.results(mpesa, callback="NEVER") == []
        assert mpesa.balance(PHONE) == 50_200_00

    def test_twice(self, mpesa):
        first, second = self.results(mpesa, callback="DUPLICATE")
        assert first == second

    @pytest.mark.parametrize("plan", [{"callback": "LATE"}, {"callback": "LATE", "delay": 30}, {"delay": 30}])
    def test_late(self, mpesa, plan):
        assert self.results(mpesa, **plan) == []
        (row,) = mpesa.house.store.rows("SELECT due_at FROM callback WHERE done_at IS NULL")
        assert 25 < row["due_at"] - time.time() < 125

    def test_before_the_answer(self, mpesa):
        mpesa.control("plans", subject="b2c", callback="BEFORE")
        mpesa.b2c()
        assert [path for path, _ in Bank.posts] == ["result"]  # nobody made a round meanwhile
        assert mpesa.posted("result")[1:] == []

    def test_before_the_answer_to_a_prompt(self, mpesa):
        mpesa.control("plans", subject="stk", callback="BEFORE")
        checkout = mpesa.push().json()["CheckoutRequestID"]
        ((_, body),) = Bank.posts
        assert body["Body"]["stkCallback"]["CheckoutRequestID"] == checkout
        assert mpesa.query(checkout).json()["ResultCode"] == "0"

    def test_out_of_order(self, mpesa):
        mpesa.control("plans", subject="b2c", callback="OUT_OF_ORDER", times=1)
        mpesa.b2c("first")
        mpesa.b2c("second")
        rows = mpesa.house.store.rows("SELECT body FROM callback ORDER BY due_at")
        assert ["first" in row["body"] for row in rows] == [False, True]

    def test_a_wrong_amount(self, mpesa):
        (body,) = self.results(mpesa, callback="WRONG_AMOUNT")
        values = {row["Key"]: row["Value"] for row in body["Result"]["ResultParameters"]["ResultParameter"]}
        assert values["TransactionAmount"] == 7.77
        assert mpesa.balance(PHONE) == 50_200_00

    def test_an_unknown_request(self, mpesa):
        (body,) = self.results(mpesa, callback="UNKNOWN_ID")
        assert body["Result"]["ConversationID"] != mpesa.truth()["requests"][0]["conversation_id"]
        assert body["Result"]["OriginatorConversationID"] != "own-1"

    def test_a_wrong_type(self, mpesa):
        (body,) = self.results(mpesa, callback="WRONG_TYPE")
        result = body["Result"]
        assert (result["ResultType"], result["ResultCode"]) == ("0", "0")
        assert [row["Key"] for row in result["ReferenceData"]["ReferenceItem"]] == ["QueueTimeoutURL"]

    def test_broken_json(self, mpesa):
        (body,) = self.results(mpesa, callback="GARBAGE")
        assert isinstance(body, str)

    def test_a_queue_time_out_says_nothing_of_the_money(self, mpesa):
        assert self.results(mpesa, callback="QUEUE_TIMEOUT") == []
        (body,) = mpesa.posted("timeout")
        assert body["Result"]["OriginatorConversationID"] == "own-1"
        assert "ResultParameters" not in body["Result"]
        assert mpesa.balance(PHONE) == 50_200_00

    def test_a_result_after_the_queue_time_out(self, mpesa):
        self.results(mpesa, callback="QUEUE_TIMEOUT_THEN_RESULT", delay=60)
        assert len(mpesa.posted("timeout")) == 1
        assert len(mpesa.house.store.rows("SELECT 1 FROM callback WHERE done_at IS NULL")) == 1

    @pytest.mark.parametrize(("how", "count"), [("NEVER", 0), ("DUPLICATE", 2)])
    def test_confirmations_too(self, mpesa, how, count):
        mpesa.register()
        mpesa.control("plans", subject="c2b", callback=how)
        mpesa.simulate()
        assert len(mpesa.posted("confirm")) == count
        assert mpesa.balance(PHONE) == 49_995_00

    def test_only_this_machine_is_called(self, mpesa):
        mpesa.b2c(ResultURL="https://bank.example/hooks/result")
        assert mpesa.posted() == []
        (row,) = mpesa.house.store.rows("SELECT * FROM callback")
        assert (row["error"], row["tries"]) == ("Not on this machine.", 0)


class TestChaos:
    """Going wrong by chance, and again in the same way."""

    RATES = {
        "sync": {"HTTP_500": 0.1, "GARBAGE": 0.1},
        "callback": {"NEVER": 0.1, "DUPLICATE": 0.1},
        "result_code": {"1037": 0.1, "1032": 0.1},
        "answer": {"PIN": 1},
    }

    def run(self, mpesa, seed, phones):
        mpesa.house.store.forget()
        mpesa.sign_in()
        mpesa.control("chaos", seed=seed, rates=self.RATES)
        Bank.posts.clear()
        statuses = {}
        for phone in phones:
            answer = mpesa.push(PartyA=phone, PhoneNumber=phone)
            statuses[phone] = (answer.status_code, answer.text[:1])
        told = Counter(body["Body"]["stkCallback"]["ResultCode"] for body in mpesa.posted("stk"))
        ends = {row["phone"]: row["result_code"] for row in mpesa.truth()["pushes"]}
        return statuses, told, ends

    def test_the_same_seed_has_the_same_fate_in_any_order(self, mpesa):
        phones = [f"2547000000{n:02d}" for n in range(40)]
        first = self.run(mpesa, 7, phones)
        assert self.run(mpesa, 7, phones[::-1]) == first
        assert self.run(mpesa, 8, phones) != first
        assert len(set(first[2].values())) > 1
        assert {status for status, _ in first[0].values()} == {200, 500}

    def test_a_query_tells_the_truth_whatever_the_chances(self, mpesa):
        checkout = mpesa.push().json()["CheckoutRequestID"]
        mpesa.answer(checkout, pin="1234")
        mpesa.control("chaos", seed=7, rates={"result_code": {"1037": 1}})
        mpesa.control("plans", result_code="1032")
        assert mpesa.query(checkout).json()["ResultCode"] == "0"
        mpesa.control("plans", subject="query", result_code="1032")
        assert mpesa.query(checkout).json()["ResultCode"] == "1032"

    def test_can_be_ended(self, mpesa):
        mpesa.control("chaos", seed=1, rates={"sync": {"HTTP_500": 1}})
        assert mpesa.push().status_code == 500
        assert mpesa.control("chaos") == {"chaos": None}
        assert mpesa.push().status_code == 200

    @pytest.mark.parametrize("rates", [{"sync": {"X": 0.1}}, {"nothing": {"X": 0.1}}, {"sync": {"QUOTA": 1.1}}])
    def test_rates_that_are_none_are_refused(self, mpesa, rates):
        assert mpesa.web.post("/control/mpesa/chaos/", json={"seed": 1, "rates": rates}).status_code == 400
