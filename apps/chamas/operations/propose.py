"""Constitutions: putting a new version before the members, accepting it, and putting it in force."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import Invalid
from apps.chamas.events import ConstitutionInForce, ConstitutionProposed
from apps.chamas.models import (
    ChamaGroup,
    ConstitutionAcceptance,
    ConstitutionVersion,
    GroupStatus,
    VersionStatus,
)
from apps.chamas.operations import books
from apps.chamas.rules import constitution
from apps.chamas.states import CONSTITUTION
from apps.kernel import events
from apps.kernel.errors import Conflict, NotFound
from apps.users.models import User


@transaction.atomic
def propose_constitution(*, group: ChamaGroup, rules: dict[str, Any], by: User, at: datetime) -> ConstitutionVersion:
    """Put a version before the members; one that waits is dropped for it. In force it comes by `begin` or a vote.

    Who proposes it accepts it by that. Raises NotFound, NotAllowed, Invalid naming each rule that cannot be executed.
    """
    held = books.locked(group)
    member = policies.require_officer(by, held)
    terms = _read(rules)
    for waiting in ConstitutionVersion.objects.select_for_update().filter(group=held, status=VersionStatus.PROPOSED):
        CONSTITUTION.make(waiting, VersionStatus.DROPPED, over_at=at)
    last = ConstitutionVersion.objects.filter(group=held).aggregate(last=Max("version"))["last"] or 0
    version = ConstitutionVersion.objects.create(
        group=held, version=last + 1, rules=terms.as_data(), proposed_by=by, proposed_at=at
    )
    ConstitutionAcceptance.objects.create(version=version, member=member, at=at)
    audit_trail.record(
        "chamas.constitution.proposed", on=held, by=by, at=at, after={"version": version.version}, customer=by
    )
    events.publish(ConstitutionProposed(group_id=held.pk, version_id=version.pk))
    return version


@transaction.atomic
def accept_constitution(*, version: ConstitutionVersion, by: User, at: datetime) -> ConstitutionAcceptance:
    """Agree to a version, once. Raises NotFound, and Conflict for one that is over."""
    member = policies.membership(by, version.group)
    held = ConstitutionVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if held.status not in (VersionStatus.PROPOSED, VersionStatus.IN_FORCE):
        raise Conflict(_("This version is not up for acceptance any more. Look at the group's rules of today."))
    row, is_new = ConstitutionAcceptance.objects.get_or_create(version=held, member=member, defaults={"at": at})
    if is_new:
        audit_trail.record(
            "chamas.constitution.accepted", on=version.group, by=by, at=at, after={"version": held.version}, customer=by
        )
    return row


@transaction.atomic
def put_in_force(*, version: ConstitutionVersion, by: User, at: datetime) -> ConstitutionVersion:
    """Run the group by this version from now on, the vote having passed; cycles that have begun keep the old one.

    Raises IllegalMove, Conflict.
    """
    group = books.locked(version.group)
    if group.status != GroupStatus.ACTIVE:
        raise Conflict(_("The group has not begun, or is closed. Nothing was done."))
    before = ConstitutionVersion.objects.select_for_update().get(group=group, status=VersionStatus.IN_FORCE)
    CONSTITUTION.make(before, VersionStatus.RETIRED, over_at=at)
    CONSTITUTION.make(version, VersionStatus.IN_FORCE, in_force_at=at)
    audit_trail.record(
        "chamas.constitution.in_force", on=group, by=by, at=at, after={"version": version.version}, customer=by
    )
    events.publish(ConstitutionInForce(group_id=group.pk, version_id=version.pk))
    return version


def in_force(group: ChamaGroup) -> ConstitutionVersion:
    """The version a group is run by today. Raises NotFound before it has begun."""
    found = ConstitutionVersion.objects.filter(group=group, status=VersionStatus.IN_FORCE).first()
    if found is None:
        raise NotFound(_("The group has no rules in force yet."))
    return found


def _read(rules: dict[str, Any]) -> constitution.Constitution:
    try:
        return constitution.read(rules)
    except constitution.NotAConstitution as no:
        raise Invalid(
            _("Some of these rules cannot be carried out. Correct the marked ones. Nothing was done."),
            errors={name: [code] for name, code in no.wrong.items()},
        ) from no
