"""The broker of one machine: wake-up calls as files, each looked for only when all of it is there.

kombu's own opens a message under the name by which workers look for it and writes it then: a worker that looks in
between takes an empty message and dies of it, and the call is lost.
"""

import os
import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes beside the queue, then moves into it: a move within a folder happens at once or not at all."""

    # kombu's two channels above this one call the message by two names.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Put one message into `queue`. Raises ChannelError where the folder cannot be written."""
        # What comes first is looked at first; milliseconds, as kombu's own names have them.
        whole = Path(self.data_folder_out, f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg")
        part = whole.with_name(f"{whole.name}.part")
        try:
            part.write_text(dumps(payload), encoding="utf-8")
            os.replace(part, whole)
        except OSError as no:
            raise ChannelError(f"Cannot add {whole} to the queue") from no


class Transport(filesystem.Transport):
    """kombu's files, with such channels."""

    Channel = Channel
