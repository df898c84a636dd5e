"""Everything one run of the simulators shares: its settings, its store, its journal and its templates."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.safestring import SafeString

from simulators.providers.daraja import schema as daraja
from simulators.settings import Settings
from simulators.store import Store
from simulators.web import Request, Response

HERE = Path(__file__).parent
EAST_AFRICA = timezone(timedelta(hours=3))
_HIDDEN = {"apikey", "authorization"}


class House:
    """One run."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.folder)
        self.store.extend(daraja.SCHEMA, daraja.TABLES)
        self.rounds: list[Callable[[House], None]] = []  # what providers do when its time has come
        self.engine = Engine(dirs=[str(HERE / "templates")], libraries={}, autoescape=True)

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page from a template."""
        return Response(self.render(template, **context), status)

    def render(self, template: str, **context: Any) -> SafeString:
        """A template, filled in."""
        return self.engine.get_template(f"simulators/{template}").render(Context(context, use_l10n=False, use_tz=False))

    def note(self, provider: str, request: Request, response: Response) -> None:
        """Write what came in and what went out to the journal; keys are not kept."""
        kept = {name: "•••" if name in _HIDDEN else value for name, value in request.headers.items()}
        answer = response.body.decode("utf-8", "replace") if isinstance(response.body, bytes) else str(response.body)
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        self.store.add(
            "journal",
            at=time.time(),
            direction="IN",
            provider=provider,
            method=request.method,
            path=f"{request.path}?{query}" if query else request.path,
            headers=json.dumps(kept),
            body=request.text,
            status=response.status,
            answer=answer[:20_000],
        )


def shown_time(at: float) -> str:
    """`14:05`, East Africa Time."""
    return datetime.fromtimestamp(at, UTC).astimezone(EAST_AFRICA).strftime("%H:%M")


def shown_moment(at: float) -> str:
    """`21 Nov 2026, 14:05:31`, East Africa Time."""
    return datetime.fromtimestamp(at, UTC).astimezone(EAST_AFRICA).strftime("%-d %b %Y, %H:%M:%S")
