"""A file is judged by what it is; of a picture only its pixels are kept."""

import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageFile

from apps.kyc.rules import images
from apps.kyc.rules.images import BadFile, cleaned
from apps.kyc.tests.papers import JPEG, PDF, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def bomb(width=60_000, height=60_000):
    """A PNG of a few hundred bytes that says it has billions of pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


def zipped():
    body = BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(10_000_000))
    return body.getvalue()


def moving():
    body = BytesIO()
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue")]
    frames[0].save(body, "WEBP", save_all=True, append_images=frames[1:])
    return body.getvalue()


def packed(text, *, times=1):
    """A PDF whose object stream holds `text`."""
    stream = zlib.compress(text * times)
    held = b"9 0 obj <</Type /ObjStm /Filter /FlateDecode>> stream\n" + stream + b"\nendstream\nxref"
    return PDF.replace(b"xref", held, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_keeps_a_picture_as_jpeg(kind):
    kept = cleaned(picture(kind=kind), name="id.jpg")
    assert kept.media_type == "image/jpeg"
    assert Image.open(BytesIO(kept.body)).size == (800, 500)


def test_leaves_behind_place_and_time_and_what_hides_behind_the_end():
    seen = Image.Exif()
    seen[0x010F], seen[0x8825] = "Tecno", {1: "S", 2: (1.0, 17.0, 0.0), 3: "E", 4: (36.0, 49.0, 0.0)}
    raw = picture(exif=seen.tobytes()) + zipped()
    assert b"Tecno" in raw
    kept = cleaned(raw, name="id.jpg").body
    assert b"Tecno" not in kept
    assert b"PK\x03\x04" not in kept
    assert not dict(Image.open(BytesIO(kept)).getexif())


def test_stands_a_picture_upright_and_makes_a_large_one_smaller():
    turned = Image.Exif()
    turned[0x0112] = 6
    assert Image.open(BytesIO(cleaned(picture(exif=turned.tobytes())).body)).size == (500, 800)
    assert Image.open(BytesIO(cleaned(picture(size=(5000, 3000))).body)).size == (3000, 1800)


@pytest.mark.parametrize(
    ("raw", "name", "code"),
    [
        (b"", "id.jpg", "empty"),
        (bytes(images.MOST_BYTES + 1), "id.jpg", "too_large"),
        (PDF, "id.jpg", "not_what_it_says"),
        (JPEG, "letter.pdf", "not_what_it_says"),
        (SVG, "id.svg", "wrong_type"),
        (SVG, "id.jpg", "wrong_type"),
        (zipped(), "id.jpg", "wrong_type"),
        (b"GIF89a" + bytes(400), "id.gif", "wrong_type"),
        (moving(), "id.webp", "wrong_type"),
        (bomb(), "id.png", "too_many_pixels"),
        (bomb(9000, 9000), "id.png", "too_many_pixels"),
        (bomb(4000, 4000), "id.png", "broken"),
        (JPEG[: len(JPEG) // 2], "id.jpg", "broken"),
        (JPEG[:3] + bytes(2000), "id.jpg", "broken"),
        (picture(size=(150, 900)), "id.jpg", "too_small"),
        (PDF[:-9], "pin.pdf", "broken"),
        (b"%PDF-1.7 nothing", "pin.pdf", "broken"),
        (PDF.replace(b"/Pages", b"/OpenAction 3 0 R /Pages"), "pin.pdf", "acts"),
        (PDF.replace(b"/Pages", b"/J#61vaScript (app.alert(1)) /Pages"), "pin.pdf", "acts"),
        (packed(b"<</S /JavaScript /JS (x)>>"), "pin.pdf", "acts"),
        (packed(bytes(1_000_000), times=20), "pin.pdf", "acts"),
    ],
)
def test_refuses_with_a_sentence(raw, name, code, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as the PDF renderer leaves it
    with pytest.raises(BadFile) as no:
        cleaned(raw, name=name, may_be_pdf=True)
    assert no.value.code == code
    assert str(no.value).endswith(".")


def test_takes_a_pdf_only_where_a_letter_will_do():
    assert cleaned(PDF, name="pin.pdf", may_be_pdf=True) == images.Clean("application/pdf", PDF)
    assert cleaned(packed(b"<</Type /Page>>"), may_be_pdf=True).media_type == "application/pdf"
    with pytest.raises(BadFile) as no:
        cleaned(PDF, name="id.pdf")
    assert no.value.code == "wrong_type"
