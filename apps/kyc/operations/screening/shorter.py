"""A file that takes many parties off a watch list: brought by one, allowed by another, who see what goes."""

import hashlib
import zlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.kernel import approvals
from apps.kernel.errors import IllegalMove
from apps.kernel.models import Approval
from apps.kyc.errors import ListRefused
from apps.kyc.models import ListedParty, ListVersion, OfferedList, WatchList
from apps.kyc.operations.screening.load import RIGHT, MuchShorter, keep, read
from apps.kyc.watchlists import ListFile
from apps.users.models import User
from apps.users.policies import require_right

SHORTER = "kyc.shorter_list"
NAMED = 20  # of those who go, in the request


@transaction.atomic
def ask_shorter(*, watch_list: WatchList, raw: bytes, reason: str, by: User, at: datetime) -> Approval:
    """Ask a second person to load a file that is much shorter than the list in force; until then that stays.

    Raises NotAllowed, and ListRefused for a file that would be refused all the same, or that one person may load.
    """
    require_right(by, RIGHT)
    file, sha256 = read(watch_list, raw), hashlib.sha256(raw).hexdigest()
    _require_much_shorter(watch_list, file, sha256, by, at)
    before = watch_list.versions.order_by("-number")[0]
    uids = {entry.uid for entry in file.entries}
    gone = ListedParty.objects.filter(watch_list=watch_list, until=None).exclude(uid__in=uids).order_by("name")
    offered = OfferedList.objects.create(
        watch_list=watch_list, sha256=sha256, packed=zlib.compress(raw), offered_by=by, offered_at=at
    )
    return approvals.ask(
        kind=SHORTER,
        subject=f"screening/lists/{watch_list.code}",
        payload={"offered": offered.pk, "based_on": before.number},
        before={"version": before.number, "published_on": before.published_on.isoformat(), "parties": before.parties},
        after={
            "published_on": file.published_on.isoformat(),
            "parties": len(uids),
            "gone": gone.count(),
            "who": ", ".join(gone.values_list("name", flat=True)[:NAMED]),
            "sha256": sha256,
        },
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_shorter(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises IllegalMove when another file was loaded meanwhile, ListRefused."""
    offered = OfferedList.objects.select_related("watch_list").get(pk=payload["offered"])
    watch_list = WatchList.objects.select_for_update().get(pk=offered.watch_list_id)
    newest = ListVersion.objects.filter(watch_list=watch_list).order_by("-number")[0]
    if newest.number != payload["based_on"]:
        raise IllegalMove(_("Another file was loaded meanwhile. The list in force stays. Return this and look again."))
    raw = zlib.decompress(bytes(offered.packed))
    version = keep(watch_list, read(watch_list, raw), offered.sha256, maker, at, allowed_by=checker)
    return {"version": version.number}


def _require_much_shorter(watch_list: WatchList, file: ListFile, sha256: str, by: User, at: datetime) -> None:
    """Loading it is tried and taken back: what is wrong with it is said now, not to the second person."""
    try:
        with transaction.atomic():
            keep(watch_list, file, sha256, by, at)
            transaction.set_rollback(True)
    except MuchShorter:
        return
    raise ListRefused(_("This file needs no second person. Nothing was asked for. Load it as it is."))
