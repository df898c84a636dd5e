"""What a group decides about itself: other rules, other officers."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.chamas import acts, operations
from apps.chamas.acts import Act, Facts
from apps.chamas.errors import Invalid
from apps.chamas.models import ChamaGroup, ConstitutionVersion, GroupRole, Membership, VersionStatus
from apps.chamas.operations import asked
from apps.users.models import User
from apps.users.queries import system_user


def _version(group: ChamaGroup, facts: Facts) -> ConstitutionVersion:
    number = facts.get("version")
    rows = ConstitutionVersion.objects.filter(group=group, status=VersionStatus.PROPOSED)
    found = rows.filter(version=number).first() if isinstance(number, int) else None
    if found is None:
        raise Invalid(_("That version of the rules does not wait for a vote. Nothing was done."))
    return found


def _read_amendment(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    return {"version": _version(group, facts).version}


def _amend(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    version = operations.put_in_force(version=_version(group, facts), by=by, at=at)
    return f"v{version.version}"


def _member(group: ChamaGroup, facts: Facts) -> Membership:
    number = facts.get("member")
    rows = Membership.objects.active().filter(group=group).select_related("user", "group")
    found = rows.filter(pk=number).first() if isinstance(number, int) else None
    if found is None:
        raise Invalid(_("There is no such member in this group. Nothing was done."), errors={"member": ["unknown"]})
    return found


def _read_role(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    role = facts.get("role")
    if role not in GroupRole.values:
        raise Invalid(_("There is no such role. Nothing was done."), errors={"role": ["unknown"]})
    member = _member(group, facts)
    holder = Membership.objects.active().filter(group=group, role=role).exclude(pk=member.pk).first()
    operations.require_kept(member, holder, role)
    return {"member": member.pk, "role": role}


def _describe_role(group: ChamaGroup, facts: Facts) -> str:
    return f"{asked.called(_member(group, facts))} · {GroupRole(facts['role']).label}"


def _give_role(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    member = operations.give_role(member=_member(group, facts), role=facts["role"], by=system_user(), at=at)
    return f"{member.role.lower()}/{member.number}"


def register() -> None:
    """New rules need the larger majority; officers are elected. Neither moves money, so no officer signs."""
    acts.register(
        Act(
            code="AMENDMENT",
            name=_("New rules"),
            read=_read_amendment,
            concerns=lambda _group, _facts: set(),
            describe=lambda _group, facts: _now("Version %(version)s of the rules") % facts,
            carry_out=_amend,
            votes="ALWAYS",
            majority="amendment_bps",
            sign_offs=False,
        )
    )
    acts.register(
        Act(
            code="ROLE",
            name=_("Another officer"),
            read=_read_role,
            concerns=lambda _group, _facts: set(),
            describe=_describe_role,
            carry_out=_give_role,
            votes="ALWAYS",
            sign_offs=False,
        )
    )
