"""Papers of a group: a clean copy kept, sealed; opened by its members, and by the bank with a record of the look."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import Invalid, PaperRefused
from apps.chamas.models import ChamaGroup, GroupPaper, GroupPaperFile, GroupPaperKind
from apps.kernel import cipher
from apps.kernel.errors import Conflict
from apps.kyc.rules import images
from apps.users.models import User

BATCH = 20  # files of up to 10 MB in memory at a time
MOST = 60  # of one group
_NAME = "chamas_grouppaperfile.sealed"


class Damaged(RuntimeError):
    """The stored bytes are not those that were written: somebody must look, and nothing is shown."""


def bring_paper(*, group: ChamaGroup, kind: str, raw: bytes, name: str, by: User, at: datetime) -> GroupPaper:
    """An officer adds a photo or a PDF; the same file is one paper, however often it is sent.

    Not to be called inside a transaction: decoding takes a while. Raises NotFound, NotAllowed, Invalid, PaperRefused,
    and Conflict when the group has too many.
    """
    policies.require_officer(by, group)
    if kind not in GroupPaperKind.values:
        raise Invalid(_("Choose what the paper is. Nothing was kept."), errors={"kind": ["unknown"]})
    try:
        clean = images.cleaned(raw, name=name, may_be_pdf=True)
    except images.BadFile as no:
        raise PaperRefused(_(str(no)), because=no.code) from no
    given = sha256(raw).hexdigest()
    with transaction.atomic():
        held = ChamaGroup.objects.select_for_update(no_key=True).get(pk=group.pk)  # the same file twice at once
        before = GroupPaper.objects.filter(group=held, kind=kind, sha256_given=given).first()
        if before is not None:
            return before
        if held.papers.count() >= MOST:
            raise Conflict(_("The group has as many papers as it can keep. Nothing was kept."))
        paper = GroupPaper.objects.create(
            group=held, kind=kind, media_type=clean.media_type, size=len(clean.body), sha256_given=given,
            sha256_kept=sha256(clean.body).hexdigest(), uploaded_by=by, uploaded_at=at,
        )  # fmt: skip
        GroupPaperFile.objects.create(paper=paper, **_sealed(paper, clean.body))
        audit_trail.record("chamas.paper.brought", on=paper, by=by, at=at, after={"kind": kind}, customer=by)
    return paper


def _sealed(paper: GroupPaper, body: bytes) -> dict[str, object]:
    sealed = cipher.seal(body, _place(paper))
    return {"sealed": sealed, "key_id": cipher.key_id_of(sealed), "sha256_stored": sha256(sealed).hexdigest()}


def _place(paper: GroupPaper) -> str:
    return f"{_NAME}:{paper.public_id}"


def look_at_paper(*, paper: GroupPaper, by: User, at: datetime) -> bytes:
    """The bytes, for a member of the group. Raises NotFound, Damaged."""
    policies.membership(by, paper.group)
    audit_trail.record("chamas.paper.looked_at", on=paper, by=by, at=at, customer=by)
    return opened(paper)


def opened(paper: GroupPaper) -> bytes:
    """The bytes of a paper; who may see them was asked before. Raises Damaged; InvalidTag for another's."""
    row = GroupPaperFile.objects.get(paper=paper)
    sealed = bytes(row.sealed)
    if sha256(sealed).hexdigest() != row.sha256_stored:
        raise Damaged(f"the file of paper {paper.pk} has changed since it was written")
    body = cipher.unseal(sealed, _place(paper))
    if sha256(body).hexdigest() != paper.sha256_kept:
        raise Damaged(f"the file of paper {paper.pk} is not the one that was kept")
    return body


def rotate_files() -> int:
    """Seal again what older keys sealed, a few at a time; safe to stop and to run again. Returns how many."""
    done, newest = 0, cipher.keyring().newest
    old = GroupPaperFile.objects.exclude(key_id=newest).order_by("pk").values_list("pk", flat=True)
    while some := list(old[:BATCH]):
        for pk in some:
            with transaction.atomic():
                row = GroupPaperFile.objects.select_for_update(of=("self",)).select_related("paper").get(pk=pk)
                body = cipher.unseal(bytes(row.sealed), _place(row.paper))
                GroupPaperFile.objects.filter(pk=pk).update(**_sealed(row.paper, body))
        done += len(some)
    return done
