"""Three independent clients, each as far as it goes, pointed at the stand-in; the fourth has a module of its own."""

import sys
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace

import mpesakit.http_client.mpesa_http_client as mpesakit_http
import pytest
from daraja.utils import generate_security_credential as sdk_credential
from mpesa import MpesaClient as DarajaV3
from mpesa.exceptions import AuthenticationError, MpesaError
from mpesakit import MpesaClient as Mpesakit
from mpesakit.b2c.schemas import B2CCommandIDType
from mpesakit.mpesa_ratiba.schemas import FrequencyEnum, ReceiverPartyIdentifierTypeEnum, TransactionTypeEnum
from mpesakit.security.get_credential import generate_security_credential as mpesakit_credential

from simulators.tests.daraja.conftest import KEYS, PAYBILL, PHONE, TILL

pytestmark = pytest.mark.usefixtures("_this_machine")


@pytest.fixture
def certificate(mpesa, tmp_path):
    path = tmp_path / "certificate.cer"
    path.write_bytes(mpesa.http.get("/certificate.cer").content)
    return str(path)


@pytest.mark.parametrize("seal", [mpesakit_credential, sdk_credential], ids=["mpesakit", "daraja-sdk-py"])
def test_credentials_with_anything_added_are_wrong(mpesa, certificate, seal):
    """mpesakit adds the time to the password and daraja-sdk-py encodes it first; the documents know neither."""
    mpesa.b2c(SecurityCredential=seal("Simulated#1", certificate))
    assert mpesa.result()["ResultCode"] == 2001


class TestDarajaV3:
    """daraja-v3: tokens, prompts, payouts, addresses, balance."""

    @pytest.fixture
    def client(self, mpesa):
        return DarajaV3(*KEYS, shortcode=PAYBILL, passkey="simulated-passkey", base_url=mpesa.address)

    def test_prompts_asks_and_reads_the_callback(self, mpesa, client):
        sent = client.stk_push("0712345908", 100, "ACC-1", callback_url=f"{mpesa.hooks}/stk")
        with pytest.raises(MpesaError) as pending:
            client.stk_query(sent.checkout_request_id)
        assert pending.value.code == "500.001.1001"
        mpesa.answer(sent.checkout_request_id, pin="1234")
        assert client.stk_query(sent.checkout_request_id).is_paid
        (body,) = mpesa.posted("stk")
        told = client.parse_stk_callback(body)
        assert (told["paid"], told["amount"], told["phone"]) == (True, 100, PHONE)
        assert told["mpesa_receipt"] == mpesa.truth()["transactions"][0]["receipt"]

    def test_pays_out(self, mpesa, client, credential):
        sent = client.b2c(
            "0712345908",
            50,
            remarks="Refund",
            callback_url=f"{mpesa.hooks}/result",
            queue_timeout_url=f"{mpesa.hooks}/timeout",
            initiator_name="simulatedapi",
            security_credential=credential,
        )
        assert mpesa.result()["ConversationID"] == sent.conversation_id
        assert mpesa.balance(PHONE) == 50_050_00

    def test_registers_and_asks_for_the_balance(self, mpesa, client, credential):
        assert client.c2b_register_urls(f"{mpesa.hooks}/validate", f"{mpesa.hooks}/confirm")["ResponseCode"] == "0"
        client.account_balance(f"{mpesa.hooks}/result", f"{mpesa.hooks}/timeout", "simulatedapi", credential)
        assert "Utility Account|KES|" in str(mpesa.result())

    def test_is_told_that_its_key_is_wrong(self, mpesa):
        stranger = DarajaV3("simulated-key", "x", shortcode=PAYBILL, passkey="x", base_url=mpesa.address)
        with pytest.raises(AuthenticationError):
            stranger.stk_push("0712345908", 1, "A", callback_url=f"{mpesa.hooks}/stk")


class TestMpesakit:
    """mpesakit: everything but pull; its schemas read what is posted to the bank where they follow the documents."""

    @pytest.fixture
    def client(self, mpesa, monkeypatch):
        # Their urljoin would lose our base path.
        monkeypatch.setattr(mpesakit_http, "urljoin", lambda base, path: f"{base}{path}")
        client = Mpesakit(*KEYS)
        client.http_client.base_url = mpesa.address
        return client

    @pytest.fixture
    def family(self, mpesa, credential):
        return {
            "initiator": "simulatedapi",
            "security_credential": credential,
            "result_url": f"{mpesa.hooks}/result",
            "queue_timeout_url": f"{mpesa.hooks}/timeout",
            "remarks": "A remark",
        }

    def test_prompts_and_asks(self, mpesa, client):
        sent = client.stk_push(
            business_short_code=int(PAYBILL),
            transaction_type="CustomerPayBillOnline",
            amount=100,
            party_a=PHONE,
            party_b=PAYBILL,
            phone_number=PHONE,
            callback_url=f"{mpesa.hooks}/stk",
            account_reference="ACC-1",
            transaction_desc="Deposit",
            passkey="simulated-passkey",
        )
        assert sent.is_successful()
        mpesa.answer(sent.CheckoutRequestID, pin="1234")
        asked = client.stk_query(
            business_short_code=int(PAYBILL),
            checkout_request_id=sent.CheckoutRequestID,
            passkey="simulated-passkey",
        )
        assert (asked.is_successful(), str(asked.ResultCode)) == (True, "0")
        (body,) = mpesa.posted("stk")
        assert client.process_stk_callback(body) is not None

    def test_pays_out(self, mpesa, client, family):
        family["initiator_name"] = family.pop("initiator")
        sent = client.b2c.send_payment(
            originator_conversation_id="kit-1",
            command_id=B2CCommandIDType.BusinessPayment,
            amount=50,
            party_a=PAYBILL,
            party_b=PHONE,
            occasion="x",
            **family,
        )
        assert sent.is_successful()
        assert mpesa.result()["ResultCode"] == 0
        assert mpesa.balance(PHONE) == 50_050_00

    def test_pays_businesses_and_tax(self, mpesa, client, family):
        common = {"amount": 100, "party_a": int(PAYBILL), "account_reference": "353353", "requester": PHONE, **family}
        assert client.b2b.paybill(party_b=600000, **common).is_successful()
        assert client.b2b.buygoods(party_b=int(TILL), **common).is_successful()
        top_up = {**common, "party_a": PAYBILL}
        assert client.b2c.account_topup(party_b="600996", **top_up).is_successful()
        tax = {name: value for name, value in common.items() if name != "requester"}
        assert client.tax.remittance(**tax).is_successful()
        bodies = mpesa.posted("result")
        assert [body["Result"]["ResultCode"] for body in bodies] == ["0"] * 4
        assert client.process_tax_remittance_callback(bodies[3]) is not None

    def test_asks_for_status_and_balance_and_reverses(self, mpesa, client, family):
        receipt = mpesa.paid()
        status = client.transactions.query_status(
            transaction_id=receipt, party_a=int(PAYBILL), identifier_type=4, **family
        )
        balance = client.balance.query(command_id="AccountBalance", party_a=int(PAYBILL), identifier_type=4, **family)
        back = client.reversal.reverse(transaction_id=receipt, amount=100, receiver_party=int(PAYBILL), **family)
        assert (status.is_successful(), balance.is_successful(), back.is_successful()) == (True, True, True)
        _, second, _ = mpesa.posted("result")
        assert client.process_account_balance_callback(second) is not None
        assert mpesa.balance(PHONE) == 50_000_00

    def test_registers_addresses(self, mpesa, client):
        answer = client.c2b.register_url(
            short_code=int(PAYBILL),
            response_type="Completed",
            confirmation_url=f"{mpesa.hooks}/confirm",
            validation_url=f"{mpesa.hooks}/validate",
        )
        assert answer.is_successful()

    def test_asks_a_till_and_draws_a_code(self, mpesa, client):
        answer = client.b2b.express_checkout(
            primary_short_code=TILL,
            receiver_short_code=PAYBILL,
            amount=71,
            payment_ref="R-1",
            callback_url=f"{mpesa.hooks}/express",
            partner_name="KitBank",
            request_ref_id="kit-1",
        )
        assert answer.is_successful()
        (body,) = mpesa.posted("express")
        assert client.process_b2b_callback(body) is not None
        code = client.dynamic_qr.generate(
            merchant_name="KitBank", ref_no="R-1", amount=10, trx_code="PB", cpi=PAYBILL, size="300"
        )
        assert code.QRCode.startswith("iVBORw0KGgo")

    def test_makes_a_standing_order(self, mpesa, client):
        answer = client.ratiba.create_standing_order(
            standing_order_name="Rent",
            start_date="20270101",
            end_date="20271231",
            business_short_code=PAYBILL,
            transaction_type=TransactionTypeEnum.STANDING_ORDER_CUSTOMER_PAY_BILL,
            receiver_party_identifier_type=ReceiverPartyIdentifierTypeEnum.BUSINESS_SHORT_CODE,
            amount="4500",
            party_a=PHONE,
            callback_url=f"{mpesa.hooks}/ratiba",
            account_reference="RENT",
            transaction_desc="Rent",
            frequency=FrequencyEnum.MONTHLY,
        )
        assert answer.is_successful()
        (body,) = mpesa.posted("ratiba")
        assert body["responseHeader"]["responseCode"] == "0"  # their reader knows failures' spelling only


class TestDjangoDaraja:
    """django-daraja: tokens, prompts, payouts of the first version with a credential that it seals itself."""

    @pytest.fixture
    def client(self, mpesa, tmp_path, settings, monkeypatch):
        # Their one table is kept in memory, since simulators need no database.
        kept: list[SimpleNamespace] = []
        table = SimpleNamespace(
            first=lambda: kept[0] if kept else None,
            all=lambda: SimpleNamespace(delete=kept.clear),
            create=lambda token: kept.append(SimpleNamespace(token=token, created_at=datetime.now(UTC))) or kept[0],
        )
        models = ModuleType("django_daraja.models")
        models.AccessToken = SimpleNamespace(objects=table)
        monkeypatch.setitem(sys.modules, "django_daraja.models", models)
        from django_daraja.mpesa import core, utils

        for module in (core, utils):
            monkeypatch.setattr(module, "api_base_url", lambda: f"{mpesa.address}/")
        (tmp_path / "certs").mkdir()
        (tmp_path / "certs" / "sandbox.cer").write_bytes(mpesa.http.get("/certificate.cer").content)
        settings.BASE_DIR = tmp_path
        settings.MPESA_ENVIRONMENT = "sandbox"
        settings.MPESA_CONSUMER_KEY, settings.MPESA_CONSUMER_SECRET = KEYS
        settings.MPESA_SHORTCODE = settings.MPESA_EXPRESS_SHORTCODE = PAYBILL
        settings.MPESA_PASSKEY = "simulated-passkey"
        settings.MPESA_INITIATOR_USERNAME = "simulatedapi"
        settings.MPESA_INITIATOR_SECURITY_CREDENTIAL = "Simulated#1"
        yield core.MpesaClient()
        for name in [name for name in sys.modules if name.startswith("django_daraja.mpesa")]:
            del sys.modules[name]

    def test_prompts_and_reads_the_callback(self, mpesa, client):
        sent = client.stk_push("0712345908", 100, "ACC-1", "Deposit", f"{mpesa.hooks}/stk")
        assert sent.response_code == "0"
        mpesa.answer(sent.checkout_request_id, pin="1234")
        mpesa.posted()
        entries = mpesa.web.get("/control/journal.json").json()["entries"]
        raw = next(entry["body"] for entry in entries if entry["direction"] == "OUT")
        assert client.parse_stk_result(raw)["Amount"] == 100

    @pytest.mark.parametrize("way", ["business_payment", "salary_payment", "promotion_payment"])
    def test_pays_out(self, mpesa, client, way):
        sent = getattr(client, way)("0712345908", 50, "Refund", f"{mpesa.hooks}/result", "x")
        assert sent.response_code == "0"
        assert mpesa.result()["OriginatorConversationID"] == sent.originator_conversation_id
        assert mpesa.balance(PHONE) == 50_050_00

    def test_reads_a_refusal(self, mpesa, client):
        client.stk_push("0712345908", 100, "ACC-1", "Deposit", f"{mpesa.hooks}/stk")
        second = client.stk_push("0712345908", 100, "ACC-1", "Deposit", f"{mpesa.hooks}/stk")
        assert (second.error_code, second.error_message[:14]) == ("500.001.1001", "Unable to lock")
