"""Other banks carry out what a transfer says, or nothing: no sign, no missing name and no odd day is guessed at."""

import uuid

import pytest

HEAD = {"Authorization": "Bearer simulated"}


def pacs008(*, amount: str = "1500.00", currency: str = "KES", uetr: str = "", reference: str = "E2E-1") -> str:
    names = f"<EndToEndId>{reference}</EndToEndId>" if reference else ""
    names += f"<UETR>{uetr}</UETR>" if uetr else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId>'
        f'</GrpHdr><CdtTrfTxInf><PmtId>{names}</PmtId><IntrBkSttlmAmt Ccy="{currency}">{amount}</IntrBkSttlmAmt>'
        "<CdtrAcct><Id><Othr><Id>0110123456789</Id></Othr></Id></CdtrAcct></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"
    )


def entries(server) -> list[int]:
    return [row["minor"] for row in server.house.store.rows("SELECT minor FROM ib_entry ORDER BY id")]


def send(web, **words: str) -> int:
    return int(web.post("/interbank/pesalink/transfers", content=pacs008(**words), headers=HEAD).status_code)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"amount": text} for text in ("-1500.00", "0.00", "15.001", "1_500", "NaN", "")),
        {"amount": "5.50", "currency": "UGX"},
        {"uetr": ""},
        {"reference": ""},
    ],
)
def test_what_is_no_transfer_moves_nothing(server, web, wrong):
    assert send(web, **{"uetr": str(uuid.uuid4()), **wrong}) == 400
    assert entries(server) == []


def test_a_transfer_counts_once_by_its_uetr(server, web):
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    assert [send(web, uetr=uetr) for uetr in (first, first, second)] == [200, 200, 200]
    assert send(web, uetr=str(uuid.uuid4()), amount="70000", currency="UGX") == 200
    assert entries(server) == [-150_000, -150_000, -70_000]


def test_a_day_that_is_none_has_no_statement(web):
    assert web.get("/interbank/bank/statements/2026-02-30/KES", headers=HEAD).status_code == 404
