"""Reads the fields of a request, liberally, and names the first one that is missing or wrong."""

import re
from typing import Any
from urllib.parse import urlsplit

from simulators.providers.daraja.codes import invalid
from simulators.providers.daraja.parties import MSISDN

FORBIDDEN = ("m-pesa", "mpesa", "safaricom", "exe", "cmd", "sql", "query")


class Fields:
    """One JSON object; numbers may be text and text may be numbers."""

    def __init__(self, body: dict[str, Any], *, strict_urls: bool) -> None:
        self.body, self.strict_urls = body, strict_urls

    def text(self, name: str, *, most: int = 255, least: int = 1, also: str = "") -> str:
        """Any text; `also` is another spelling. Optional where `least` is 0."""
        value = self.body.get(name)
        if value is None and also:
            value = self.body.get(also)
        if value is None:
            value = ""
        if isinstance(value, dict | list | bool):
            raise invalid(name)
        text = str(value).strip()
        if not least <= len(text) <= most:
            raise invalid(name)
        return text

    def one_of(self, name: str, *known: str, also: str = "") -> str:
        """One of the values that are known."""
        text = self.text(name, also=also)
        if text not in known:
            raise invalid(name)
        return text

    def shortcode(self, name: str) -> str:
        """Five to seven digits."""
        return self._matching(name, r"\d{5,7}")

    def msisdn(self, name: str) -> str:
        """Twelve digits of a Kenyan mobile number."""
        return self._matching(name, MSISDN.pattern)

    def matching(self, name: str, pattern: str) -> str:
        """Text that matches as a whole."""
        return self._matching(name, pattern)

    def _matching(self, name: str, pattern: str) -> str:
        text = self.text(name)
        if not re.fullmatch(pattern, text, re.ASCII):
            raise invalid(name)
        return text

    def cents(self, name: str) -> int:
        """An amount: whole shillings, one or more."""
        shillings = int(self._matching(name, r"\d{1,10}(?:\.0+)?").partition(".")[0])
        if not shillings:
            raise invalid(name)
        return shillings * 100

    def url(self, name: str, *, required: bool = True) -> str:
        """An address that may be called back; in strict mode without the forbidden words."""
        text = self.text(name, least=1 if required else 0, most=1000)
        if not text:
            return text
        if not _is_address(text):
            raise invalid(name)
        if self.strict_urls and any(word in text.lower() for word in FORBIDDEN):
            raise invalid(name)
        return text


def _is_address(text: str) -> bool:
    """Whether it could be called at all: a scheme, a host, a port that there is, signs that addresses are made of."""
    if not re.fullmatch(r"https?://[!-~]+", text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
