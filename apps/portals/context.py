"""What every page knows: theme, language, whether balances are hidden, how long the stay lasts."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

THEME_COOKIE = "kitbank_theme"
HIDE_COOKIE = "kitbank_hide"


def page(request: HttpRequest) -> dict[str, Any]:
    """Facts for the shells. Nothing here asks the database."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "theme": theme if theme in {"light", "dark"} else "",
        "page_language": (get_language() or "en")[:2],
        "balances_hidden": request.COOKIES.get(HIDE_COOKIE) == "1",
        "simulated": getattr(settings, "SIMULATORS_ALLOWED", False),
    }
