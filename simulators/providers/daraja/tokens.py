"""Gives out access tokens, and looks at the one that came along with a call."""

import base64
import binascii
import secrets

from simulators.house import House
from simulators.providers.daraja import clock, switches, wire
from simulators.providers.daraja.codes import Refused
from simulators.web import Request, Response

LIFE = 3599
# Which of the three codes for an invalid token a product uses.
NOT_FOUND = (404, "404.001.03", "Invalid Access Token")
BAD = (400, "400.003.01", "Invalid Access Token")
DENIED = (401, "401.002.01", "Error Occurred - Invalid Access Token")


def generate(house: House, request: Request) -> Response:
    """`GET /oauth/v1/generate?grant_type=client_credentials`."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic" or not given:
        raise Refused(400, "400.008.01", "Invalid Authentication passed")
    if request.query.get("grant_type") != "client_credentials":
        raise Refused(400, "400.008.02", "Invalid grant type passed")
    known = f"{house.settings.daraja.key}:{house.settings.daraja.secret}".encode()
    if not secrets.compare_digest(_decoded(given), known):
        return Response(b"", 400, "application/json")
    token, at = secrets.token_urlsafe(21), clock.now(house)
    with house.store.write() as connection:
        if not switches.is_on(house, "tokens_coexist"):
            connection.execute("UPDATE daraja_token SET is_dead = 1 WHERE is_dead = 0")
        connection.execute("INSERT INTO daraja_token (token, at) VALUES (?, ?)", (token, at))
    as_number = switches.is_on(house, "token_as_integer")
    return wire.answer({"access_token": token, "expires_in": LIFE if as_number else str(LIFE)})


def require(house: House, request: Request, otherwise: tuple[int, str, str]) -> None:
    """A token that lives. Raises Refused, with the code that the product uses."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Refused(404, "404.001.04", "Invalid Authentication Header")
    row = house.store.row("SELECT at FROM daraja_token WHERE token = ? AND is_dead = 0", token.strip())
    if row is None or clock.now(house) >= row["at"] + LIFE:
        raise Refused(*otherwise)


def _decoded(given: str) -> bytes:
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return b""
