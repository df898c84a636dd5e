"""What every sweep does: one that fails, for whatever reason, stops no other, and is tried again by the next sweep."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from apps.kernel.errors import DomainError

log = structlog.get_logger(__name__)


@contextmanager
def alone(event: str, **facts: Any) -> Iterator[None]:
    """Log what goes wrong inside as `event`: a refusal as a warning, anything else as the fault that it is."""
    try:
        yield
    except DomainError as no:
        log.warning(event, because=str(no), **facts)
    except Exception:
        log.exception(event, **facts)
