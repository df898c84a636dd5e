"""The line to Daraja: the shared token, the circuits, and what an answer means before anybody reads what it says."""

from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.kernel import breaker, http
from apps.kernel.errors import DomainError
from apps.kernel.text import storable
from apps.mpesa import tokens

NAME = "daraja"
PULL, NAMES = "daraja-pull", "daraja-names"  # circuits of their own, switched with M-Pesa's
BAD_TOKEN = {"400.003.01", "404.001.03", "401.002.01"}
DUPLICATE = "500.002.1001"
# By their web firewall, or for being too many: it got no further.
STOPPED = {httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.TOO_MANY_REQUESTS}
UNREADABLE = _("M-Pesa's answer could not be read. We are checking what happened.")
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
        raise http.NoAnswer(UNREADABLE)
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
