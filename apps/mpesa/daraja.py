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

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.kernel import breaker, http
from apps.kernel.errors import DomainError
from apps.kernel.text import storable
from apps.mpesa import rules, tokens

NAME = "daraja"
PULL, NAMES = "daraja-pull", "daraja-names"  # circuits of their own, switched with M-Pesa's
BAD_TOKEN = {"400.003.01", "404.001.03", "401.002.01"}
DUPLICATE = "500.002.1001"
# By their web firewall, or for being too many: it got no further.
STOPPED = {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.TOO_MANY_REQUESTS}
_UNREADABLE = _("M-Pesa's answer could not be read. We are checking what happened.")
# With HTTP 500 as well: that a prompt still waits (and other things known of it), and that a request came before. Were
# they counted as failures, a few people who take their time would have all of M-Pesa left alone.
KNOWN = {DUPLICATE, "500.001.1001"}
# Of the errors with HTTP 500, these say no before anything was done; any other may hide that it was done.
REFUSALS = {DUPLICATE, "500.001.1001", "500.003.02", "500.003.03"}


class Refused(DomainError):
    """M-Pesa said no before doing anything; `error_code` and `error_text` are its own words."""

    code, status = "mpesa_refused", 422

    def __init__(self, error_code: str, error_text: str) -> None:
        super().__init__(_("M-Pesa did not take this. No money moved."))
        self.error_code, self.error_text = storable(error_code), storable(error_text)


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
        raise http.NoAnswer(_UNREADABLE) from no


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


def call(
    path: str,
    body: dict[str, Any],
    *,
    idempotent: bool = False,
    circuit: str = NAME,
    timeout: httpx.Timeout = http.TIMEOUT,
) -> dict[str, Any]:
    """Ask one product, with the shared token. Raises Refused, Unavailable, NoAnswer.

    A product whose silence must not keep money waiting has a `circuit` of its own; it is off with M-Pesa all the same.
    """
    if circuit != NAME:
        breaker.require_on(NAME)
    line: dict[str, Any] = {"idempotent": idempotent, "circuit": circuit, "timeout": timeout}
    token = tokens.current()
    told = _once(path, body, token, **line)
    if told is None:  # it had ended, or another one was given out meanwhile
        told = _once(path, body, tokens.renewed(token), **line)
    if told is None:
        raise Refused("token", "the access token is not accepted")
    return told


def _said(told: dict[str, Any]) -> str:
    """Its words, under whichever name the product has them."""
    return str(told.get("ResponseDescription") or told.get("DetailedMessage") or told)[:200]


def _is_well(response: httpx.Response) -> bool:
    """Whether M-Pesa does its work, whatever the status of its answer."""
    if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
        return True
    told = _read(response)
    return told is not None and str(told.get("errorCode", "")) in KNOWN


def _read(response: httpx.Response) -> dict[str, Any] | None:
    try:
        told = http.json_of(response)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _once(
    path: str, body: dict[str, Any], token: str, *, idempotent: bool, circuit: str, timeout: httpx.Timeout
) -> dict[str, Any] | None:
    response = http.send(
        circuit,
        "POST",
        f"{settings.DARAJA_URL}{path}",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        idempotent=idempotent,
        timeout=timeout,
        is_well=_is_well,
    )
    if response.status_code == httpx.codes.UNAUTHORIZED:  # whatever else it says
        return None
    told = _read(response)
    if told is None:
        if response.status_code in STOPPED:
            raise Refused(f"HTTP {response.status_code}", response.text[:200])
        raise http.NoAnswer(_UNREADABLE)
    error = str(told.get("errorCode", ""))
    if error in BAD_TOKEN:
        return None
    is_broken = response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR and error not in REFUSALS
    if error and not is_broken:
        raise Refused(error, str(told.get("errorMessage", ""))[:200])
    if is_broken:
        raise http.NoAnswer(_("M-Pesa failed while taking this. We are checking what happened."))
    said = [told.get(name) for name in ("ResponseCode", "Response Code")]
    code = next((str(one) for one in said if one is not None), "0")
    is_taken = code in {"0", "00", "0.0", "1000", "1001", "4000"} or code.startswith(
        "AG_"
    )  # an id in place of a code: QR
    if response.status_code >= httpx.codes.BAD_REQUEST or not is_taken:
        raise Refused(code, _said(told))
    return told
