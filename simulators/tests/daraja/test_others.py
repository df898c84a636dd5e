"""QR codes, look-ups, standing orders, invoices."""

import base64

import pytest

from simulators.tests.daraja.conftest import PAYBILL, PHONE


class TestQrCodes:
    """A picture to scan."""

    BODY = {
        "MerchantName": "KitBank",
        "RefNo": "R-1",
        "Amount": 10,
        "TrxCode": "PB",
        "CPI": PAYBILL,
        "Size": "300",
    }

    def test_are_png(self, mpesa):
        answer = mpesa.post("/mpesa/qrcode/v1/generate", self.BODY).json()
        assert list(answer) == ["ResponseCode", "RequestID", "ResponseDescription", "QRCode"]
        assert answer["ResponseCode"] == "00"
        assert base64.b64decode(answer["QRCode"]).startswith(b"\x89PNG")
        mpesa.control("switches", qr_code="AG")
        assert mpesa.post("/mpesa/qrcode/v1/generate", self.BODY).json()["ResponseCode"].startswith("AG_")

    @pytest.mark.parametrize(("name", "value"), [("TrxCode", "XX"), ("Size", "0"), ("Amount", "x"), ("CPI", "")])
    def test_name_what_is_wrong(self, mpesa, name, value):
        answer = mpesa.post("/mpesa/qrcode/v1/generate", {**self.BODY, name: value})
        assert answer.json()["errorMessage"] == f"Bad Request - Invalid {name}"


class TestLookUps:
    """Names and SIMs."""

    def hakikisha(self, mpesa, msisdn):
        body = {"header": {"requestID": "r-1", "timestamp": "x"}, "body": {"msisdn": msisdn, "shortcode": PAYBILL}}
        return mpesa.post("/mpesa/b2c/hakikisha/v1/hakikisha", body).json()

    def test_a_name_is_mostly_masked(self, mpesa):
        mpesa.control("phones", phone=PHONE, first_name="Wanjiku", middle_name="Njeri", last_name="Kamau")
        found = self.hakikisha(mpesa, PHONE)
        assert (found["header"]["requestID"], found["header"]["status"]) == ("r-1", "200")
        assert found["body"] == {"firstName": "Wanjiku", "middleName": "N****", "lastName": "K****"}

    def test_nobody_has_no_name(self, mpesa):
        mpesa.control("phones", phone=PHONE, state="UNKNOWN")
        for number in (PHONE, "123"):
            found = self.hakikisha(mpesa, number)
            assert (found["header"]["status"], list(found["body"])) == ("400", ["message"])

    def test_an_organisation_has_a_name(self, mpesa):
        ask = {"IdentifierType": "4", "Identifier": "600000"}
        found = mpesa.post("/sfcverify/v1/query/info", ask).json()
        assert (found["ResponseCode"], found["ResponseMessage"]) == ("4000", "Success")
        assert found["OrganizationName"] == "Umeme Power"
        mpesa.control("switches", org_info_code="0")
        assert mpesa.post("/sfcverify/v1/query/info", ask).json()["ResponseCode"] == "0"
        nobody = mpesa.post("/sfcverify/v1/query/info", {**ask, "Identifier": "999999"}).json()
        assert (nobody["ResponseMessage"], nobody["OrganizationName"]) == ("Failed", "")

    @pytest.mark.parametrize(("version", "more"), [("v1", {"imsi", "msisdnRegistrationDate"}), ("v2", set())])
    def test_a_sim_has_an_age(self, mpesa, version, more):
        found = mpesa.post(f"/imsi/{version}/checkATI", {"customerNumber": PHONE}).json()
        assert set(found) == {"requestRefID", "responseCode", "responseDesc", "lastSwapDate"} | more
        assert found["lastSwapDate"] == "01-01-1900"


class TestStandingOrders:
    """Ratiba."""

    def create(self, mpesa, **fields):
        body = {
            "StandingOrderName": "Rent",
            "StartDate": "20270101",
            "EndDate": "20271231",
            "BusinessShortCode": PAYBILL,
            "TransactionType": "Standing Order Customer Pay Bill",
            "ReceiverPartyIdentifierType": "4",
            "Amount": "4500",
            "PartyA": PHONE,
            "CallBackURL": f"{mpesa.hooks}/ratiba",
            "AccountReference": "RENT",
            "TransactionDesc": "Rent",
            "Frequency": "4",
        }
        return mpesa.post("/standingorder/v1/createStandingOrderExternal", {**body, **fields})

    def test_are_agreed_to_in_camel_case(self, mpesa):
        answer = self.create(mpesa).json()
        assert answer["ResponseHeader"]["responseCode"] == answer["ResponseBody"]["responseCode"] == "200"
        (told,) = mpesa.posted("ratiba")
        assert told["responseHeader"]["responseRefID"] == answer["ResponseHeader"]["responseRefID"]
        found = {row["name"]: row["value"] for row in told["responseBody"]["responseData"]}
        assert (found["responseCode"], found["Status"], found["Msisdn"]) == ("0", "OKAY", "254******908")
        assert self.create(mpesa).status_code == 400

    def test_fail_in_pascal_case(self, mpesa):
        mpesa.control("plans", subject="ratiba", answer="IGNORE")
        self.create(mpesa)
        (told,) = mpesa.posted("ratiba")
        found = {row["Name"]: row["Value"] for row in told["ResponseBody"]["ResponseData"]}
        assert (found["responseCode"], found["Status"]) == ("1037", "ERROR")

    @pytest.mark.parametrize(
        ("name", "value"), [("Frequency", "9"), ("EndDate", "20260101"), ("ReceiverPartyIdentifierType", "2")]
    )
    def test_name_what_is_wrong(self, mpesa, name, value):
        assert self.create(mpesa, **{name: value}).json()["errorMessage"] == f"Bad Request - Invalid {name}"


class TestInvoices:
    """Bill Manager."""

    INVOICE = {
        "externalReference": "INV-1",
        "billedFullName": "Wanjiku Kamau",
        "billedPhoneNumber": "0712345908",
        "billedPeriod": "November 2026",
        "invoiceName": "Rent",
        "dueDate": "2026-11-30",
        "accountReference": "A-9",
        "amount": "5",
        "invoiceItems": [{"itemName": "Rent", "amount": "5"}],
    }

    @pytest.fixture
    def biller(self, mpesa):
        body = {
            "shortcode": PAYBILL,
            "email": "bills@example.com",
            "officialContact": "0710123456",
            "sendReminders": 1,
            "callbackurl": f"{mpesa.hooks}/bill",
        }
        answer = mpesa.post("/v1/billmanager-invoice/optin", body).json()
        assert (answer["resmsg"], answer["rescode"]) == ("Success", "200")
        mpesa.http.headers["appKey"] = answer["app_key"]
        return mpesa

    def send(self, mpesa, what, body):
        return mpesa.post(f"/v1/billmanager-invoice/{what}", body)

    def test_are_paid_by_their_account_number_and_then_stay(self, biller):
        assert self.send(biller, "single-invoicing", self.INVOICE).json()["rescode"] == "200"
        biller.simulate()
        (told,) = biller.posted("bill")
        receipt = told.pop("transactionId")
        assert told == {
            "paidAmount": 5,
            "msisdn": PHONE,
            "dateCreated": told["dateCreated"],
            "accountReference": "A-9",
            "shortCode": int(PAYBILL),
        }
        assert self.send(biller, "reconciliation", {"transactionId": receipt}).json()["rescode"] == "200"
        late = self.send(biller, "cancel-single-invoice", {"externalReference": "INV-1"})
        assert (late.status_code, late.json()["rescode"]) == (409, "409")

    def test_come_in_bulk_and_are_cancelled_in_bulk(self, biller):
        rows = [{**self.INVOICE, "externalReference": f"INV-{n}"} for n in range(3)]
        assert self.send(biller, "bulk-invoicing", rows).json()["rescode"] == "200"
        cancelled = [{"externalReference": row["externalReference"]} for row in rows]
        assert self.send(biller, "cancel-bulk-invoices", cancelled).json()["rescode"] == "200"
        assert self.send(biller, "bulk-invoicing", {}).status_code == 400
        assert self.send(biller, "change-optin-details", {"shortcode": PAYBILL}).json()["rescode"] == "200"

    def test_need_the_application_key(self, biller):
        biller.http.headers["appKey"] = "x"
        assert self.send(biller, "single-invoicing", self.INVOICE).json()["errorCode"] == "400.003.02"
