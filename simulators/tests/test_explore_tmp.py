import json, httpx, pytest, importlib, inspect
from simulators import callbacks
from simulators.tests.conftest import server, web
from simulators.tests.daraja.conftest import *
from simulators.tests.daraja.conftest import bank, mpesa


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:abc/x",
        "http://localhost:99999999/x",
        "http://127.0.0.1:1/ü",
        "http://[::1/x",
        "http://localhost:0/x",
        "http://localhost:8000:90/x",
        "http://127.0.0.1\\@evil/x",
        "HTTP://127.0.0.1:1/\x7f",
    ],
)
def test_urls(mpesa, url):
    r = mpesa.push(CallBackURL=url)
    print(r.status_code, r.text[:200])
    if r.status_code == 200:
        mpesa.answer(r.json()["CheckoutRequestID"], pin="1234")
        callbacks.post_due(mpesa.house)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 50000,
        json.dumps({"AccountReference": "\ud800"}).encode(),
        b"[1]",
        b'"x"',
        b"\xff\xfe",
        b'{"Amount": NaN}',
        b'{"Amount": 1e400}',
    ],
)
def test_bodies(mpesa, body):
    for path in (
        "/mpesa/stkpush/v1/processrequest",
        "/mpesa/b2c/v3/paymentrequest",
        "/v1/billmanager-invoice/bulk-invoicing",
        "/mpesa/b2c/hakikisha/v1/hakikisha",
    ):
        r = mpesa.http.post(path, content=body, headers={"Content-Type": "application/json"})
        print(path, r.status_code, r.text[:120])
        assert r.json()["errorCode"]


@pytest.mark.parametrize(
    "f",
    [
        dict(AccountReference="\ud800x"),
        dict(TransactionDesc="a\0b"),
        dict(Amount=True),
        dict(Amount="1_000"),
        dict(Amount="٣"),
        dict(Amount=250001),
        dict(Amount=0),
        dict(Amount="1e2"),
        dict(Amount=10**30),
        dict(PartyB="999999"),
        dict(BusinessShortCode="999999"),
    ],
)
def test_push(mpesa, f):
    r = mpesa.http.post(
        "/mpesa/stkpush/v1/processrequest",
        content=json.dumps(mpesa.push_body(**f)).encode(),
        headers={"Content-Type": "application/json"},
    )
    print(f, r.status_code, r.text[:150])
    r.json()


def test_schemas(mpesa):
    from mpesakit.b2c.schemas import B2CResultCallback, B2CTimeoutCallback
    from mpesakit.reversal.schemas import ReversalResultCallback
    from mpesakit.transaction_status.schemas import TransactionStatusResultCallback
    from mpesakit.business_paybill.schemas import BusinessPayBillResultCallback
    from mpesakit.business_buy_goods.schemas import BusinessBuyGoodsResultCallback
    from mpesakit.tax_remittance.schemas import TaxRemittanceResultCallback
    from mpesakit.b2c_account_top_up.schemas import B2CAccountTopUpCallback
    from mpesakit.mpesa_express.schemas import StkPushSimulateCallback
    from mpesakit.c2b.schemas import C2BValidationRequest
    import mpesakit.account_balance.schemas as ab

    def tried(name, cls, body):
        try:
            cls.model_validate(body)
            print("OK", name)
        except Exception as e:
            print("NO", name, str(e)[:600], json.dumps(body)[:900])

    def last(kind):
        n = len(mpesa.posted(kind))
        return mpesa.posted(kind)[-1]

    mpesa.register("v1")
    mpesa.simulate("v1")
    tried("c2b v1", C2BValidationRequest, last("confirm"))
    print(last("confirm"))
    mpesa.register("v2")
    mpesa.simulate("v2", Amount=6)
    tried("c2b v2", C2BValidationRequest, last("confirm"))
    print(last("confirm"))
    mpesa.b2c()
    tried("b2c ok", B2CResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.b2c("own-2", Amount=9)
    tried("b2c no", B2CResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.b2c("own-3", SecurityCredential="xx")
    tried("b2c cred", B2CResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.b2b()
    tried("b2b", BusinessPayBillResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.b2b(PartyB="600001")
    tried("b2b no", BusinessPayBillResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.b2b(CommandID="BusinessBuyGoods", PartyB="300584")
    tried("goods", BusinessBuyGoodsResultCallback, last("result"))
    mpesa.b2b(CommandID="BusinessPayToBulk", PartyB="600996")
    tried("topup", B2CAccountTopUpCallback, last("result"))
    receipt = mpesa.paid()
    tried("stk", StkPushSimulateCallback, last("stk"))
    print(json.dumps(last("stk")))
    mpesa.post(
        "/mpesa/transactionstatus/v1/query",
        mpesa.family(
            CommandID="TransactionStatusQuery", TransactionID=receipt, PartyA="174379", IdentifierType=4, Occasion="x"
        ),
    )
    tried("status", TransactionStatusResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.post(
        "/mpesa/transactionstatus/v1/query",
        mpesa.family(
            CommandID="TransactionStatusQuery",
            TransactionID="AAAAAAAAAA",
            PartyA="174379",
            IdentifierType=4,
            Occasion="x",
        ),
    )
    tried("status no", TransactionStatusResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.post(
        "/mpesa/accountbalance/v1/query", mpesa.family(CommandID="AccountBalance", PartyA="174379", IdentifierType=4)
    )
    print(json.dumps(last("result")))
    mpesa.post(
        "/mpesa/reversal/v1/request",
        mpesa.family(
            CommandID="TransactionReversal",
            TransactionID=receipt,
            Amount=100,
            ReceiverParty="174379",
            RecieverIdentifierType="11",
        ),
    )
    tried("reversal", ReversalResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.post(
        "/mpesa/reversal/v1/request",
        mpesa.family(
            CommandID="TransactionReversal",
            TransactionID=receipt,
            Amount=100,
            ReceiverParty="174379",
            RecieverIdentifierType="11",
        ),
    )
    tried("reversal2", ReversalResultCallback, last("result"))
    print(json.dumps(last("result")))
    mpesa.control("plans", subject="b2c", callback="QUEUE_TIMEOUT")
    mpesa.b2c("own-9", Amount=11)
    tried("timeout", B2CTimeoutCallback, last("timeout"))
    print(json.dumps(last("timeout")))
