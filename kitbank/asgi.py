"""Live updates: a stream beside Django, with Django behind it for everything else."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kitbank.settings.local")
django = get_asgi_application()

from apps.kernel.garbage import settle_in  # noqa: E402 the apps are loaded by the line above
from apps.portals.live.stream import PATH, stream  # noqa: E402

settle_in()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """`/live/` is the stream."""
    answer = stream if scope["type"] == "http" and scope["path"] == PATH else django
    await answer(scope, receive, send)
