"""ISO 20022: what is written is valid by the published schemas, what is read is believed only when it is whole."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.kernel.money import Money
from apps.payments import iso20022 as iso

SCHEMAS = Path(iso.__file__).parent / "schemas"
AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
OURS = iso.Bank("KITBKENA", "99")
US = iso.Party("KitBank", "2900000000001", OURS)
NAMES = st.text(max_size=200) | st.sampled_from(
    ["", "///", "//A//", "Wanjikũ Ng’ang’a", "<Cdtr>&amp;]]>", "李小龍", "a" * 300, "\u202e\x00x", "O'Brien & Söns"]
)


@cache
def schema(name):
    return xmlschema.XMLSchema10(str(SCHEMAS / f"{name}.xsd"))


def transfer(name="Zoë Müller", **more):
    debtor = iso.Party("Wanjiku Nyambura", "2910000000017", OURS, country="KE", town="Nairobi")
    creditor = iso.Party(name, "01109876543210", iso.Bank("KCBLKENX", "01"))
    told = {"end_to_end_id": "KABCDEFGHJ", "uetr": uuid4(), "amount": Money.of("12.50", "KES"), **more}
    return iso.Transfer(**{"debtor": debtor, "creditor": creditor, "note": name, **told})


@settings(max_examples=60, deadline=None)
@given(NAMES, st.integers(1, 10**14))
def test_writes_what_the_schema_takes_whatever_the_name(name, minor):
    told = transfer(name, amount=Money(minor, "KES"))
    single = iso.write_pacs008(message_id="KB-1", made_at=AT, transfer=told, carrier=iso.Bank("PESLKENA"))
    schema("pacs.008.001.08").validate(single.decode())
    file = iso.write_pain001(message_id="KB-1", made_at=AT, pays_on=AT.date(), payer=US, transfers=[told], way="EFT")
    schema("pain.001.001.09").validate(file.decode())


def test_writes_an_exchange_an_iban_and_a_purpose_for_abroad():
    creditor = iso.Party("Zoë", "DE89370400440532013000", iso.Bank("COBADEFF"), is_iban=True, country="DE")
    rate = Decimal("0.006123456789012345")
    told = transfer(
        amount=Money.of("12.24", "EUR"),
        creditor=creditor,
        purpose="FAMI",
        instructed=Money.of("2000", "KES"),
        rate=rate,
        settles_on=date(2026, 11, 23),
    )
    written = iso.write_pacs008(
        message_id="KB-2", made_at=AT, transfer=told, carrier=iso.Bank("PRTNGB2L"), method="INDA", charges="SHAR"
    ).decode()
    schema("pacs.008.001.08").validate(written)
    for said in (
        'Ccy="EUR">12.24<',
        'Ccy="KES">2000.00<',
        "<IBAN>DE89370400440532013000<",
        "<Cd>FAMI<",
        "0.0061234567<",
    ):
        assert said in written
    assert str(told.uetr) in written


def test_refuses_to_write_a_transfer_twice_or_two_currencies():
    file = {"message_id": "KB-1", "made_at": AT, "pays_on": AT.date(), "payer": US}
    one = transfer()
    with pytest.raises(ValueError, match="twice"):
        iso.write_pain001(**file, transfers=[one, one])
    with pytest.raises(ValueError, match="one currency"):
        iso.write_pain001(**file, transfers=[one, transfer(end_to_end_id="K2", amount=Money.of(1, "USD"))])
    with pytest.raises(ValueError, match="identification"):
        iso.write_pain001(**file, transfers=[transfer(end_to_end_id="K<2>")])


@given(st.text(max_size=300), st.integers(1, 140))
def test_carries_only_letters_of_set_x(text, longest):
    said = iso.swift(text, longest)
    assert len(said.text) <= longest
    assert set(said.text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
    assert "//" not in said.text
    assert not said.text.startswith("/")
    assert iso.swift(said.text, longest).text == said.text  # twice is once


@pytest.mark.parametrize(
    ("text", "kept", "is_changed", "is_cut"),
    [
        ("Wanjiku", "Wanjiku", False, False),
        ("Wanjikũ  Ng’ang’a", "Wanjiku Ng'ang'a", True, False),
        ("A & B_C", "A + B-C", True, False),
        ("x" * 30, "x" * 20, False, True),
        ("李", "", True, False),
    ],
)
def test_tells_when_letters_were_replaced_or_cut(text, kept, is_changed, is_cut):
    assert iso.swift(text, 20) == iso.Said(kept, is_changed, is_cut)


BOMBS = {
    "laughs": '<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;">]><a>&m;</a>',
    "outside": '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
    "raw": "<a><![CDATA[x]]></a>",
    "undeclared": "<a>&x;</a>",
    "deep": "<a>" * 100_000,
    "deep and whole": "<a>" * 60 + "</a>" * 60,
    "wide": "<a>" + "<b/>" * 2_001 + "</a>",
    "cut": "<a><b></b>",
    "empty": "",
    "two roots": "<a/><b/>",
    "other": "<html/>",
    "another family": '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.056.001.08"><X/></Document>',
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=list(BOMBS))
def test_believes_no_bomb_and_no_stranger(text, monkeypatch):
    monkeypatch.setattr("apps.payments.iso20022.reading.MOST", 2_000)  # the real bound takes seconds to reach
    for read in (iso.read_status, iso.read_camt053, iso.read_camt054):
        with pytest.raises(iso.Unreadable):
            read(text.encode())


def test_reads_neither_other_encodings_nor_too_much():
    hidden = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'
    for raw in (hidden.encode("utf-16"), b"\xff\xfe\x00", b"<a>" + b" " * 9_000_000 + b"</a>"):
        with pytest.raises(iso.Unreadable):
            iso.read_xml(raw)


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_refuses_rubbish_in_words(raw):
    with pytest.raises(iso.Unreadable):
        iso.read_status(raw)


def pacs002(rows, group="", version="10"):
    inner = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{e2e}</OrgnlEndToEndId><OrgnlUETR>{UUID(int=1)}</OrgnlUETR>"
        f"<TxSts>{status}</TxSts>"
        + (f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn><AddtlInf>why</AddtlInf></StsRsnInf>" if code else "")
        + "<AcctSvcrRef>THEIRS-1</AcctSvcrRef></TxInfAndSts>"
        for e2e, status, code in rows
    )
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.{version}"><FIToFIPmtStsRpt>'
        f"<GrpHdr><MsgId>S-1</MsgId><CreDtTm>2026-11-21T09:00:00Z</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>KB-1</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>"
        f"{f'<GrpSts>{group}</GrpSts>' if group else ''}</OrgnlGrpInfAndSts>{inner}</FIToFIPmtStsRpt></Document>"
    ).encode()


@pytest.mark.parametrize("version", ["10", "12", "03"])
def test_reads_what_became_of_a_transfer(version):
    report = iso.read_status(pacs002([("K1", "RJCT", "AC04"), ("K2", "ACSC", "")], version=version))
    assert (report.about, [(t.status, t.reason, t.is_settled, t.is_rejected) for t in report.transfers]) == (
        "KB-1",
        [("RJCT", "AC04", False, True), ("ACSC", "", True, False)],
    )
    assert report.transfers[0].words == "why"
    assert report.transfers[1].reference == "THEIRS-1"


def test_reads_a_whole_message_refused():
    report = iso.read_status(pacs002([], group="RJCT"))
    assert report.is_rejected
    assert report.transfers == ()


def test_believes_no_report_that_contradicts_itself_or_says_what_nobody_knows():
    with pytest.raises(iso.Unreadable, match="two ways"):
        iso.read_status(pacs002([("K1", "RJCT", "AC04"), ("K1", "ACSC", "")]))
    with pytest.raises(iso.Unreadable, match="not one of"):
        iso.read_status(pacs002([("K1", "GONE", "")]))
    with pytest.raises(iso.Unreadable, match="the whole"):
        iso.read_status(pacs002([("K1", "RJCT", "AC04"), ("K2", "ACSC", "")], group="RJCT"))
    assert len(iso.read_status(pacs002([("K1", "ACSC", "")] * 2)).transfers) == 1  # the same thing twice is no harm


def entry(reference, amount, sign, e2e="", back="", currency="KES", status="BOOK"):
    returned = f"<RtrInf><Rsn><Cd>{back}</Cd></Rsn></RtrInf>" if back else ""
    refs = f"<Refs><EndToEndId>{e2e}</EndToEndId></Refs>" if e2e else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        + ("<RvslInd>true</RvslInd>" if back else "")
        + f"<Sts><Cd>{status}</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls>{refs}{returned}</TxDtls></NtryDtls></Ntry>"
    )


def balance(code, amount, currency="KES"):
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>"
    )


def camt(kind, body):
    outer, inner = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}[kind]
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><{outer}><GrpHdr><MsgId>M-1</MsgId>'
        f"<CreDtTm>2026-11-20T20:00:00Z</CreDtTm></GrpHdr><{inner}><Id>ST-7</Id><ElctrncSeqNb>7</ElctrncSeqNb>"
        f"<CreDtTm>2026-11-20T20:00:00Z</CreDtTm><Acct><Id><Othr><Id>KITBANK-1</Id></Othr></Id></Acct>{body}"
        f"</{inner}></{outer}></Document>"
    ).encode()


def test_reads_a_statement_to_the_cent():
    body = balance("OPBD", "1000.00") + balance("CLBD", "900.50")
    body += entry("B1", "100", "DBIT", "K1") + entry("B2", "0.50", "CRDT", "K0", back="AC04")
    raw = camt("053", body)
    schema("camt.053.001.08").validate(raw.decode())
    read = iso.read_camt053(raw)
    assert (read.sequence, read.account, read.opening, read.closing) == (
        7,
        "KITBANK-1",
        Money.of(1000, "KES"),
        Money.of("900.50", "KES"),
    )
    assert [(one.amount.minor, one.end_to_end_id, one.is_return, one.reason) for one in read.entries] == [
        (-10_000, "K1", False, ""),
        (50, "K0", True, "AC04"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        balance("OPBD", "1000") + balance("CLBD", "1000") + entry("B1", "100", "DBIT"),
        balance("OPBD", "1000") + entry("B1", "100", "DBIT"),
        balance("OPBD", "1000") + balance("CLBD", "1200") + entry("B1", "100", "CRDT") * 2,
        balance("OPBD", "1000") + balance("CLBD", "1100") + entry("B1", "100", "CRDT", currency="USD"),
        balance("OPBD", "1000") + balance("CLBD", "1000.001") + entry("B1", "0.001", "CRDT"),
        balance("OPBD", "1e3") + balance("CLBD", "1000"),
        balance("OPBD", "١٠") + balance("CLBD", "10"),
        balance("OPBD", "5") + balance("OPBD", "10") + balance("CLBD", "10"),
    ],
    ids=["sum", "no closing", "entry twice", "currencies", "part of a cent", "exponent", "other digits", "twice"],
)
def test_believes_no_statement_that_does_not_add_up(body):
    with pytest.raises(iso.Unreadable):
        iso.read_camt053(camt("053", body))


def test_reads_news_of_entries_and_leaves_out_what_is_not_booked():
    raw = camt("054", entry("B1", "100", "DBIT", "K1") + entry("B2", "5", "DBIT", "K2", status="PDNG"))
    schema("camt.054.001.08").validate(raw.decode())
    (news,) = iso.read_camt054(raw)
    assert [(one.reference, one.end_to_end_id) for one in news.entries] == [("B1", "K1")]
    assert news.opening is None


def test_reads_statements_as_older_versions_and_other_banks_write_them():
    own = balance("OPBD", "7").replace("<Cd>OPBD</Cd>", "<Prtry>OVERNIGHT</Prtry>")
    body = own + balance("OPBD", "10") + balance("CLBD", "15") + entry("B1", "5", "CRDT", "K1", back="AC04")
    body = body.replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
    read = iso.read_camt053(camt("053", body).replace(b"camt.053.001.08", b"camt.053.001.02"))
    assert (read.closed_on, [one.amount.minor for one in read.entries]) == (date(2026, 11, 20), [500])


def test_a_reversal_is_one_whichever_way_its_truth_is_written():
    said = entry("B1", "5", "CRDT", "K1").replace("<Sts>", "<RvslInd>1</RvslInd><Sts>")
    (news,) = iso.read_camt054(camt("054", said))
    assert [(one.is_return, one.transfer) for one in news.entries] == [(True, None)]


def batch(whole, *parts, version="08"):
    """One entry for several transfers, as banks book a file: each with its amount, the last known by the bank, too."""
    details = ""
    for nth, (e2e, amount, sign) in enumerate(parts):
        theirs = "<AcctSvcrRef>OWN-9</AcctSvcrRef>" if nth == len(parts) - 1 else ""
        refs = f"<Refs>{theirs}<EndToEndId>{e2e}</EndToEndId></Refs>"
        said = f'<Amt Ccy="KES">{amount}</Amt>'
        if version == "02":
            said = f"<AmtDtls><TxAmt>{said}</TxAmt></AmtDtls>"
        details += f"<TxDtls>{refs}{said}{f'<CdtDbtInd>{sign}</CdtDbtInd>' if sign else ''}</TxDtls>"
    one = entry("B1", whole, "DBIT")
    return one[: one.index("<NtryDtls>")] + f"<NtryDtls>{details}</NtryDtls></Ntry>"


@pytest.mark.parametrize("version", ["08", "02"])
def test_reads_an_entry_that_gathers_several_transfers_one_by_one(version):
    said = batch("100", ("K1", "60", ""), ("K2", "50", "DBIT"), ("K3", "10", "CRDT"), version=version)
    raw = camt("054", said)
    if version == "08":
        schema("camt.054.001.08").validate(raw.decode())
    (news,) = iso.read_camt054(raw)
    assert [(one.reference, one.end_to_end_id, one.amount.minor) for one in news.entries] == [
        ("B1/1", "K1", -6_000),
        ("B1/2", "K2", -5_000),
        ("OWN-9", "K3", 1_000),
    ]
    assert [one.transfer is None for one in news.entries] == [True, True, False]


def test_believes_no_entry_whose_transfers_come_to_something_else():
    for parts in ((("K1", "60", ""), ("K2", "41", "")), (("K1", "60", ""), ("K2", "", ""))):
        with pytest.raises(iso.Unreadable):
            iso.read_camt054(camt("054", batch("100", *parts)))
