"""`/developers/changelog`: what changed for who builds on the bank, read from the repository's own changelog."""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.open_banking.pages.developers.door import show

_OURS = re.compile(r"open_banking|gateway|\bAPI\b|webhook|OAuth", re.IGNORECASE)


@require_GET
def changelog(request: HttpRequest) -> HttpResponse:
    """Newest first, as they stand there."""
    return show(request, "changelog", "changelog", releases=_releases())


@lru_cache(maxsize=1)
def _releases() -> list[tuple[str, list[str]]]:
    """Each release with its points that name the API, webhooks or open banking."""
    text = (Path(settings.ROOT) / "CHANGELOG.md").read_text(encoding="utf-8")
    found = []
    for release in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name, _line, rest = release.partition("\n")
        points = [" ".join(point.split()) for point in re.split(r"^- ", rest, flags=re.MULTILINE)[1:]]
        points = [point.split(" ### ")[0] for point in points if _OURS.search(point)]
        if points:
            found.append((name.strip(), points[::-1]))
    return found
