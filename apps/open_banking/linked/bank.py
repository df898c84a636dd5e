"""What this bank asks of another as a third party there: OpenID Connect with PKCE, a consent to read, and reading."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from jwcrypto import jwk, jwt
from jwcrypto.common import JWException

from apps.kernel.money import Money
from apps.open_banking.linked import reading
from apps.open_banking.linked.reading import Line, Told
from apps.open_banking.linked.wire import Troubled, call
from apps.open_banking.models.linked import OtherBank, Trouble

PAGE, MOST_PAGES = 100, 20  # lines a page; pages of one account at a time: the next read goes on from there
MOST_SECONDS = 60.0  # of one read of everything; what is left is read the next time
LONGEST = timedelta(days=400)
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Begun:
    """A consent that waits for its customer there, and what is kept here to finish it."""

    consent_id: str
    until: datetime
    state: str
    pending: str  # JSON: url, verifier, nonce, says_issuer


@dataclass(frozen=True, slots=True)
class Tokens:
    """What opens the accounts: `access` for minutes, `refresh` once."""

    access: str
    refresh: str


def returns_to() -> str:
    """Where the other bank sends the customer back to; registered there letter by letter."""
    return f"{settings.PUBLIC_ADDRESS}{reverse('open_banking:linked-back')}"


def _basic(bank: OtherBank) -> tuple[str, str]:
    return bank.client_id, str(bank.client_secret)


def _obp(bank: OtherBank) -> str:
    return f"{bank.address}/obp/v5.1.0"


def discover(bank: OtherBank) -> dict[str, Any]:
    """Its endpoints: only of the issuer we know, on its own hosts, and with PKCE S256. Raises Troubled."""
    status, said = call("GET", f"{bank.issuer}/.well-known/openid-configuration")
    if status != 200:
        raise Troubled(Trouble.REFUSED)
    if said.get("issuer") != bank.issuer:
        raise Troubled(Trouble.NOT_THEM)
    homes = {urlsplit(bank.issuer)[:2], urlsplit(bank.address)[:2]}
    for key in _ENDPOINTS:
        try:
            home = urlsplit(reading.member(said, key, most=400))[:2]
        except ValueError as no:
            raise reading.unreadable() from no
        if home not in homes:
            raise Troubled(Trouble.NOT_THEM)
    methods = said.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or "S256" not in methods:
        raise Troubled(Trouble.REFUSED)
    return said


def _own_token(bank: OtherBank, endpoint: str) -> str:
    form = {"grant_type": "client_credentials", "scope": "accounts"}
    status, said = call("POST", endpoint, basic=_basic(bank), form=form)
    if status != 200:
        raise Troubled(Trouble.REFUSED)
    return reading.member(said, "access_token")


def begin(bank: OtherBank, at: datetime) -> Begun:
    """Lodge a consent to read everything, and say where the customer goes to give it. Raises Troubled."""
    known = discover(bank)
    asked = {"consent_type": "AIS", "accounts_access": True, "balances_access": True, "transactions_access": True,
             "purpose": f"Shown beside accounts at {settings.BANK_NAME}"}  # fmt: skip
    token = _own_token(bank, known["token_endpoint"])
    status, said = call("POST", f"{bank.address}/api/v1/consents/", token=token, body=asked)
    if status != 201:
        raise Troubled(Trouble.REFUSED)
    consent_id = reading.name(said.get("id"))
    until = reading.instant(said.get("valid_until"))
    if len(consent_id) > 64 or not at < until <= at + LONGEST:
        raise reading.unreadable()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _nth in range(3))
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code", "client_id": bank.client_id, "redirect_uri": returns_to(), "state": state,
        "scope": f"openid accounts consent:{consent_id}", "nonce": nonce,
        "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    pending = {
        "url": f"{known['authorization_endpoint']}?{urlencode(query)}", "verifier": verifier, "nonce": nonce,
        "says_issuer": known.get("authorization_response_iss_parameter_supported") is True,
    }  # fmt: skip
    return Begun(consent_id, until, state, json.dumps(pending))


def exchange(bank: OtherBank, code: str, pending: dict[str, Any]) -> Tokens:
    """The code for tokens, once; believed when the identity token with them is this bank's answer. Raises Troubled."""
    known = discover(bank)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": returns_to(),
            "code_verifier": pending["verifier"]}  # fmt: skip
    status, said = call("POST", known["token_endpoint"], basic=_basic(bank), form=form)
    if status != 200:
        raise Troubled(Trouble.REFUSED)
    _status, keys = call("GET", known["jwks_uri"])
    _require_identity(bank, reading.member(said, "id_token", most=20_000), keys, pending["nonce"])
    return _tokens(said)


def _require_identity(bank: OtherBank, raw: str, keys: dict[str, Any], nonce: str) -> None:
    """Signed by their keys with RS256, of their issuer, for us, answering this very request."""
    wanted = {"iss": bank.issuer, "aud": bank.client_id, "nonce": nonce, "exp": None, "sub": None}
    try:
        known = jwk.JWKSet.from_json(json.dumps(keys))
        jwt.JWT(jwt=raw, key=known, algs=["RS256"], check_claims=wanted)
    except (JWException, ValueError, TypeError, KeyError) as no:
        raise Troubled(Trouble.NOT_THEM) from no


def renew(bank: OtherBank, refresh_token: str) -> Tokens:
    """New tokens for the one that is kept, which opens nothing afterwards. Raises Troubled."""
    known = discover(bank)
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    status, said = call("POST", known["token_endpoint"], basic=_basic(bank), form=form)
    if status == 400 and said.get("error") == "invalid_grant":
        raise Troubled(Trouble.CONSENT_ENDED)
    if status != 200:
        raise Troubled(Trouble.REFUSED)
    return _tokens(said, kept=refresh_token)


def _tokens(said: dict[str, Any], kept: str = "") -> Tokens:
    if str(said.get("token_type", "")).lower() != "bearer":
        raise reading.unreadable()
    refresh = reading.member(said, "refresh_token") if "refresh_token" in said or not kept else kept
    return Tokens(reading.member(said, "access_token"), refresh)


def _read(url: str, token: str, address: str) -> dict[str, Any]:
    status, said = call("GET", url, token=token, address=address)
    if status == 401:
        raise Troubled(Trouble.CONSENT_ENDED)
    if status != 200:
        raise Troubled(Trouble.REFUSED)
    return said


def accounts(bank: OtherBank, token: str, address: str) -> list[tuple[Told, Money]]:
    """Every account the customer chose there, with what is booked on it. Raises Troubled."""
    told = reading.accounts(_read(f"{_obp(bank)}/my/accounts", token, address), bank.bank_id)
    there = quote(bank.bank_id, safe="")
    booked = reading.balances(_read(f"{_obp(bank)}/banks/{there}/balances", token, address)) if told else {}
    if not {one.their_id for one in told} <= set(booked):
        raise reading.unreadable()
    return [(one, booked[one.their_id]) for one in told]


@dataclass(frozen=True, slots=True)
class Reader:
    """One read of movements, which ends in time whatever the other bank sends."""

    bank: OtherBank
    token: str
    address: str
    at: datetime
    until: float

    @classmethod
    def starting(cls, bank: OtherBank, token: str, address: str, at: datetime) -> "Reader":
        """From now on."""
        return cls(bank, token, address, at, monotonic() + MOST_SECONDS)

    def lines(self, account: str, currency: str, since: datetime | None) -> Iterator[Line]:
        """Oldest first, page by page, each once; ends with a page that is not full or tells nothing new."""
        place = f"{_obp(self.bank)}/my/banks/{quote(self.bank.bank_id, safe='')}/accounts/{quote(account, safe='')}"
        asked: dict[str, Any] = {"limit": PAGE, "sort_direction": "ASC"}
        if since:
            asked["from_date"] = f"{since:%Y-%m-%dT%H:%M:%SZ}"
        seen: set[str] = set()
        for nth in range(MOST_PAGES):
            if monotonic() > self.until:
                return
            query = urlencode(asked | {"offset": nth * PAGE})
            said = _read(f"{place}/transactions?{query}", self.token, self.address)
            page = reading.lines(said, currency, PAGE, self.at)
            new = [line for line in page if line.their_id not in seen]
            seen.update(line.their_id for line in new)
            yield from new
            if len(page) < PAGE or not new:
                return


def end(bank: OtherBank, consent_id: str) -> None:
    """Give the consent back: it opens nothing there any more. Raises Troubled."""
    token = _own_token(bank, discover(bank)["token_endpoint"])
    status, _said = call("DELETE", f"{bank.address}/api/v1/consents/{quote(consent_id, safe='')}/", token=token)
    if status not in {204, 200, 404, 409, 410}:
        raise Troubled(Trouble.REFUSED)
