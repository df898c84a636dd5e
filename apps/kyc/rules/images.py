"""Judges a file by what it is, whatever it is called, and makes a clean copy of a picture.

A picture is decoded and drawn anew as JPEG: what a camera wrote beside it (place, time, maker) and whatever hid behind
the last byte do not survive that. A PDF is kept as it is when its structure is whole and nothing in it acts by itself.
"""

import re
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000  # decoded, 120 MB: more than any phone's camera takes at one go in an ID's frame
LEAST_SIDE = 200  # pixels: less cannot be read
LONGEST_SIDE = 3000  # pixels kept
QUALITY = 88
JPEG, PDF = "image/jpeg", "application/pdf"

_PICTURES = {"JPEG": (b"\xff\xd8\xff",), "PNG": (b"\x89PNG\r\n\x1a\n",), "WEBP": (b"RIFF",)}
_STREAM = re.compile(rb"/Type\s*/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTS = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|OpenAction|AA|RichMedia|XFA|SubmitForm|ImportData|GoToR|Encrypt)(?![A-Za-z])"
)
_MOST_INFLATED = 4 * 1024 * 1024  # of one object stream
_MOST_STREAMS = 200


class BadFile(ValueError):
    """The file cannot be taken; the message says why and what to do. `code` is one of a few words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Clean:
    """What is kept of a file."""

    media_type: str
    body: bytes


def cleaned(raw: bytes, *, name: str = "", may_be_pdf: bool = False) -> Clean:
    """A clean copy of a picture, or the PDF. Raises BadFile."""
    if not raw:
        raise BadFile("empty", "The file is empty. Take the picture again.")
    if len(raw) > MOST_BYTES:
        raise BadFile("too_large", "The file is larger than 10 MB. Take the picture with a lower quality.")
    kind = kind_of(raw)
    calls_itself_pdf, calls_itself_picture = _called(name, "pdf"), _called(name, "jpg", "jpeg", "png", "webp")
    if (kind == "PDF" and calls_itself_picture) or (kind in _PICTURES and calls_itself_pdf):
        raise BadFile("not_what_it_says", "The file's name says one thing and its content another. Send it unchanged.")
    if kind == "PDF":
        if not may_be_pdf:
            raise BadFile("wrong_type", "This must be a picture: a photo as JPEG, PNG or WebP.")
        return Clean(PDF, _checked_pdf(raw))
    if kind not in _PICTURES:
        raise BadFile("wrong_type", "That is no picture we can read. Send a photo as JPEG, PNG or WebP.")
    return Clean(JPEG, _redrawn(raw, kind))


def kind_of(raw: bytes) -> str:
    """JPEG, PNG, WEBP or PDF by the first bytes; empty for anything else."""
    if raw[:4] == b"RIFF":
        return "WEBP" if raw[8:12] == b"WEBP" else ""
    if raw.startswith(b"%PDF-"):
        return "PDF"
    return next((kind for kind, heads in _PICTURES.items() if raw.startswith(heads)), "")


def _called(name: str, *endings: str) -> bool:
    return name.lower().rpartition(".")[2] in endings and "." in name


def _redrawn(raw: bytes, kind: str) -> bytes:
    ImageFile.LOAD_TRUNCATED_IMAGES = (
        False  # the PDF renderer's import tells the whole process to fill up what is missing
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(raw), formats=[kind]) as picture:
                _require_size(picture)
                picture.load()
                upright = ImageOps.exif_transpose(picture)
                plain = _on_white(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as no:
        raise BadFile("too_many_pixels", "The picture has too many pixels. Take it with a lower quality.") from no
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError, zlib.error) as no:
        if isinstance(no, BadFile):
            raise
        raise BadFile("broken", "The picture is cut off or damaged. Take it again.") from no
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = BytesIO()
    plain.save(drawn, "JPEG", quality=QUALITY, optimize=True)
    return drawn.getvalue()


def _require_size(picture: Image.Image) -> None:
    """Asked of the head of the file, before a pixel is decoded."""
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise BadFile("too_many_pixels", "The picture has too many pixels. Take it with a lower quality.")
    if min(width, height) < LEAST_SIDE:
        raise BadFile("too_small", "The picture is too small to be read. Take it from nearer, and larger.")
    if getattr(picture, "n_frames", 1) != 1:
        raise BadFile("wrong_type", "That picture moves. Send a still one.")


def _on_white(picture: Image.Image) -> Image.Image:
    """Its pixels alone, in three colours: nothing that was written beside them comes along."""
    whole = picture.convert("RGBA")
    sheet = Image.new("RGB", whole.size, "white")
    sheet.paste(whole, mask=whole.getchannel("A"))
    return sheet


def _checked_pdf(raw: bytes) -> bytes:
    """The file, when it begins, ends and refers as a PDF does, and nothing in it acts. Raises BadFile."""
    tail = raw[-2048:]
    if b"%%EOF" not in tail or b"startxref" not in tail or not re.search(rb"/Type\s*/(Page|ObjStm)\b", raw):
        raise BadFile("broken", "The PDF is cut off or damaged. Save it again and send it once more.")
    if _acts(raw) or any(_acts(part) for part in _inflated(raw)):
        raise BadFile(
            "acts", "The PDF holds a script, a locked part or a file in it. Print it to a new PDF and send that."
        )
    return raw


def _acts(text: bytes) -> bool:
    return _ACTS.search(_HEX.sub(lambda found: bytes([int(found[1], 16)]), text)) is not None


def _inflated(raw: bytes) -> list[bytes]:
    """What its object streams hold, each up to a bound: names may hide there. Raises BadFile past the bound."""
    found = []
    for nth, start in enumerate(_STREAM.finditer(raw)):
        worker = zlib.decompressobj()
        try:
            part = worker.decompress(raw[start.end() :], _MOST_INFLATED)
        except zlib.error as no:
            raise BadFile("broken", "The PDF is cut off or damaged. Save it again and send it once more.") from no
        if not worker.eof or nth >= _MOST_STREAMS:
            raise BadFile("acts", "The PDF unpacks to far more than it is. Print it to a new PDF and send that.")
        found.append(part)
    return found
