"""Files that tests bring."""

from io import BytesIO

from PIL import Image


def picture(kind="JPEG", size=(800, 500), colour="#cfe3e6", **more):
    """A plain picture of a kind."""
    body = BytesIO()
    Image.new("RGB", size, colour).save(body, kind, **more)
    return body.getvalue()


JPEG = picture()
PDF = (
    b"%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n"
    b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n"
    b"3 0 obj <</Type /Page /Parent 2 0 R>> endobj\nxref\n0 1\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"
)
