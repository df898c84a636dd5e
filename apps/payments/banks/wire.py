"""The one adapter to other banks: ISO 20022 over HTTP. Every call is made outside transactions.

What a bank's own gateway adds (mutual TLS, signatures) stands in front of these addresses; the bearer key is what it
knows us by. A request under the same identification is counted once there: a transfer by its UETR, a file by MsgId.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.kernel import http
from apps.kernel.errors import Unavailable
from apps.payments import iso20022 as iso
from apps.payments.models import Channel

PATIENCE = httpx.Timeout(12.0, connect=3.0, pool=3.0)
NAME_PATIENCE = httpx.Timeout(5.0, connect=2.0, pool=2.0)  # a person waits for it
_XML = {"Content-Type": "application/xml; charset=utf-8"}


class BadAnswer(Unavailable):
    """It answered, but not with what the standard says: nothing may be concluded from it."""

    code = "bank_not_understood"


@dataclass(frozen=True, slots=True)
class Named:
    """Whom an account belongs to: `name` is empty when the bank does not tell, `reason` says why it cannot be paid."""

    name: str = ""
    reason: str = ""


def _call(channel: str, method: str, path: str, *, idempotent: bool = False, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {settings.INTERBANK_KEY}", **(_XML if "content" in more else {})}
    patience = more.pop("timeout", PATIENCE)
    url = f"{settings.INTERBANK_URLS[channel]}{path}"
    return http.send(
        f"interbank-{channel}", method, url, idempotent=idempotent, timeout=patience, headers=headers, **more
    )


def carry(channel: str, document: bytes) -> iso.Report:
    """Hand a pacs.008 over. Raises NotReached, ProviderResting (nothing sent), NoAnswer, BadAnswer (nobody knows)."""
    return _report(_call(channel, "POST", "/transfers", content=document))


def status(channel: str, uetr: UUID) -> iso.Report | None:
    """What became of a transfer; None when they never had it."""
    answer = _call(channel, "GET", f"/transfers/{uetr}", idempotent=True)
    return None if answer.status_code == httpx.codes.NOT_FOUND else _report(answer)


def name_of(bank: str, account: str) -> Named:
    """Whom an account at a PesaLink bank belongs to, as the switch tells."""
    where = {"bank": bank, "account": account}
    answer = _call(Channel.PESALINK, "GET", "/names", idempotent=True, timeout=NAME_PATIENCE, params=where)
    try:
        said = answer.json()
        found = Named(str(said.get("name", ""))[:140], str(said.get("reason", ""))[:4])
    except (ValueError, AttributeError) as no:
        raise _not_understood() from no
    if answer.status_code not in {httpx.codes.OK, httpx.codes.NOT_FOUND}:
        raise _not_understood()
    return found


def put_file(message_id: str, content: bytes) -> None:
    """Hand a pain.001 over; the same file again is counted once. Raises BadAnswer unless it was taken."""
    answer = _call(Channel.BANK, "PUT", f"/files/{message_id}", idempotent=True, content=content)
    if answer.status_code not in {httpx.codes.OK, httpx.codes.ACCEPTED, httpx.codes.CREATED}:
        raise BadAnswer(f"HTTP {answer.status_code}")


def file_status(message_id: str) -> iso.Report | None:
    """The newest pain.002 about a file; None when there is none yet."""
    answer = _call(Channel.BANK, "GET", f"/files/{message_id}/status", idempotent=True)
    return None if answer.status_code == httpx.codes.NOT_FOUND else _report(answer)


def give_back(channel: str, document: bytes) -> iso.Report:
    """Hand a pacs.004 over; the same return again is counted once. Raises BadAnswer for no report."""
    return _report(_call(channel, "POST", "/returns", idempotent=True, content=document))


def recall(channel: str, document: bytes) -> None:
    """Hand a camt.056 over; the same case again is counted once. Raises BadAnswer unless it was taken."""
    answer = _call(channel, "POST", "/recalls", idempotent=True, content=document)
    if answer.status_code not in {httpx.codes.OK, httpx.codes.ACCEPTED}:
        raise BadAnswer(f"HTTP {answer.status_code}")


def resolution(channel: str, case: str) -> iso.Resolution | None:
    """The camt.029 about a case; None while there is none."""
    answer = _call(channel, "GET", f"/recalls/{case}", idempotent=True)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    if answer.status_code != httpx.codes.OK:
        raise _not_understood()
    try:
        return iso.read_camt029(answer.content)
    except iso.Unreadable as no:
        raise _not_understood() from no


def news(channel: str, sequence: int) -> bytes | None:
    """The camt.054 of that number; None when there is none yet."""
    return _document(_call(channel, "GET", f"/news/{sequence}", idempotent=True))


def statement(channel: str, day: date, currency: str) -> bytes | None:
    """The camt.053 of a day; None when there is none."""
    return _document(_call(channel, "GET", f"/statements/{day}/{currency}", idempotent=True))


def _document(answer: httpx.Response) -> bytes | None:
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    if answer.status_code != httpx.codes.OK:
        raise _not_understood()
    return answer.content


def _report(answer: httpx.Response) -> iso.Report:
    """A rejection is a report too: only 200 and 202 carry one, whatever else is said is not believed."""
    if answer.status_code not in {httpx.codes.OK, httpx.codes.ACCEPTED}:
        raise _not_understood()
    try:
        return iso.read_status(answer.content)
    except iso.Unreadable as no:
        raise _not_understood() from no


def _not_understood() -> BadAnswer:
    return BadAnswer(_("The other bank answered in a way we do not understand. We are checking what happened."))
