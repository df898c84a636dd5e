"""Reads the ports of `make run`, and refuses to start while somebody else holds one."""

import os
import socket

# The mail catcher's is read by the simulators, too.
DEFAULTS = {"KITBANK_PORT": 8000, "KITBANK_SIMULATORS_PORT": 8100, "KITBANK_MAIL_PORT": 8125}
# Pages are told where it is, so any free one will do.
LIVE = "KITBANK_LIVE_PORT"


class PortTaken(Exception):
    """Somebody else listens where we want to."""


def chosen() -> dict[str, int]:
    """Each port by the variable that sets it."""
    found: dict[str, int] = {}
    for variable, default in DEFAULTS.items():
        found |= _read(variable, default)
    return found


def with_live(ports: dict[str, int]) -> dict[str, int]:
    """The same, and a port for live updates: the one that was set, or any that is free."""
    if os.environ.get(LIVE):
        return ports | _read(LIVE, 0)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return ports | {LIVE: door.getsockname()[1]}


def _read(variable: str, default: int) -> dict[str, int]:
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise PortTaken(f"{variable}={text} is not a port: give a number from 1 to 65535.")
    return {variable: int(text)}


def require_free(ports: dict[str, int]) -> None:
    """Raises PortTaken, naming the variable to set."""
    for variable, port in ports.items():
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does, so that TIME_WAIT is no harm
            try:
                door.bind(("127.0.0.1", port))
            except OSError as no:
                raise PortTaken(
                    f"Port {port} is not ours to use ({no.strerror}). "
                    f"Choose another one:  {variable}={_another(port)} make run"
                ) from no
    if len(set(ports.values())) < len(ports):
        raise PortTaken(f"Each of {', '.join(ports)} needs a port of its own.")


def _another(port: int) -> int:
    return port + 1 if port < 65535 else 8001
