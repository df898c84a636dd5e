"""Starting a group, and beginning with it once its people and its rules are there."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import GroupNotOpen, Invalid
from apps.chamas.events import GroupBegan, GroupFounded
from apps.chamas.models import (
    OFFICERS,
    ChamaGroup,
    ConstitutionAcceptance,
    ConstitutionVersion,
    GroupKind,
    GroupRole,
    GroupStatus,
    Membership,
    VersionStatus,
)
from apps.chamas.operations import books
from apps.chamas.operations.join import add_member, hold_accounts
from apps.chamas.operations.propose import propose_constitution
from apps.chamas.references import new_join_code
from apps.chamas.states import CONSTITUTION, GROUP
from apps.kernel import events
from apps.kernel.text import one_line
from apps.users.models import User

RESERVED = {"start", "join", "invitations"}  # addresses of pages and of the API that stand where a group's would


@transaction.atomic
def found_group(*, name: str, kind: str, rules: dict[str, Any], by: User, at: datetime, key: str = "") -> ChamaGroup:
    """Start a group with its first constitution; who starts it is its chair until the group says otherwise.

    A `key` founds one group, however often it is sent. Nothing can be paid in before `begin`.
    Raises Invalid, NotAConstitution, TooManyGroups, NotAllowed.
    """
    kept = _name(name)
    if kind not in GroupKind.values:
        raise Invalid(_("There is no such kind of group. Nothing was done."), errors={"kind": ["unknown"]})
    hold_accounts(by)
    group, is_new = _named(kept, kind, by, at, key[:120])
    if not is_new:
        return group
    books.open_funds(group, at=at)
    add_member(group=group, user=by, role=GroupRole.CHAIR, by=by, at=at)
    propose_constitution(group=group, rules=rules, by=by, at=at)
    audit_trail.record("chamas.group.founded", on=group, by=by, at=at, after={"name": kept, "kind": kind}, customer=by)
    events.publish(GroupFounded(group_id=group.pk))
    return group


@transaction.atomic
def rename_group(*, group: ChamaGroup, name: str, by: User, at: datetime) -> ChamaGroup:
    """Call a group something else; its address and its books stay.

    Raises NotFound, NotAllowed, GroupNotOpen, Invalid.
    """
    kept, held = _name(name), books.locked(group)
    policies.require_officer(by, held)
    if held.status == GroupStatus.CLOSED:
        raise GroupNotOpen(_("This group is closed. Nothing was done."))
    before = held.name
    if kept != before:
        held.name = kept
        held.save(update_fields=["name"])
        was, now_is = {"name": before}, {"name": kept}
        audit_trail.record("chamas.group.renamed", on=held, by=by, at=at, before=was, after=now_is, customer=by)
    return held


@transaction.atomic
def renew_join_code(*, group: ChamaGroup, by: User, at: datetime) -> ChamaGroup:
    """Give a group another code: who has the old one joins nothing with it. Who asked before still waits for a word.

    Raises NotFound, NotAllowed, GroupNotOpen.
    """
    held = books.locked(group)
    policies.require_officer(by, held)
    if held.status == GroupStatus.CLOSED:
        raise GroupNotOpen(_("This group is closed. Nothing was done."))
    held.join_code = new_join_code()
    held.save(update_fields=["join_code"])
    audit_trail.record("chamas.join_code.renewed", on=held, by=by, at=at, customer=by)
    return held


def _name(name: str) -> str:
    kept = one_line(name)
    if not 3 <= len(kept) <= 60:
        raise Invalid(_("A group needs a name of 3 to 60 letters. Nothing was done."), errors={"name": ["length"]})
    return kept


def _named(name: str, kind: str, by: User, at: datetime, key: str) -> tuple[ChamaGroup, bool]:
    """A row with an address and a code of its own, and whether it is new; what is taken is drawn again."""
    stem = slugify(name) or "group"
    slug = f"{stem}-{new_join_code()[:4].lower()}" if stem in RESERVED else stem
    while True:
        try:
            with transaction.atomic():
                return ChamaGroup.objects.create(
                    name=name, slug=slug, kind=kind, join_code=new_join_code(), created_by=by, created_at=at, key=key
                ), True
        except IntegrityError as no:
            if "a_form_founds_one_group" in str(no):
                return ChamaGroup.objects.get(created_by=by, key=key), False
            if "slug" not in str(no) and "join_code" not in str(no):
                raise
            slug = f"{stem}-{new_join_code()[:4].lower()}"


@transaction.atomic
def begin(*, group: ChamaGroup, by: User, at: datetime) -> ChamaGroup:
    """Begin: from now on money may come in. It needs its three officers, members enough, and everyone's acceptance.

    Raises NotFound, NotAllowed, GroupNotOpen naming what is missing, IllegalMove.
    """
    held = books.locked(group)
    policies.require_officer(by, held)
    version = ConstitutionVersion.objects.select_for_update().filter(group=held, status=VersionStatus.PROPOSED).first()
    missing = missing_to_begin(held)
    if version is None or missing:
        raise GroupNotOpen(_("The group cannot begin yet: something is missing. Nothing was done."), missing=missing)
    CONSTITUTION.make(version, VersionStatus.IN_FORCE, in_force_at=at)
    GROUP.make(held, GroupStatus.ACTIVE, began_at=at)
    audit_trail.record("chamas.group.began", on=held, by=by, at=at, after={"version": version.version}, customer=by)
    events.publish(GroupBegan(group_id=held.pk))
    return held


def missing_to_begin(group: ChamaGroup) -> list[str]:
    """Codes of what a group lacks to begin: an officer, members, its constitution, somebody's acceptance."""
    version = ConstitutionVersion.objects.filter(group=group, status=VersionStatus.PROPOSED).first()
    active = Membership.objects.active().filter(group=group)
    roles = set(active.values_list("role", flat=True))
    missing = [role.lower() for role in OFFICERS if role not in roles]
    if version is None:
        return [*missing, "constitution"]
    if active.count() < version.terms.members_at_least:
        missing.append("members")
    accepted = ConstitutionAcceptance.objects.filter(version=version)
    if active.exclude(pk__in=accepted.values("member")).exists():
        missing.append("acceptance")
    return missing
