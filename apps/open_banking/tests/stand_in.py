"""Another bank on this machine's loopback: it speaks the wire format, and lies where a test tells it to."""

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep, time
from urllib.parse import parse_qs, urlsplit

from jwcrypto import jwt

from apps.open_banking.models import SigningKey
from apps.open_banking.models.key import new_pem

BANK, CLIENT, SECRET = "other.ke", "kitbank-there", "s3cret: /&"


def line(nth, *, amount="-10.00", currency="KES", **details):
    """One movement of theirs, the `nth` minute of 2026."""
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=nth)
    told = {"value": {"amount": amount, "currency": currency}, "completed": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "description": f"Line {nth}"}  # fmt: skip
    return {"id": f"line-{nth}", "details": told | details, "other_account": {"holder": {"name": "Duka la Amani"}}}


def account(called="acc-1", label="Akiba"):
    """One account of theirs."""
    routings = [{"scheme": "AccountNumber", "address": "990000004321"}]
    return {"id": called, "bank_id": BANK, "label": label, "account_routings": routings}


def balance(called="acc-1", amount="2500.50", currency="KES"):
    """What is booked on it."""
    return {"account_id": called, "balances": [{"type": "OpeningBooked", "amount": amount, "currency": currency}]}


class StandIn:
    """What the other bank holds and says; `lies` maps the end of a path to (status, body) said instead."""

    def __init__(self):
        self.lies, self.asked, self.refreshes = {}, [], 0
        self.accounts, self.balances = [account()], [balance()]
        self.lines = {"acc-1": [line(nth) for nth in range(3)]}
        self.challenge = self.nonce = self.issuer = ""
        self.refresh = "refresh-0"
        self.claims, self.key, self.wait = {}, None, 0

    def known(self):
        root = self.root
        return {
            "issuer": root, "authorization_endpoint": f"{root}/oauth/authorize", "jwks_uri": f"{root}/oauth/jwks",
            "token_endpoint": f"{root}/oauth/token", "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip

    def allow(self, address):
        """The customer allows it: what they come back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.challenge, self.nonce = asked["code_challenge"], asked["nonce"]
        assert asked["code_challenge_method"] == "S256"
        return {"state": asked["state"], "code": "the-code", "issuer": self.root}

    def token(self, form, headers):
        pair = b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
        assert pair == f"{CLIENT}:s3cret%3A%20%2F%26"
        if form["grant_type"] == "client_credentials":
            return 200, {"access_token": "own", "token_type": "Bearer"}
        if form["grant_type"] == "authorization_code":
            proof = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
            if (form["code"], proof) != ("the-code", self.challenge):
                return 400, {"error": "invalid_grant"}
        elif form["refresh_token"] != self.refresh:
            return 400, {"error": "invalid_grant"}
        self.refreshes += 1
        self.refresh = f"refresh-{self.refreshes}"
        return 200, {"access_token": "access", "token_type": "Bearer", "refresh_token": self.refresh,
                     "id_token": self.id_token()}  # fmt: skip

    def id_token(self):
        signer = (self.key or SIGNER).jwk()
        claims = {"iss": self.root, "aud": CLIENT, "sub": "x", "nonce": self.nonce, "exp": int(time()) + 60}
        made = jwt.JWT(header={"alg": "RS256", "kid": signer.thumbprint()}, claims=claims | self.claims)
        made.make_signed_token(signer)
        return made.serialize()

    def answer(self, method, path, query, form, headers):
        """(status, body)."""
        for end, said in self.lies.items():
            if path.endswith(end):
                return said
        if path == "/.well-known/openid-configuration":
            return 200, self.known()
        if path == "/oauth/jwks":
            return 200, {"keys": [SIGNER.public()]}
        if path == "/oauth/token":
            return self.token(form, headers)
        if path.startswith("/api/v1/consents/"):
            until = datetime.now(UTC) + timedelta(days=90)
            return (201, {"id": "consent-1", "valid_until": until.isoformat()}) if method == "POST" else (204, None)
        if path.endswith("/my/accounts"):
            return 200, {"accounts": self.accounts}
        if path.endswith("/balances"):
            return 200, {"accounts": self.balances}
        rows = self.lines[path.split("/")[-2]]
        since, first = query.get("from_date", ""), int(query["offset"])
        rows = [one for one in rows if one["details"]["completed"] >= since]
        return 200, {"transactions": rows[first : first + int(query["limit"])]}


SIGNER = SigningKey(pem=new_pem())  # never saved: the other bank's own
SIGNER.kid = SIGNER.jwk().thumbprint()


@contextmanager
def stand_in():
    """It listens until the block ends."""
    bank = StandIn()

    class Door(BaseHTTPRequestHandler):
        def _any(self):
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            plain = {name: values[0] for name, values in parse_qs(parts.query).items()}
            form = {name: values[0] for name, values in parse_qs(body).items()}
            bank.asked.append((self.command, self.path, dict(self.headers)))
            sleep(bank.wait)
            status, said = bank.answer(self.command, parts.path, plain, form, self.headers)
            sent = said if isinstance(said, bytes) else json.dumps(said).encode() if said is not None else b""
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{bank.root}/elsewhere")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    bank.root = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield bank
    finally:
        server.shutdown()
        server.server_close()
