"""Posts to the bank what providers would post to it, when it is due."""

import functools
import http.client
import json
import logging
import threading
import time
import urllib.error
import urllib.request

from simulators.house import House

log = logging.getLogger(__name__)
TRIES = 5
AGAIN_AFTER = 2.0  # seconds, when nobody listens
TIMEOUT = 10.0
AT_ONCE = 50  # posts of one round
# What is wrong with an address or an answer: none of it may end the courier, who carries everybody else's posts too.
_UNDELIVERABLE = (OSError, http.client.HTTPException, ValueError, OverflowError)


class Courier(threading.Thread):
    """Posts due callbacks one after the other, in the order they fall due."""

    def __init__(self, house: House) -> None:
        super().__init__(name="courier", daemon=True)
        self.house = house
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Until asked to stop."""
        more = False
        while not self._stop_asked.wait(0 if more else self.house.settings.callback_poll):
            try:
                more = post_due(self.house) >= AT_ONCE
            except Exception:  # a fault of ours: were the courier to die of it, nobody would ever hear anything again
                more = False
                log.exception("The courier's round broke off.")

    def stop(self) -> None:
        """Finish the post in hand, then end."""
        self._stop_asked.set()
        self.join(timeout=TIMEOUT + 1)


def post_due(house: House) -> int:
    """Post everything that is due now; returns how many were tried."""
    for look in house.rounds:
        look(house)
    due = house.store.rows(
        "SELECT * FROM callback WHERE done_at IS NULL AND due_at <= ? ORDER BY due_at, id LIMIT ?",
        time.time(),
        AT_ONCE,
    )
    for row in due:
        _post(house, row)
    return len(due)


def post_now(house: House, number: int) -> None:
    """Post one before it is due."""
    row = house.store.row("SELECT * FROM callback WHERE id = ? AND done_at IS NULL", number)
    if row is not None:
        _post(house, row)


def _post(house: House, row: dict[str, object]) -> None:
    status, answer, error = deliver(str(row["url"]), str(row["body"]), str(row["content_type"]))
    tries = int(str(row["tries"])) + 1
    done = status is not None or tries >= TRIES
    house.store.change(
        "UPDATE callback SET tries = ?, status = ?, error = ?, done_at = ?, due_at = ? WHERE id = ?",
        tries,
        status,
        error,
        time.time() if done else None,
        time.time() + AGAIN_AFTER,
        row["id"],
    )
    url, content_type, body = str(row["url"]), str(row["content_type"]), str(row["body"])
    note(house, str(row["provider"]), url, content_type, body, status, answer or error)


def note(house: House, provider: str, url: str, content_type: str, body: str, status: int | None, answer: str) -> None:
    """Write a post to the bank into the journal."""
    house.store.add(
        "journal",
        at=time.time(),
        direction="OUT",
        provider=provider,
        method="POST",
        path=url,
        headers=json.dumps({"content-type": content_type}),
        body=body,
        status=status,
        answer=answer,
    )


@functools.cache
def _opener() -> urllib.request.OpenerDirector:
    """Made once: it loads the list of authorities, which takes longer than a post."""
    # The environment's proxies are not for this machine's own ports.
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def deliver(
    url: str, body: str | None, content_type: str, timeout: float = TIMEOUT, headers: dict[str, str] | None = None
) -> tuple[int | None, str, str]:
    """Post once, or get when there is no body: (status, answer, error); no status when nobody answered."""
    known = {"User-Agent": "simulators", **({} if body is None else {"Content-Type": content_type}), **(headers or {})}
    method = "GET" if body is None else "POST"
    try:
        request = urllib.request.Request(  # noqa: S310 the address is our own setting
            url, data=None if body is None else body.encode(), headers=known, method=method
        )
        with _opener().open(request, timeout=timeout) as answer:
            return answer.status, answer.read(20_000).decode("utf-8", "replace"), ""
    except urllib.error.HTTPError as no:
        return no.code, _rest_of(no), ""
    except _UNDELIVERABLE as no:
        return None, "", f"{type(no).__name__}: {no}"


def _rest_of(no: urllib.error.HTTPError) -> str:
    """What a refusal says, as far as it came."""
    try:
        return no.read(20_000).decode("utf-8", "replace")
    except _UNDELIVERABLE:
        return ""
