"""Sends one webhook by the guarded way out (`apps.kernel.guarded`), and tells how it went in a word."""

from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

import httpcore
import structlog

from apps.kernel import guarded
from apps.kernel.guarded import Guarded

log = structlog.get_logger(__name__)
MOST_BYTES = 4096  # of an answer; the rest is not read
_EXCERPT = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """How it went: a status, or why there is none (`error`); the beginning of what was said."""

    status: int | None
    ms: int
    said: str = ""
    error: str = ""

    @property
    def is_good(self) -> bool:
        """Any 2xx."""
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: bytes, headers: dict[str, str], *, loopback: bool) -> Answer:
    """POST `body`. Never raises for what the other side does. Not to be used inside a transaction."""
    began = monotonic()
    try:
        guarded.public_address(url, loopback=loopback)
        status, said = _exchange(url, body, headers, Guarded(began + guarded.TOTAL, loopback=loopback))
        found = Answer(status, _since(began), said)
    except (guarded.Unfit, guarded.Refused):
        found = Answer(None, _since(began), error="ADDRESS")
    except (httpcore.ConnectTimeout, httpcore.ReadTimeout, httpcore.WriteTimeout, httpcore.PoolTimeout):
        found = Answer(None, _since(began), error="TIME_OUT")
    except guarded.NotBelieved:
        found = Answer(None, _since(began), error="TLS")
    except httpcore.ConnectError:
        found = Answer(None, _since(began), error="NOT_REACHED")
    except (httpcore.NetworkError, httpcore.ProtocolError):
        found = Answer(None, _since(began), error="BROKEN_OFF")
    # The host alone: an address may carry a word of its maker's.
    host = urlsplit(url).hostname
    log.info("webhook_sent", host=host, outcome=found.status or found.error, ms=found.ms)
    return found


def _since(began: float) -> int:
    return round((monotonic() - began) * 1000)


def _exchange(url: str, body: bytes, headers: dict[str, str], backend: Guarded) -> tuple[int, str]:
    said = guarded.exchange("POST", url, headers, body, most_bytes=MOST_BYTES, backend=backend)
    return said.status, said.body.decode("utf-8", "replace").replace("\0", "")[:_EXCERPT]
