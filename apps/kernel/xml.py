"""Reading XML that a stranger may have written: no DTD, no entities, bounded in size, depth and number of elements."""

import re
from typing import Any
from xml.etree import ElementTree  # nosec: only after `read` has refused every declaration that could expand

_DECLARES = re.compile(r"<!(?!--)")  # DOCTYPE, ENTITY and CDATA: none of them has a place in what is read here
_CHUNK = 65_536

Element = ElementTree.Element


class Unreadable(ValueError):
    """Not such a document, or not one that may be believed; the words say why."""


def read(raw: bytes, *, largest: int, deepest: int, most: int) -> Element:
    """The root of a document of at most `largest` bytes, `deepest` levels and `most` elements. Raises Unreadable."""
    if len(raw) > largest:
        raise Unreadable(f"it is larger than {largest} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as no:
        raise Unreadable("it is not UTF-8") from no
    if _DECLARES.search(text):
        raise Unreadable("it declares a document type, an entity or raw text")
    parser: Any = ElementTree.XMLPullParser(["start", "end"])
    depth = count = 0
    root: Element | None = None
    try:
        for start in range(0, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK])
            for event, element in parser.read_events():
                if event == "end":
                    depth -= 1
                    continue
                root = element if root is None else root  # a pull parser hands elements out, never the tree
                depth, count = depth + 1, count + 1
                if depth > deepest or count > most:
                    raise Unreadable("it is deeper or has more elements than any message")
        parser.close()
    except ElementTree.ParseError as no:
        raise Unreadable(f"it is not XML: {no}") from no
    if root is None:
        raise Unreadable("it is empty")
    return root
