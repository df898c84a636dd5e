"""The register of what the bank does with personal data: versions, each written once."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import ReportIncomplete
from apps.compliance.models import Basis, ProcessingActivity
from apps.compliance.policies import KEEP
from apps.kernel.errors import Conflict
from apps.users.models import User
from apps.users.policies import require_right


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is said of one activity."""

    name: str
    purpose: str
    basis: str
    law: str
    people: str
    categories: str
    recipients: str
    retention: str
    abroad: str
    dpia: str
    is_active: bool = True


def activities() -> list[ProcessingActivity]:
    """The newest version of each, by name."""
    rows = ProcessingActivity.objects.order_by("code", "-version").distinct("code")
    return sorted(rows, key=lambda row: (not row.is_active, row.name))


@transaction.atomic
def write_activity(*, code: str, said: Activity, by: User, at: datetime) -> ProcessingActivity:
    """Write down an activity, or its next version. Raises NotAllowed, ReportIncomplete, Conflict when another version
    came at the same moment.
    """
    require_right(by, KEEP)
    facts = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(said).items()}
    empty = {name: [_("Write this.")] for name, value in facts.items() if value == ""}
    if empty or said.basis not in Basis.values or not code.strip():
        raise ReportIncomplete(_("Every part of the register is needed. Nothing was written down."), errors=empty)
    last = ProcessingActivity.objects.filter(code=code).order_by("-version").first()
    try:
        with transaction.atomic():
            row = ProcessingActivity.objects.create(
                code=code, version=last.version + 1 if last else 1, by=by, since=at, **facts
            )
    except IntegrityError as no:
        raise Conflict(_("Somebody else wrote a version just now. Look at it first. Nothing was changed.")) from no
    audit_trail.record("compliance.activity.written", on=row, by=by, at=at)
    return row
