"""JSON bodies: what no text of ours can hold, or is nested beyond reason, is turned away before anything reads it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 40  # objects and lists within one another; what walks a body later has stack left for it
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class TextParser(JSONParser):
    r"""DRF's, without lone surrogates: `"\ud800"` is JSON, yet no text, and cannot be kept, nor refused by its name.
    And without endless brackets, which no parser reads to their end.
    """

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """What the body says. Raises ParseError."""
        try:
            found: dict[str, Any] = super().parse(stream, media_type, parser_context)
        except RecursionError as no:
            raise _too_deep() from no
        if is_too_deep(found):
            raise _too_deep()
        if not is_text(found):
            raise ParseError(_("The body holds half of a character. Nothing was done."))
        return found


def _too_deep() -> ParseError:
    return ParseError(_("The body is nested too deeply. Nothing was done."))


def is_too_deep(value: Any) -> bool:
    """Whether a value read from JSON holds more than DEEPEST objects and lists within one another."""
    level = [value]
    for _nth in range(DEEPEST):
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        if not inner:
            return False
        level = [each for some in inner for each in some]
    return any(isinstance(one, dict | list) for one in level)


def is_text(value: Any) -> bool:
    """Whether every name and text in a value read from JSON can be written as UTF-8."""
    try:
        _written(value).encode()
    except UnicodeEncodeError:
        return False
    return True


def can_be_kept(value: Any) -> bool:
    """Whether a database can keep every name and text in a value read from JSON: as UTF-8, and without NUL."""
    return not is_too_deep(value) and is_text(value) and not _NUL.search(_written(value))


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
