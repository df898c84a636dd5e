"""ISO 20022 as the other banks read and write it; independent of the bank's own reader and writer."""

import re
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

CAMT_INNER = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}
DECIMALS = {"UGX": 0, "RWF": 0}


class Bad(ValueError):
    """Not a document, or not of this kind."""


def parse(raw: bytes, message: str) -> ElementTree.Element:
    """The element under Document, its names without namespaces. Raises Bad."""
    try:
        root = ElementTree.fromstring(raw)  # noqa: S314 the bank under test alone writes it, on this machine
    except ElementTree.ParseError as no:
        raise Bad("not XML") from no
    if root.tag != f"{{urn:iso:std:iso:20022:tech:xsd:{message}}}Document" or len(root) != 1:
        raise Bad(f"not {message}")
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root[0]


def transfer_in(row: ElementTree.Element, amount_at: str) -> dict[str, Any]:
    """What one credit transfer says. Raises Bad."""
    amount = row.find(amount_at)
    account = row.findtext("CdtrAcct/Id/IBAN") or row.findtext("CdtrAcct/Id/Othr/Id")
    uetr, reference = row.findtext("PmtId/UETR"), row.findtext("PmtId/EndToEndId")
    if amount is None or not amount.text or not account or not uetr or not reference:
        raise Bad("an amount, an account or what it is known by is missing")
    currency = amount.get("Ccy", "")
    minor = minor_of(amount.text, currency)
    if not minor:
        raise Bad("it moves nothing")
    return {
        "uetr": uetr,
        "reference": reference,
        "currency": currency,
        "minor": minor,
        "account": account,
        "name": row.findtext("Cdtr/Nm") or "",
        "bank": row.findtext("CdtrAgt/FinInstnId/BICFI") or "",
    }


def minor_of(text: str, currency: str) -> int:
    """Whole minor units of decimal text without a sign. Raises Bad, also for parts of a minor unit."""
    digits = DECIMALS.get(currency, 2)
    found = re.fullmatch(rf"(\d{{1,15}})(?:\.(\d{{1,{digits or 1}}}))?", text.strip(), re.ASCII)
    if found is None or (not digits and (found[2] or "0") != "0"):
        raise Bad("not an amount")
    return int(found[1] + (found[2] or "").ljust(digits, "0")[:digits])


def decimal(minor: int, currency: str) -> str:
    """Decimal text without a sign."""
    digits = DECIMALS.get(currency, 2)
    text = str(abs(minor)).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _row(row: dict[str, Any]) -> str:
    why = f"<StsRsnInf><Rsn><Cd>{row['reason']}</Cd></Rsn></StsRsnInf>" if row["reason"] else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{escape(row['reference'])}</OrgnlEndToEndId>"
        f"<OrgnlUETR>{escape(row['uetr'])}</OrgnlUETR><TxSts>{row['status']}</TxSts>{why}"
        f"<AcctSvcrRef>{row['theirs']}</AcctSvcrRef></TxInfAndSts>"
    )


def pacs002(about: str, rows: list[dict[str, Any]]) -> str:
    """What became of transfers."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10">'
        f"<FIToFIPmtStsRpt><GrpHdr><MsgId>S-{escape(about)[:33]}</MsgId><CreDtTm>{_now()}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(about)}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>"
        f"</OrgnlGrpInfAndSts>{''.join(map(_row, rows))}</FIToFIPmtStsRpt></Document>"
    )


def pain002(about: str, status: str, reason: str, rows: list[dict[str, Any]]) -> str:
    """What became of a file."""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    inner = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{escape(about)}-1</OrgnlPmtInfId>" if rows else ""
    inner += "".join(map(_row, rows)) + ("</OrgnlPmtInfAndSts>" if rows else "")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12">'
        f"<CstmrPmtStsRpt><GrpHdr><MsgId>S-{escape(about)[:33]}</MsgId><CreDtTm>{_now()}</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(about)}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"<GrpSts>{status}</GrpSts>{why}</OrgnlGrpInfAndSts>{inner}</CstmrPmtStsRpt></Document>"
    )


def _entry(row: dict[str, Any]) -> str:
    back = f"<RtrInf><Rsn><Cd>{row['reason']}</Cd></Rsn></RtrInf>" if row["is_return"] else ""
    uetr = f"<UETR>{row['uetr']}</UETR>" if row.get("uetr") else ""
    refs = f"<Refs><EndToEndId>{escape(row['reference'])}</EndToEndId>{uetr}</Refs>" if row["reference"] else ""
    refs += _parties(row["sent"]) if row.get("sent") else ""
    return (
        f'<Ntry><Amt Ccy="{row["currency"]}">{decimal(row["minor"], row["currency"])}</Amt>'
        f"<CdtDbtInd>{'CRDT' if row['minor'] > 0 else 'DBIT'}</CdtDbtInd>"
        + ("<RvslInd>true</RvslInd>" if row["is_return"] else "")
        + f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{row['day']}</Dt></BookgDt><AcctSvcrRef>{row['theirs']}</AcctSvcrRef>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls>{refs}{back}</TxDtls></NtryDtls></Ntry>"
    )


def _parties(sent: dict[str, Any]) -> str:
    """Who sent it to whom, as an entry tells it."""
    name = f"<Cdtr><Pty><Nm>{escape(sent['name'])}</Nm></Pty></Cdtr>" if sent["name"] else ""
    words = f"<RmtInf><Ustrd>{escape(sent['words'])}</Ustrd></RmtInf>" if sent["words"] else ""
    return (
        f"<RltdPties><Dbtr><Pty><Nm>{escape(sent['payer'])}</Nm></Pty></Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>{escape(sent['payer_account'])}</Id></Othr></Id></DbtrAcct>{name}"
        f"<CdtrAcct><Id><Othr><Id>{escape(sent['account']) or '-'}</Id></Othr></Id></CdtrAcct></RltdPties>"
        f"<RltdAgts><DbtrAgt><FinInstnId><BICFI>{escape(sent['bank'])}</BICFI></FinInstnId></DbtrAgt></RltdAgts>{words}"
    )


def pacs008(row: dict[str, Any]) -> str:
    """A transfer to a customer of the bank under test."""
    agent = "<{0}><FinInstnId><BICFI>{1}</BICFI></FinInstnId></{0}>"
    words = f"<RmtInf><Ustrd>{escape(row['words'])}</Ustrd></RmtInf>" if row["words"] else ""
    amount = f'<IntrBkSttlmAmt Ccy="{row["currency"]}">{decimal(row["minor"], row["currency"])}</IntrBkSttlmAmt>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">'
        f"<FIToFICstmrCdtTrf><GrpHdr><MsgId>{row['message']}</MsgId><CreDtTm>{_now()}</CreDtTm><NbOfTxs>1</NbOfTxs>"
        "<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf>"
        f"<PmtId><EndToEndId>{escape(row['reference'])}</EndToEndId><UETR>{row['uetr']}</UETR></PmtId>{amount}"
        f"<ChrgBr>SLEV</ChrgBr><Dbtr><Nm>{escape(row['payer'])}</Nm></Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>{escape(row['payer_account'])}</Id></Othr></Id></DbtrAcct>"
        f"{agent.format('DbtrAgt', escape(row['bank']))}{agent.format('CdtrAgt', 'KITBKENA')}"
        f"<Cdtr><Nm>{escape(row['name'] or 'NOTPROVIDED')}</Nm></Cdtr>"
        f"<CdtrAcct><Id><Othr><Id>{escape(row['account'])}</Id></Othr></Id></CdtrAcct>{words}"
        "</CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"
    )


def camt056(row: dict[str, Any], case: str, reason: str, words: str) -> str:
    """Asking the bank under test for a transfer back."""
    agent = "<{0}><Agt><FinInstnId><BICFI>{1}</BICFI></FinInstnId></Agt></{0}>"
    more = f"<AddtlInf>{escape(words)[:105]}</AddtlInf>" if words else ""
    amount = decimal(row["minor"], row["currency"])
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.056.001.12">'
        f"<FIToFIPmtCxlReq><Assgnmt><Id>{case}</Id>{agent.format('Assgnr', escape(row['bank']))}"
        f"{agent.format('Assgne', 'KITBKENA')}<CreDtTm>{_now()}</CreDtTm></Assgnmt>"
        f"<Undrlyg><TxInf><CxlId>{case}</CxlId>"
        f"<Case><Id>{case}</Id>{agent.format('Cretr', escape(row['bank']))}</Case>"
        f"<OrgnlGrpInf><OrgnlMsgId>{row['message']}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId></OrgnlGrpInf>"
        f"<OrgnlEndToEndId>{escape(row['reference'])}</OrgnlEndToEndId><OrgnlUETR>{row['uetr']}</OrgnlUETR>"
        f'<OrgnlIntrBkSttlmAmt Ccy="{row["currency"]}">{amount}</OrgnlIntrBkSttlmAmt>'
        f"<CxlRsnInf><Rsn><Cd>{reason}</Cd></Rsn>{more}</CxlRsnInf></TxInf></Undrlyg></FIToFIPmtCxlReq></Document>"
    )


def return_in(body: ElementTree.Element) -> dict[str, Any]:
    """Which return brings back which transfer. Raises Bad."""
    rows = list(body.iter("TxInf"))
    amount = rows[0].find("RtrdIntrBkSttlmAmt") if len(rows) == 1 else None
    if amount is None or not amount.text:
        raise Bad("one transfer comes back at a time")
    return {
        "id": rows[0].findtext("RtrId") or "",
        "uetr": rows[0].findtext("OrgnlUETR") or "",
        "reference": rows[0].findtext("OrgnlEndToEndId") or "",
        "minor": minor_of(amount.text, amount.get("Ccy", "")),
        "reason": rows[0].findtext("RtrRsnInf/Rsn/Cd") or "",
    }


def camt(kind: str, *, identity: str, sequence: int, rows: list[dict[str, Any]], balances: str = "") -> str:
    """A statement (053) or news of entries (054)."""
    outer, inner = CAMT_INNER[kind]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08">'
        f"<{outer}><GrpHdr><MsgId>{identity}</MsgId><CreDtTm>{_now()}</CreDtTm></GrpHdr><{inner}><Id>{identity}</Id>"
        f"<ElctrncSeqNb>{sequence}</ElctrncSeqNb><CreDtTm>{_now()}</CreDtTm>"
        f"<Acct><Id><Othr><Id>SETTLEMENT</Id></Othr></Id></Acct>{balances}{''.join(map(_entry, rows))}"
        f"</{inner}></{outer}></Document>"
    )


def balance(code: str, minor: int, currency: str, day: str) -> str:
    """An opening or closing balance."""
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{decimal(minor, currency)}</Amt>'
        f"<CdtDbtInd>{'CRDT' if minor >= 0 else 'DBIT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def recall_in(body: ElementTree.Element) -> dict[str, Any]:
    """Which case asks for which transfer. Raises Bad."""
    rows = list(body.iter("TxInf"))
    if len(rows) != 1:
        raise Bad("one transfer is asked for at a time")
    told = {"id": rows[0].findtext("CxlId") or "", "uetr": rows[0].findtext("OrgnlUETR") or ""}
    told["reference"] = rows[0].findtext("OrgnlEndToEndId") or ""
    if not all(told.values()):
        raise Bad("the case or the transfer is missing")
    return told


def camt029(row: dict[str, Any]) -> str:
    """What was decided about a case."""
    agent = "<Agt><FinInstnId><BICFI>{}</BICFI></FinInstnId></Agt>"
    why = f"<CxlStsRsnInf><Rsn><Cd>{escape(row['reason'])}</Cd></Rsn></CxlStsRsnInf>" if row["reason"] else ""
    case = f"<Id>{escape(row['id'])}</Id><Cretr>{agent.format('KITBKENA')}</Cretr>"
    made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.14"><RsltnOfInvstgtn><Assgnmt>'
        f"<Id>A-{escape(row['id'])[:33]}</Id><Assgnr>{agent.format('PESLKENA')}</Assgnr>"
        f"<Assgne>{agent.format('KITBKENA')}</Assgne><CreDtTm>{made}</CreDtTm></Assgnmt>"
        f"<Sts><Conf>{row['status']}</Conf></Sts><CxlDtls><TxInfAndSts><RslvdCase>{case}</RslvdCase>"
        f"<OrgnlEndToEndId>{escape(row['reference'])}</OrgnlEndToEndId><OrgnlUETR>{escape(row['uetr'])}</OrgnlUETR>"
        f"{why}</TxInfAndSts></CxlDtls></RsltnOfInvstgtn></Document>"
    )
