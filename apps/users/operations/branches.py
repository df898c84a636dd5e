"""Offices of the bank."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import Conflict
from apps.users import policies
from apps.users.models import Branch, User


class BranchExists(Conflict):
    """An office has this code already."""

    code = "branch_exists"


def open_branch(*, code: str, name: str, town: str, by: User, at: datetime) -> Branch:
    """Open an office. Raises NotAllowed, BranchExists."""
    policies.require_right(by, "users.manage_admins")
    fields = {"code": code, "name": name, "town": town}
    try:
        with transaction.atomic():
            branch = Branch.objects.create(**fields)
            audit_trail.record("users.branch.opened", on=branch, by=by, at=at, after=fields)
    except IntegrityError as no:
        raise BranchExists(_("An office has this code already. Nothing was done.")) from no
    return branch
