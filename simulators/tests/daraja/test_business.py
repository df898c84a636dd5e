"""What an initiator asks for: payouts, business payments, tax, reversals, status, balance."""

import re

import pytest

from simulators.tests.daraja.conftest import PAYBILL, PHONE, TILL, parameters

CODES = ["1", "2", "3", "4", "8", "11", "15", "17", "18", "19", "20", "21", "22", "24", "25", "26", "29", "2001"]
CODES += ["2006", "2028", "2040", "8006", "SFC_IC0003", "R000001", "R000002", "100000000", "100000011"]


class TestPayouts:
    """B2C and Pochi."""

    def test_are_accepted_then_told_word_for_word(self, mpesa):
        sent = mpesa.b2c().json()
        assert list(sent) == ["ConversationID", "OriginatorConversationID", "ResponseCode", "ResponseDescription"]
        assert re.fullmatch(r"AG_\d{8}_[0-9a-f]{20}", sent["ConversationID"])
        assert (sent["OriginatorConversationID"], sent["ResponseCode"]) == ("own-1", "0")
        result = mpesa.result()
        assert (result["ResultType"], result["ResultCode"]) == (0, 0)
        assert (result["ConversationID"], result["OriginatorConversationID"]) == (sent["ConversationID"], "own-1")
        assert result["ReferenceData"]["ReferenceItem"] == {
            "Key": "QueueTimeoutURL",
            "Value": f"{mpesa.hooks}/timeout",
        }
        found = parameters(result)
        assert found.pop("TransactionReceipt") == result["TransactionID"]
        assert re.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d", found.pop("TransactionCompletedDateTime"))
        assert found.pop("ReceiverPartyPublicName").startswith(f"{PHONE} - ")
        assert found == {
            "TransactionAmount": 200,
            "B2CRecipientIsRegisteredCustomer": "Y",
            "B2CChargesPaidAccountAvailableFunds": -5,
            "B2CUtilityAccountAvailableFunds": 4_999_800,
            "B2CWorkingAccountAvailableFunds": 2_000_000,
        }
        assert mpesa.balance(PHONE) == 50_200_00

    def test_the_same_id_pays_once(self, mpesa):
        mpesa.b2c()
        again = mpesa.b2c()
        assert (again.status_code, again.json()["errorCode"]) == (500, "500.002.1001")
        assert again.json()["errorMessage"] == "Duplicate OriginatorConversationID."
        assert mpesa.balance(PHONE) == 50_200_00

    def test_the_first_version_has_no_id_of_ours(self, mpesa):
        body = mpesa.b2c_body()
        del body["OriginatorConversationID"]
        sent = mpesa.post("/mpesa/b2c/v1/paymentrequest", body).json()
        assert re.fullmatch(r"\d{5}-\d{8}-1", sent["OriginatorConversationID"])
        third = mpesa.post("/mpesa/b2c/v3/paymentrequest", body)
        assert third.json()["errorMessage"] == "Bad Request - Invalid OriginatorConversationID"

    def test_the_proxys_id_may_come_back_instead_of_ours(self, mpesa):
        mpesa.control("switches", originator_in_result="PROXY")
        sent = mpesa.b2c().json()
        result = mpesa.result()
        assert result["OriginatorConversationID"] != "own-1"
        assert result["ConversationID"] == sent["ConversationID"]

    def test_pochi_is_the_same_with_its_own_command(self, mpesa):
        body = mpesa.b2c_body(CommandID="BusinessPayToPochi")
        assert mpesa.post("/mpesa/b2pochi/v1/paymentrequest", body).json()["ResponseCode"] == "0"
        assert mpesa.result()["ResultCode"] == 0
        wrong = mpesa.b2c("own-2", CommandID="BusinessPayToPochi")
        assert wrong.json()["errorMessage"] == "Bad Request - Invalid CommandID"

    @pytest.mark.parametrize(
        ("control", "fields", "code"),
        [
            (("organisations", {"shortcode": PAYBILL, "utility": "199.99"}), {}, 1),
            (None, {"Amount": 9}, 2),
            (None, {"Amount": 250_001}, 3),
            (("phones", {"phone": PHONE, "balance": "499900"}), {}, 8),
            (("organisations", {"shortcode": PAYBILL, "is_active": "false"}), {}, 11),
            (None, {"PartyA": "999999"}, 11),
            (("phones", {"phone": PHONE, "state": "FROZEN"}), {}, 2006),
            (("organisations", {"shortcode": PAYBILL, "products": "stk"}), {}, 2028),
            (("phones", {"phone": PHONE, "state": "UNREGISTERED"}), {}, 2040),
            (("phones", {"phone": PHONE, "state": "UNKNOWN"}), {}, "SFC_IC0003"),
        ],
    )
    def test_are_declined_and_move_nothing(self, mpesa, control, fields, code):
        if control:
            mpesa.control(control[0], **control[1])
        before = mpesa.balance(PAYBILL, "Utility Account"), mpesa.balance(PHONE)
        mpesa.b2c(**fields)
        result = mpesa.result()
        assert result["ResultCode"] == code
        assert "ResultParameters" not in result
        after = mpesa.balance(PAYBILL, "Utility Account"), mpesa.balance(PHONE)
        assert after == before

    def test_4_the_recipients_day_is_full(self, mpesa):
        for number in range(2):
            mpesa.control("phones", phone=PHONE, balance="0")
            mpesa.b2c(f"own-{number}", Amount=250_000)
        mpesa.control("phones", phone=PHONE, balance="0")
        mpesa.b2c("own-3", Amount=10)
        assert [body["Result"]["ResultCode"] for body in mpesa.posted("result")] == [0, 0, 4]

    @pytest.mark.parametrize("code", CODES)
    def test_any_result_may_be_forced(self, mpesa, code):
        mpesa.control("plans", subject="b2c", result_code=code)
        mpesa.b2c()
        assert mpesa.result()["ResultCode"] == (int(code) if code.isdigit() else code)
        assert mpesa.balance(PHONE) == 50_000_00

    @pytest.mark.parametrize(
        "name", ["InitiatorName", "SecurityCredential", "CommandID", "Amount", "PartyA", "PartyB", "Remarks"]
    )
    def test_a_missing_field_is_named(self, mpesa, name):
        answer = mpesa.b2c(**{name: ""})
        assert (answer.status_code, answer.json()["errorMessage"]) == (400, f"Bad Request - Invalid {name}")
        assert mpesa.truth()["requests"] == []


class TestBusinessPayments:
    """B2B and tax."""

    def test_are_told_in_text(self, mpesa):
        mpesa.b2b()
        result = mpesa.result()
        assert (result["ResultType"], result["ResultCode"]) == ("0", "0")
        found = parameters(result)
        assert all(isinstance(value, str) for value in found.values())
        odd = "{Amount={CurrencyCode=KES, MinimumAmount=199981000, BasicAmount=1999810.00}}"
        assert found.pop("TransCompletedTime").isdigit()
        assert found == {
            "DebitAccountBalance": odd,
            "Amount": "190.00",
            "DebitPartyAffectedAccountBalance": "Working Account|KES|1999810.00|1999810.00|0.00|0.00",
            "DebitPartyCharges": "",
            "ReceiverPartyPublicName": "600000 - Umeme Power",
            "Currency": "KES",
            "InitiatorAccountCurrentBalance": odd,
        }
        references = {row["Key"]: row["Value"] for row in result["ReferenceData"]["ReferenceItem"]}
        assert references == {"BillReferenceNumber": "353353", "QueueTimeoutURL": f"{mpesa.hooks}/timeout"}
        assert mpesa.balance("600000", "Utility Account") == 100_190_00

    @pytest.mark.parametrize(
        ("command", "receiver", "kind", "account"),
        [
            ("BusinessBuyGoods", TILL, "2", (TILL, "Merchant Account", 100_190_00)),
            ("BusinessBuyGoods", TILL, "4", (TILL, "Merchant Account", 100_190_00)),
            ("BusinessPayToBulk", "600996", "4", ("600996", "Utility Account", 5_000_190_00)),
            ("BusinessTransferFromMMFToUtility", PAYBILL, "4", (PAYBILL, "Utility Account", 5_000_190_00)),
            ("BusinessTransferFromUtilityToMMF", PAYBILL, "4", (PAYBILL, "Working Account", 2_000_190_00)),
        ],
    )
    def test_every_command_moves_between_its_accounts(self, mpesa, command, receiver, kind, account):
        mpesa.b2b(CommandID=command, PartyB=receiver, RecieverIdentifierType=kind)
        assert mpesa.result()["ResultCode"] == "0"
        assert mpesa.balance(*account[:2]) == account[2]

    def test_tax_goes_to_the_tax_office(self, mpesa):
        fields = {"CommandID": "PayTaxToKRA", "PartyB": "572572", "AccountReference": "353353"}
        b2b = {"SenderIdentifierType": 4, "RecieverIdentifierType": 4, "Amount": 239, "PartyA": PAYBILL}
        mpesa.post("/mpesa/b2b/v1/remittax", mpesa.family(**fields, **b2b))
        assert mpesa.result()["ResultCode"] == "0"
        assert mpesa.balance("572572", "Utility Account") == 239_00
        wrong = mpesa.post("/mpesa/b2b/v1/remittax", mpesa.family(**b2b, **{**fields, "PartyB": PAYBILL}))
        assert wrong.json()["errorMessage"] == "Bad Request - Invalid PartyB"

    @pytest.mark.parametrize(
        ("control", "fields", "code"),
        [
            ({"working": "189"}, {}, "1"),
            ({"is_active": "false"}, {}, "11"),
            ({}, {"PartyB": "999999"}, "SFC_IC0003"),
            ({}, {"PartyB": TILL}, "2028"),
            ({}, {"PartyB": PAYBILL}, "2028"),
        ],
    )
    def test_are_declined_with_one_object(self, mpesa, control, fields, code):
        mpesa.control("organisations", shortcode=PAYBILL, **control)
        mpesa.b2b(**fields)
        result = mpesa.result()
        assert result["ResultCode"] == code
        assert result["ResultParameters"]["ResultParameter"]["Key"] == "BOCompletedTime"

    def test_an_unknown_command_is_refused(self, mpesa):
        assert mpesa.b2b(CommandID="Pay").json()["errorMessage"] == "Bad Request - Invalid CommandID"

    @pytest.mark.parametrize(("plan", "code"), [({}, "0"), ({"answer": "CANCEL"}, "4001"), ({"result_code": "1"}, "1")])
    def test_a_till_operator_is_asked(self, mpesa, plan, code):
        if plan:
            mpesa.control("plans", subject="express", **plan)
        body = {
            "primaryShortCode": TILL,
            "receiverShortCode": PAYBILL,
            "amount": "71",
            "paymentRef": "paymentRef",
            "callbackUrl": f"{mpesa.hooks}/express",
            "partnerName": "Vendor",
            "RequestRefID": "ours-1",
        }
        answer = mpesa.post("/v1/ussdpush/get-msisdn", body)
        assert answer.json() == {"code": "0", "status": "USSD Initiated Successfully"}
        (told,) = mpesa.posted("express")
        assert (told["resultCode"], told["requestId"], told["amount"]) == (code, "ours-1", "71.0")
        assert ("status" in told, "paymentReference" in told) == (code == "0", code != "0")
        assert mpesa.balance(TILL, "Merchant Account") == (100_000 - 71 * (code == "0")) * 100


class TestReversals:
    """Giving a payment back."""

    def reverse(self, mpesa, receipt, **fields):
        body = mpesa.family(
            CommandID="TransactionReversal",
            TransactionID=receipt,
            Amount=100,
            ReceiverParty=PAYBILL,
            RecieverIdentifierType="11",
        )
        return mpesa.post("/mpesa/reversal/v1/request", {**body, **fields})

    def test_returns_the_money_once(self, mpesa):
        receipt = mpesa.paid()
        self.reverse(mpesa, receipt)
        result = mpesa.result()
        found = parameters(result)
        assert found.pop("TransCompletedTime") > 20_000_000_000_000
        assert found.pop("CreditPartyPublicName").startswith(PHONE)
        assert found == {
            "DebitAccountBalance": "Utility Account|KES|5000000.00|5000000.00|0.00|0.00",
            "Amount": 100,
            "OriginalTransactionID": receipt,
            "Charge": 0,
            "DebitPartyPublicName": f"{PAYBILL} - KitBank",
        }
        assert mpesa.balance(PHONE) == 50_000_00
        self.reverse(mpesa, receipt)
        assert mpesa.posted("result")[-1]["Result"]["ResultCode"] == "R000001"
        assert mpesa.balance(PHONE) == 50_000_00

    def test_an_unknown_receipt_or_one_of_somebody_else(self, mpesa):
        receipt = mpesa.paid()
        self.reverse(mpesa, "UKL1234567")
        self.reverse(mpesa, receipt, ReceiverParty="600000")
        codes = [body["Result"]["ResultCode"] for body in mpesa.posted("result")]
        assert codes == ["R000002", "R000002"]

    def test_money_that_was_spent_does_not_come_back(self, mpesa):
        receipt = mpesa.paid()
        mpesa.control("organisations", shortcode=PAYBILL, utility="99.99")
        self.reverse(mpesa, receipt)
        assert mpesa.result()["ResultCode"] == 1
        assert mpesa.balance(PHONE) == 49_900_00

    def test_more_than_was_paid_is_a_bad_parameter(self, mpesa):
        self.reverse(mpesa, mpesa.paid(), Amount=101)
        assert mpesa.result()["ResultCode"] == 25


class TestEnquiries:
    """Status and balance."""

    def status(self, mpesa, **fields):
        body = mpesa.family(CommandID="TransactionStatusQuery", PartyA=PAYBILL, IdentifierType="4", Occasion="")
        return mpesa.post("/mpesa/transactionstatus/v1/query", {**body, **fields})

    def test_a_receipt_and_either_conversation_find_the_same(self, mpesa):
        sent = mpesa.b2c().json()
        receipt = mpesa.result()["TransactionID"]
        for key in (
            {"TransactionID": receipt},
            {"OriginalConversationID": "own-1"},
            {"OriginalConversationID": sent["ConversationID"]},
        ):
            self.status(mpesa, **key)
            found = parameters(mpesa.posted("result")[-1]["Result"])
            assert (found["ReceiptNo"], found["TransactionStatus"]) == (receipt, "Completed")
            assert (found["Amount"], found["DebitPartyCharges"]) == ("200.00", "Fee For Payment|KES|5.00")
            assert found["TransactionReason"] is None
            assert re.fullmatch(r"\d{14}", found["FinalisedTime"])

    def test_what_was_declined_is_found_as_such(self, mpesa):
        mpesa.b2c(Amount=9)
        self.status(mpesa, OriginalConversationID="own-1")
        assert parameters(mpesa.posted("result")[-1]["Result"])["TransactionStatus"] == "Declined"

    def test_what_nobody_knows_is_not_found(self, mpesa):
        self.status(mpesa, TransactionID="UKL1234567")
        assert mpesa.result()["ResultCode"] == "R000002"
        mpesa.control("switches", status_unknown_code="25")
        self.status(mpesa, OriginalConversationID="other")
        assert mpesa.posted("result")[-1]["Result"]["ResultCode"] == 25
        assert self.status(mpesa).json()["errorMessage"] == "Bad Request - Invalid TransactionID"

    def test_what_belongs_to_somebody_else_is_not_found(self, mpesa):
        mpesa.b2c()
        self.status(mpesa, OriginalConversationID="own-1", PartyA="600000")
        assert mpesa.posted("result")[-1]["Result"]["ResultCode"] == "R000002"

    def test_balances_come_in_one_line_of_text(self, mpesa):
        mpesa.b2c()
        mpesa.posted()
        body = mpesa.family(CommandID="AccountBalance", PartyA=PAYBILL, IdentifierType=4)
        mpesa.post("/mpesa/accountbalance/v1/query", body)
        result = mpesa.posted("result")[-1]["Result"]
        assert (result["ResultType"], result["ResultCode"]) == ("0", "0")
        assert parameters(result)["AccountBalance"] == (
            "Working Account|KES|2000000.00|2000000.00|0.00|0.00&Float Account|KES|0.00|0.00|0.00|0.00"
            "&Utility Account|KES|4999800.00|4999800.00|0.00|0.00&Charges Paid Account|KES|-5.00|-5.00|0.00|0.00"
            "&Organization Settlement Account|KES|0.00|0.00|0.00|0.00"
        )
