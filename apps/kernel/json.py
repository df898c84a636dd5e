"""JSON bodies: what is written with halves of characters is turned away before anything reads it."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class TextParser(JSONParser):
    r"""DRF's, without lone surrogates: `"\ud800"` is JSON, yet no text, and cannot be kept, nor refused by its name."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """What the body says. Raises ParseError."""
        found: dict[str, Any] = super().parse(stream, media_type, parser_context)
        if not is_text(found):
            raise ParseError(_("The body holds half of a character. Nothing was done."))
        return found


def is_text(value: Any) -> bool:
    """Whether every name and text in a value read from JSON can be written as UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True
