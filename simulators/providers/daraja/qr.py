"""Dynamic QR codes."""

import base64
import io

import segno

from simulators.providers.daraja import clock, switches, wire
from simulators.providers.daraja.calls import Call
from simulators.web import Response

KINDS = ("BG", "WA", "PB", "SM", "SB")


def generate(call: Call) -> Response:
    """`POST /mpesa/qrcode/v1/generate`."""
    told = call.fields
    name, reference = told.text("MerchantName"), told.text("RefNo", most=60)
    cents, kind = told.cents("Amount"), told.one_of("TrxCode", *KINDS)
    party, size = told.text("CPI", most=60), int(told.matching("Size", r"[1-9]\d{1,3}"))
    code = segno.make(f"{kind}|{party}|{wire.shillings(cents)}|{reference}|{name}", error="m")
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=max(1, size // code.symbol_size()[0]))
    said = switches.value(call.house, "qr_code")
    return wire.answer(
        {
            "ResponseCode": wire.conversation_id(clock.now(call.house)) if said == "AG" else said,
            "RequestID": wire.proxy_id(),
            "ResponseDescription": "QR Code Successfully Generated.",
            "QRCode": base64.b64encode(picture.getvalue()).decode(),
        }
    )
