"""Who listens in this process, and the one database connection that hears for all of them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import structlog
from django.db import connections

from apps.kernel.live import CHANNEL

log = structlog.get_logger(__name__)
MOST = 6  # streams of one person in one process; the oldest ends when a seventh opens
AGAIN_AFTER = 2.0  # seconds before a lost connection is opened again


class Hub:
    """The listeners of one process. Its methods belong to the event loop's thread."""

    def __init__(self) -> None:
        self._bells: defaultdict[int, list[asyncio.Queue[bool]]] = defaultdict(list)
        self._hearing: asyncio.Task[None] | None = None

    @contextmanager
    def listening(self, user_id: int) -> Iterator[asyncio.Queue[bool]]:
        """A queue that gets True for news, once however much there is, and False when the stream should end."""
        if self._hearing is None or self._hearing.done():
            self._hearing = asyncio.get_running_loop().create_task(self._hear())
        bells = self._bells[user_id]
        bell: asyncio.Queue[bool] = asyncio.Queue(maxsize=1)
        bells.append(bell)
        for old in bells[:-MOST]:
            bells.remove(old)
            _ring(old, news=False)
        try:
            yield bell
        finally:
            with suppress(ValueError):  # it may have been the oldest
                bells.remove(bell)
            if not bells:
                self._bells.pop(user_id, None)

    async def _hear(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_address(), autocommit=True) as ears:
                    await ears.execute(f"LISTEN {CHANNEL}")
                    async for notice in ears.notifies():
                        for bell in self._bells.get(int(notice.payload), ()):
                            _ring(bell, news=True)
            except psycopg.OperationalError as no:
                log.warning("live_lost_database", because=str(no))
                await asyncio.sleep(AGAIN_AFTER)


def _ring(bell: asyncio.Queue[bool], *, news: bool) -> None:
    if bell.full():
        if news:
            return
        bell.get_nowait()
    bell.put_nowait(news)


def _address() -> dict[str, Any]:
    """How the bank's own connection reaches the database."""
    known = connections["default"].settings_dict
    found = {"host": known["HOST"], "port": known["PORT"], "dbname": known["NAME"]}
    found |= {"user": known["USER"], "password": known["PASSWORD"]}
    return {name: value for name, value in found.items() if value}
