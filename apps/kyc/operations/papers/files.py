"""Sealing the files of papers, opening them, and sealing them again with a newer key."""

from hashlib import sha256

from django.db import transaction

from apps.kernel import cipher
from apps.kyc.models import DocumentFile, KycDocument

BATCH = 20  # files of up to 10 MB in memory at a time
NAME = "kyc_documentfile.sealed"


class Damaged(RuntimeError):
    """The stored bytes are not those that were written: somebody must look, and nothing is shown."""


def put_away(document: KycDocument, body: bytes) -> DocumentFile:
    """Seal the bytes of a new document, bound to it, with the newest key."""
    return DocumentFile.objects.create(document=document, **_sealed(document, body))


def _sealed(document: KycDocument, body: bytes) -> dict[str, object]:
    sealed = cipher.seal(body, _place(document))
    return {"sealed": sealed, "key_id": cipher.key_id_of(sealed), "sha256_stored": sha256(sealed).hexdigest()}


def _place(document: KycDocument) -> str:
    return f"{NAME}:{document.public_id}"


def opened(document: KycDocument) -> bytes:
    """The bytes of a document. Raises Damaged; InvalidTag when they belong to another one."""
    row = DocumentFile.objects.get(document=document)
    sealed = bytes(row.sealed)
    if sha256(sealed).hexdigest() != row.sha256_stored:
        raise Damaged(f"the file of document {document.pk} has changed since it was written")
    body = cipher.unseal(sealed, _place(document))
    if sha256(body).hexdigest() != document.sha256_kept:
        raise Damaged(f"the file of document {document.pk} is not the one that was kept")
    return body


def rotate_files() -> int:
    """Seal again what older keys sealed, a few at a time; safe to stop and to run again. Returns how many."""
    done, newest = 0, cipher.keyring().newest
    while some := list(DocumentFile.objects.exclude(key_id=newest).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        for pk in some:
            with transaction.atomic():
                row = DocumentFile.objects.select_for_update(of=("self",)).select_related("document").get(pk=pk)
                body = cipher.unseal(bytes(row.sealed), _place(row.document))
                DocumentFile.objects.filter(pk=pk).update(**_sealed(row.document, body))
        done += len(some)
    return done
