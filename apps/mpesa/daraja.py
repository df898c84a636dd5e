"""Daraja, Safaricom's API for M-Pesa: the one adapter, over HTTP. What it says is left as it is; `rules` reads it.

Each call answers, or raises: `Refused` when M-Pesa says no before doing anything, `http.NotReached` when nothing left
this machine, and `http.NoAnswer` when it may have acted: then only a callback, a query or a statement tells.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.kernel import http
from apps.mpesa import rules
from apps.mpesa.wire import DUPLICATE, NAME, NAMES, PULL, UNREADABLE, Refused, call

__all__ = ["DUPLICATE", "NAMES", "Refused", "call"]  # beside its own


@dataclass(frozen=True, slots=True)
class Taken:
    """M-Pesa has the request; the outcome comes later."""

    merchant_request_id: str = ""
    checkout_request_id: str = ""
    conversation_id: str = ""
    originator_id: str = ""


def stk_push(*, phone: str, shillings: int, reference: str, words: str, callback: str, at: datetime) -> Taken:
    """Ask a phone (`+254…`) to approve a payment to our paybill. `reference` at most 12 signs, `words` at most 13."""
    told = call(
        "/mpesa/stkpush/v1/processrequest",
        {
            **_password(at),
            "TransactionType": "CustomerPayBillOnline",
            "Amount": shillings,
            "PartyA": phone.lstrip("+"),
            "PhoneNumber": phone.lstrip("+"),
            "PartyB": settings.DARAJA_SHORTCODE,
            "CallBackURL": callback,
            "AccountReference": reference[:12],
            "TransactionDesc": words[:13],
        },
    )
    return Taken(_id(told, "MerchantRequestID"), _id(told, "CheckoutRequestID"))


def stk_query(*, checkout_request_id: str, at: datetime) -> rules.Outcome | None:
    """What became of a prompt; None while it waits. Never a receipt: that comes by other ways."""
    body = {**_password(at), "CheckoutRequestID": checkout_request_id}
    try:
        told = call("/mpesa/stkpushquery/v1/query", body, idempotent=True)
    except Refused as no:
        if no.error_code == "500.001.1001":
            return None
        raise
    try:
        code = rules.code_of(told.get("ResultCode"))
    except rules.Unreadable:
        return None
    if code in rules.STILL_WAITING:
        return None
    return rules.Outcome(code=code, text=str(told.get("ResultDesc", ""))[:200], checkout_request_id=checkout_request_id)


def till_push(*, till: str, shillings: int, reference: str, request_id: str, callback: str) -> None:
    """Ask the operator of another shop's till to pay our paybill (B2B Express); what came of it is called back."""
    told = call(
        "/v1/ussdpush/get-msisdn",
        {
            "primaryShortCode": till,
            "receiverShortCode": settings.DARAJA_SHORTCODE,
            "amount": str(shillings),
            "paymentRef": reference[:12],
            "callbackUrl": callback,
            "partnerName": "KitBank",
            "RequestRefID": request_id,
        },
    )
    if str(told.get("code", "0")) != "0":
        raise Refused(str(told.get("code")), str(told.get("status", ""))[:200])


def b2c(*, originator_id: str, phone: str, shillings: int, words: str, result: str, timeout: str) -> Taken:
    """Pay a phone from the utility account. `originator_id` counts once: sent again, it is refused as DUPLICATE."""
    told = call(
        "/mpesa/b2c/v3/paymentrequest",
        {
            "OriginatorConversationID": originator_id,
            "InitiatorName": settings.DARAJA_INITIATOR,
            "SecurityCredential": credential(),
            "CommandID": "BusinessPayment",
            "Amount": shillings,
            "PartyA": settings.DARAJA_SHORTCODE,
            "PartyB": phone.lstrip("+"),
            "Remarks": words[:100],
            "QueueTimeOutURL": timeout,
            "ResultURL": result,
            "Occassion": words[:100],
        },
    )
    return _conversation(told)


def b2b(*, command: str, receiver: str, account: str, shillings: int, words: str, result: str, timeout: str) -> Taken:
    """Pay a paybill (`BusinessPayBill`, with the account there) or a till (`BusinessBuyGoods`)."""
    told = call(
        "/mpesa/b2b/v1/paymentrequest",
        {
            **_initiator(command, result, timeout, words),
            "SenderIdentifierType": "4",
            "RecieverIdentifierType": settings.DARAJA_TILL_TYPE if command == "BusinessBuyGoods" else "4",
            "Amount": shillings,
            "PartyA": settings.DARAJA_SHORTCODE,
            "PartyB": receiver,
            "AccountReference": account[:13],
        },
    )
    return _conversation(told)


def transaction_status(*, receipt: str = "", conversation_id: str = "", result: str, timeout: str) -> Taken:
    """Ask what became of a transaction, by receipt or by conversation; the answer comes as a result."""
    body = {
        **_initiator("TransactionStatusQuery", result, timeout, "Status"),
        "PartyA": settings.DARAJA_SHORTCODE,
        "IdentifierType": "4",
        "Occasion": "Status",
    }
    body |= {"TransactionID": receipt} if receipt else {"OriginalConversationID": conversation_id}
    return _conversation(call("/mpesa/transactionstatus/v1/query", body, idempotent=True))


def reverse(*, receipt: str, shillings: int, words: str, result: str, timeout: str) -> Taken:
    """Give a customer's payment to our paybill back to them."""
    told = call(
        "/mpesa/reversal/v1/request",
        {
            **_initiator("TransactionReversal", result, timeout, words),
            "TransactionID": receipt,
            "Amount": shillings,
            "ReceiverParty": settings.DARAJA_SHORTCODE,
            "RecieverIdentifierType": "11",
        },
    )
    return _conversation(told)


def account_balance(*, result: str, timeout: str) -> Taken:
    """Ask what our own M-Pesa accounts hold; the answer comes as a result."""
    body = {
        **_initiator("AccountBalance", result, timeout, "Balance"),
        "PartyA": settings.DARAJA_SHORTCODE,
        "IdentifierType": "4",
    }
    return _conversation(call("/mpesa/accountbalance/v1/query", body, idempotent=True))


def register_urls(*, confirmation: str, validation: str) -> None:
    """Tell M-Pesa where payments to our paybill are checked and confirmed; a paybill that answers late is let pass."""
    call(
        "/mpesa/c2b/v2/registerurl",
        {
            "ShortCode": settings.DARAJA_SHORTCODE,
            "ResponseType": "Completed",
            "ConfirmationURL": confirmation,
            "ValidationURL": validation,
        },
        idempotent=True,
    )


def pull(*, start: datetime, end: datetime, offset: int = 0) -> list[dict[str, Any]]:
    """Customers' payments to our paybill in a stretch of the last 48 hours, from row `offset` on."""
    told = call(
        "/pulltransactions/v1/query",
        {
            "ShortCode": settings.DARAJA_SHORTCODE,
            "StartDate": start.astimezone(rules.EAT).strftime("%Y-%m-%d %H:%M:%S"),
            "EndDate": end.astimezone(rules.EAT).strftime("%Y-%m-%d %H:%M:%S"),
            "OffSetValue": str(offset),
        },
        idempotent=True,
        circuit=PULL,  # that nothing came may be told by HTTP 500
    )
    try:
        return rules.read_pull(told.get("Response"))
    except rules.Unreadable as no:
        raise http.NoAnswer(UNREADABLE) from no


def register_pull(*, phone: str, callback: str) -> None:
    """Switch pulling on for our paybill; asked again it stays on."""
    body = {"ShortCode": settings.DARAJA_SHORTCODE, "RequestType": "Pull", "NominatedNumber": phone.lstrip("+")}
    call("/pulltransactions/v1/register", {**body, "CallBackURL": callback}, idempotent=True)


def dynamic_qr(*, name: str, reference: str, shillings: int, pixels: int = 300) -> bytes:
    """A code that M-Pesa's app pays to our paybill: a PNG. Raises NoAnswer for a picture that is none."""
    told = call(
        "/mpesa/qrcode/v1/generate",
        {
            "MerchantName": name[:22],
            "RefNo": reference[:20],
            "Amount": shillings,
            "TrxCode": "PB",
            "CPI": settings.DARAJA_SHORTCODE,
            "Size": str(pixels),
        },
        idempotent=True,
    )
    try:
        picture = base64.b64decode(str(told.get("QRCode", "")), validate=True)
    except ValueError:
        picture = b""
    if not picture.startswith(b"\x89PNG"):
        raise http.NoAnswer(_("M-Pesa made no code. Nothing was changed; try again."))
    return picture


def _conversation(told: dict[str, Any]) -> Taken:
    return Taken(conversation_id=_id(told, "ConversationID"), originator_id=_id(told, "OriginatorConversationID"))


def _id(told: dict[str, Any], name: str) -> str:
    """One of theirs as text; null is none."""
    return str(told.get(name) or "")


def _password(at: datetime) -> dict[str, str]:
    moment = rules.password_time(at)
    whole = f"{settings.DARAJA_SHORTCODE}{settings.DARAJA_PASSKEY}{moment}"
    return {
        "BusinessShortCode": settings.DARAJA_SHORTCODE,
        "Password": base64.b64encode(whole.encode()).decode(),
        "Timestamp": moment,
    }


def _initiator(command: str, result: str, timeout: str, words: str) -> dict[str, Any]:
    return {
        "Initiator": settings.DARAJA_INITIATOR,
        "SecurityCredential": credential(),
        "CommandID": command,
        "Remarks": (words or command)[:100],
        "ResultURL": result,
        "QueueTimeOutURL": timeout,
    }


def credential() -> str:
    """The initiator's password under the public key of their certificate: PKCS#1 v1.5, base64 (channels.md 1.4)."""
    key = _certificate(settings.DARAJA_CERTIFICATE).public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("the certificate of M-Pesa holds no RSA key")
    return base64.b64encode(key.encrypt(settings.DARAJA_INITIATOR_PASSWORD.encode(), padding.PKCS1v15())).decode()


@lru_cache(maxsize=4)
def _certificate(where: str) -> x509.Certificate:
    """From a file, or an address (the simulator makes its own). Its dates are not looked at: theirs are long past."""
    raw = (
        http.send(NAME, "GET", where, idempotent=True).content if where.startswith("http") else Path(where).read_bytes()
    )
    return x509.load_pem_x509_certificate(raw) if b"-----BEGIN" in raw else x509.load_der_x509_certificate(raw)
