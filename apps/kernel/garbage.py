"""Python's collector, told what a bank of many classes knows: what was loaded at the start is there to stay."""

import gc

# A request leaves few cycles behind, so looking for them after each 700 new objects is a tenth of a process's time.
_NEW_OBJECTS = 50_000


def settle_in() -> None:
    """Collect once, leave out what lives by now from every later look, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 50)
