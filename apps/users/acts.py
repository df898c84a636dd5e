"""What a code approves, in words: each act that asks for proof says so beside its name, and the SMS with the code tells
it. Who is asked by a thief to read one out has read for what.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_words: dict[str, str | Promise] = {}


def act(code: str, words: str | Promise) -> str:
    """Declare an act: `words` go on from "code to", and may hold %(amount)s and %(payee)s. Returns the code."""
    _words[code] = words
    return code


def in_words(code: str, language: str, facts: Mapping[str, Any]) -> str:
    """What the act is, in the language of who is asked to prove it."""
    with translation.override(language):
        return str(_words.get(code, _("approve a change"))) % facts
