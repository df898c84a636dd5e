"""What the frame of the workbench shows of itself, on every page that wears it, whoever serves the page."""

from typing import Any

from django import template

from apps.portals.banker.door import shell

register = template.Library()


@register.simple_tag(takes_context=True)
def frame(context: dict[str, Any]) -> dict[str, Any]:
    """Who is in, where they work, and how much waits for them; empty for who is no member of staff."""
    return shell(context["request"])
