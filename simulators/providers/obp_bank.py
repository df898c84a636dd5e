"""Another bank, at which customers link accounts: OAuth2 with PKCE, OpenID Connect and the Open Bank Project's reads.

It stands at the root of the simulators' address, because a bank's address has no path. Everybody who comes is its
customer with the same two accounts; each day since EPOCH moved them once, so that a later read tells something new.
"""

import json
import secrets
import time
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlencode

from jwcrypto import jwk, jwt

from simulators.house import House
from simulators.web import Request, Response, as_json, route

NAME = "obp_bank"
CALLED, BANK, CLIENT, SECRET = "Benki ya Mfano", "benki.mfano", "kitbank", "simulated-secret"
EPOCH = date(2026, 1, 1)
_ACCOUNTS = {"mshahara": ("Mshahara", "2210004417", 4_820_000), "akiba": ("Akiba", "2210009032", 15_000_000)}
_MOVES = ((-35_000, "Duka", "Mama Mboga"), (-120_000, "Nauli", "Super Metro"), (260_000, "Kazi", "Savanna Ltd"))


@lru_cache(maxsize=1)
def _key() -> jwk.JWK:
    return jwk.JWK.generate(kty="RSA", size=2048, kid="simulated")


def _root(request: Request) -> str:
    return f"http://{request.headers['host']}"


def discovery(house: House, request: Request) -> Response:
    """Where everything is."""
    root = _root(request)
    return as_json(
        {
            "issuer": root, "authorization_endpoint": f"{root}/oauth/authorize", "jwks_uri": f"{root}/oauth/jwks",
            "token_endpoint": f"{root}/oauth/token", "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )  # fmt: skip


def jwks(house: House, request: Request) -> Response:
    """The key that identity tokens are signed with; another each time the simulators start."""
    return as_json({"keys": [json.loads(_key().export_public())]})


def consents(house: House, request: Request) -> Response:
    """An app writes down what it will ask for."""
    if not request.headers.get("authorization", "").startswith("Bearer own-"):
        return as_json({"error": "invalid_token"}, 401)
    until = datetime.now(UTC) + timedelta(days=90)
    return as_json({"id": secrets.token_hex(8), "valid_until": until.isoformat(timespec="seconds")}, 201)


def end_consent(house: House, request: Request, consent: str) -> Response:
    """It opens nothing any more."""
    house.store.script(NAME, consent, {"ended": "yes"})
    return Response("", 204)


def authorise(house: House, request: Request) -> Response:
    """Their page: whoever comes is a customer, and allows it or not."""
    asked = request.query
    consent = next((one[8:] for one in asked.get("scope", "").split() if one.startswith("consent:")), "")
    if not consent or asked.get("code_challenge_method") != "S256" or "redirect_uri" not in asked:
        return Response("The app asked in a way that cannot be right.", 400, "text/plain")
    sealed = json.dumps([asked["code_challenge"], asked.get("nonce", ""), consent, secrets.token_hex(4)])
    back = {"state": asked.get("state", ""), "iss": _root(request)}
    allow = urlencode({"code": urlsafe_b64encode(sealed.encode()).decode(), **back})
    refuse = urlencode({"error": "access_denied", **back})
    there = asked["redirect_uri"]
    return house.page("obp_bank.html", bank=CALLED, allow=f"{there}?{allow}", refuse=f"{there}?{refuse}")


def token(house: House, request: Request) -> Response:
    """A token of the app's own, one for a code with its verifier, or the next for a refresh token."""
    given = request.form
    if not _is_client(request):
        return as_json({"error": "invalid_client"}, 401)
    if given.get("grant_type") == "client_credentials":
        return as_json({"access_token": f"own-{secrets.token_hex(8)}", "token_type": "Bearer"})
    if given.get("grant_type") == "refresh_token":
        _word, _dash, consent = given.get("refresh_token", "").partition("-")
        return _tokens(house, request, consent.partition("-")[0], "")
    try:
        challenge, nonce, consent, _salt = json.loads(urlsafe_b64decode(given.get("code", "")))
    except ValueError:
        return as_json({"error": "invalid_grant"}, 400)
    proof = urlsafe_b64encode(sha256(given.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
    used = f"code {sha256(given['code'].encode()).hexdigest()[:32]}"
    if proof != challenge or house.store.plan(NAME, used):
        return as_json({"error": "invalid_grant"}, 400)
    house.store.script(NAME, used, {"used": "yes"})
    return _tokens(house, request, consent, nonce)


def _is_client(request: Request) -> bool:
    kind, _space, sealed = request.headers.get("authorization", "").partition(" ")
    try:
        name, _colon, secret = b64decode(sealed).decode().partition(":")
    except ValueError:
        return False
    return kind == "Basic" and (unquote(name), unquote(secret)) == (CLIENT, SECRET)


def _tokens(house: House, request: Request, consent: str, nonce: str) -> Response:
    if not consent or house.store.plan(NAME, consent):
        return as_json({"error": "invalid_grant"}, 400)
    claims = {"iss": _root(request), "aud": CLIENT, "sub": "mteja", "nonce": nonce, "exp": int(time.time()) + 300}
    made = jwt.JWT(header={"alg": "RS256", "kid": "simulated"}, claims=claims)
    made.make_signed_token(_key())
    held = f"{consent}-{secrets.token_hex(8)}"
    told = {"access_token": f"access-{held}", "refresh_token": f"refresh-{held}", "token_type": "Bearer"}
    return as_json(told | {"expires_in": 600, "id_token": made.serialize()})


def _refused(house: House, request: Request) -> Response | None:
    raw = request.headers.get("authorization", "").removeprefix("Bearer ")
    kind, _dash, rest = raw.partition("-")
    consent = rest.partition("-")[0]
    if kind == "access" and consent and not house.store.plan(NAME, consent):
        return None
    return as_json({"code": 401, "message": "OBP-35005: The consent is not in status ACCEPTED."}, 401)


def accounts(house: House, request: Request) -> Response:
    """Both of them."""
    rows = [
        {
            "id": one,
            "bank_id": BANK,
            "label": label,
            "account_routings": [{"scheme": "AccountNumber", "address": number}],
        }
        for one, (label, number, _opening) in _ACCOUNTS.items()
    ]
    return _refused(house, request) or as_json({"accounts": rows})


def balances(house: House, request: Request) -> Response:
    """What is booked on each."""
    rows = [
        {
            "account_id": one,
            "balances": [{"type": "OpeningBooked", **_money(opening + sum(m for _d, m in _moved(one)))}],
        }
        for one, (_label, _number, opening) in _ACCOUNTS.items()
    ]
    return _refused(house, request) or as_json({"accounts": rows})


def lines(house: House, request: Request, account: str) -> Response:
    """Oldest first, from a day on, page by page."""
    if account not in _ACCOUNTS:
        return as_json({"code": 404, "message": "OBP-30018: Bank Account not found."}, 404)
    since = request.query.get("from_date", "")[:10]
    first, most = int(request.query.get("offset", 0)), int(request.query.get("limit", 50))
    rows = [_line(account, day, minor) for day, minor in _moved(account) if f"{day}" >= since]
    return _refused(house, request) or as_json({"transactions": rows[first : first + most]})


def _moved(account: str) -> list[tuple[date, int]]:
    """One movement a day up to yesterday, the same whenever it is asked; savings move once a month."""
    days = (date.today() - EPOCH).days  # noqa: DTZ011  # a day of this machine is near enough
    found = [(EPOCH + timedelta(days=nth), _MOVES[nth % len(_MOVES)][0]) for nth in range(max(days, 0))]
    return [(day, 50_000) for day, _minor in found if day.day == 1] if account == "akiba" else found


def _sum(account: str) -> int:
    return sum(minor for _day, minor in _moved(account))


def _line(account: str, day: date, minor: int) -> dict[str, Any]:
    words, other = next(((words, other) for known, words, other in _MOVES if known == minor), ("Riba", CALLED))
    details = {"completed": f"{day}T09:00:00Z", "description": words, "value": _money(minor)}
    return {"id": f"{account}-{day:%Y%m%d}", "details": details, "other_account": {"holder": {"name": other}}}


def _money(minor: int) -> dict[str, str]:
    sign, whole = "-" if minor < 0 else "", abs(minor)
    return {"currency": "KES", "amount": f"{sign}{whole // 100}.{whole % 100:02d}"}


_V = "/obp/v5.1.0"
ROUTES = [
    route("GET", "/.well-known/openid-configuration", discovery, NAME),
    route("GET", "/oauth/jwks", jwks, NAME),
    route("GET", "/oauth/authorize", authorise, NAME),
    route("POST", "/oauth/token", token, NAME),
    route("POST", "/api/v1/consents/", consents, NAME),
    route("DELETE", "/api/v1/consents/<consent>/", end_consent, NAME),
    route("GET", f"{_V}/my/accounts", accounts, NAME),
    route("GET", f"{_V}/banks/{BANK}/balances", balances, NAME),
    route("GET", f"{_V}/my/banks/{BANK}/accounts/<account>/transactions", lines, NAME),
]
