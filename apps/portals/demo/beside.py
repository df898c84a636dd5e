"""More hands for the demo: work in processes of its own, beside what the demo does meanwhile."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from django.core.management.base import CommandError
from django.db import connection, connections

Work = Callable[[], object]


@contextmanager
def beside(*works: Work) -> Iterator[None]:
    """Do each of `works` in a process of its own while the block runs. Raises CommandError with what one failed by.

    They are forked, for starting Django anew takes longer than their share, and with no connection open, so that each
    has its own. What nobody else can see yet, in a transaction that goes on, is done here before the block.
    """
    if connection.in_atomic_block:
        for work in works:
            work()
        yield
        return
    connections.close_all()
    fork = get_context("fork")
    hands = []
    for work in works:
        hears, tells = fork.Pipe(duplex=False)
        hand = fork.Process(target=_do, args=(work, tells), daemon=True)
        hand.start()
        tells.close()
        hands.append((hand, hears))
    try:
        yield
    except BaseException:
        for hand, _hears in hands:
            hand.terminate()
        raise
    finally:
        words = [_said(hears) for _hand, hears in hands]
        for hand, _hears in hands:
            hand.join()
    for (hand, _hears), said in zip(hands, words, strict=True):
        if hand.exitcode:
            raise CommandError(said or f"Work beside the demo was ended by signal {-hand.exitcode}.")


def _do(work: Work, tells: Connection) -> None:
    try:
        work()
    except Exception:
        tells.send(traceback.format_exc())
        raise SystemExit(1) from None
    finally:
        connections.close_all()


def _said(hears: Connection) -> str:
    try:
        return str(hears.recv())
    except EOFError:  # it ended without a word
        return ""
