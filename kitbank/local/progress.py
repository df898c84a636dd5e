"""Says what is being done, and keeps saying so when it takes longer than two seconds."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

QUIET = 2.0  # seconds before the first sign of life
EVERY = 5.0


@contextmanager
def working(what: str) -> Iterator[None]:
    """Announce, tick, and report how long it took."""
    began = time.monotonic()
    done = threading.Event()

    def tick() -> None:
        pause = QUIET
        while not done.wait(pause):
            print(f"  ... still {what[0].lower()}{what[1:]} ({time.monotonic() - began:.0f} s)", flush=True)
            pause = EVERY

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)
