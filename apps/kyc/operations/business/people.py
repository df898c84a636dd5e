"""Whom a business names: directors, partners, officials, and who owns or controls it. Each is screened at once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, NotFound
from apps.kyc.errors import PersonRefused, TooYoung
from apps.kyc.events import ScreeningConfirmed
from apps.kyc.models import BusinessPerson, IdKind, ScreeningHit, ScreeningStatus
from apps.kyc.operations import screening
from apps.kyc.operations.papers.reopen import changed_people
from apps.kyc.rules import numbers
from apps.kyc.rules.owners import ALL_BP
from apps.users import rules as people
from apps.users.models import BusinessMember, BusinessProfile, Party, User
from apps.users.operations.businesses import locked
from apps.users.policies import require_owner

_SAYS = ("is_director", "is_owner", "share_bp", "control", "is_exposed", "nationality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a business says of one: `member` when they belong to it here, else their name, birth and paper.

    `share_bp` is in basis points: 2,500 is a quarter. `nationality` is two letters of ISO 3166.
    """

    is_director: bool = False
    is_owner: bool = False
    share_bp: int = 0
    control: str = ""
    is_exposed: bool = False
    nationality: str = "KE"
    member: int | None = None
    full_name: str = ""
    born_on: date | None = None
    id_kind: str = ""
    id_number: str = ""


@transaction.atomic
def name_person(*, business: BusinessProfile, person: Person, by: User, at: datetime) -> BusinessPerson:
    """Name somebody; owners only. A known business is then verified anew.

    Raises NotFound, NotAllowed, PersonRefused, TooYoung, Conflict for one who is named already.
    """
    business = locked(business)
    require_owner(by, business)
    said = _read(person)
    row = BusinessPerson(business=business, added_by=by, added_at=at, **said)
    if person.member is not None:
        row.who = _member(business, person.member)
    else:
        row.id_kind, row.id_number = _paper(person)
        row.who = _somebody(person, at)
    _kept(row)
    audit_trail.record("kyc.business.person_named", on=row, by=by, at=at, after=_facts(row), customer=by)
    screening.screen_people([row.who_id, business.party_id], at=at)
    _tell_of_confirmed(row.who_id)
    changed_people(business.party, by=by, at=at)
    return row


@transaction.atomic
def change_person(*, row: BusinessPerson, person: Person, by: User, at: datetime) -> BusinessPerson:
    """Say something else of one who is named: what they are and hold. Whose name or paper it is stays.

    Raises NotFound, NotAllowed, PersonRefused.
    """
    business = locked(row.business)
    require_owner(by, business)
    row = _present(row)
    before, said = _facts(row), _read(person)
    if all(getattr(row, name) == value for name, value in said.items()):
        return row
    for name, value in said.items():
        setattr(row, name, value)
    _kept(row)
    audit_trail.record(
        "kyc.business.person_changed", on=row, by=by, at=at, before=before, after=_facts(row), customer=by
    )
    changed_people(business.party, by=by, at=at)
    return row


@transaction.atomic
def remove_person(*, row: BusinessPerson, by: User, at: datetime) -> None:
    """Take somebody off; the row stays. Raises NotFound, NotAllowed."""
    business = locked(row.business)
    require_owner(by, business)
    row = _present(row)
    BusinessPerson.objects.filter(pk=row.pk).update(removed_at=at)
    audit_trail.record("kyc.business.person_removed", on=row, by=by, at=at, before=_facts(row), customer=by)
    changed_people(business.party, by=by, at=at)


def _tell_of_confirmed(who: int) -> None:
    """What was confirmed of a member before concerns the business from now on: it is told once more."""
    confirmed = ScreeningHit.objects.filter(user=who, status=ScreeningStatus.CONFIRMED).order_by("pk")
    for pk in confirmed.values_list("pk", flat=True):
        events.publish(ScreeningConfirmed(hit_id=pk, user_id=who))


def _present(row: BusinessPerson) -> BusinessPerson:
    found = BusinessPerson.objects.present().select_related("who").filter(pk=row.pk).first()
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def _read(person: Person) -> dict[str, Any]:
    """What they are and hold, as it is kept. Raises PersonRefused naming the field."""
    said = {name: getattr(person, name) for name in _SAYS}
    said["control"] = " ".join(person.control.split())[:200]
    said["nationality"] = person.nationality.strip().upper()
    if not person.is_director and not person.is_owner:
        raise PersonRefused(_("Say what they are: a director, partner or official, an owner, or both."), because="role")
    if not person.is_owner:
        said["share_bp"], said["control"] = 0, ""
    elif not 0 <= person.share_bp <= ALL_BP or (not person.share_bp and not said["control"]):
        raise PersonRefused(_("Write what share they hold, up to 100 %, or how else they decide."), because="share_bp")
    if len(said["nationality"]) != 2 or not (said["nationality"].isascii() and said["nationality"].isalpha()):
        raise PersonRefused(_("Write the country by its two letters, like KE."), because="nationality")
    return said


def _member(business: BusinessProfile, member_id: int) -> User:
    present = BusinessMember.objects.filter(business=business, left_at=None, pk=member_id).select_related("user")
    member = present.first()
    if member is None:
        raise PersonRefused(_("They do not belong to this business here."), because="member")
    return member.user


def _paper(person: Person) -> tuple[str, str]:
    if person.id_kind not in IdKind.values:
        raise PersonRefused(_("Choose the paper they are named by."), because="id_kind")
    try:
        return person.id_kind, numbers.read(person.id_kind, person.id_number)
    except numbers.Unreadable as no:
        raise PersonRefused(_(str(no)), because="id_number") from no


def _somebody(person: Person, at: datetime) -> User:
    """A row for somebody who does not bank here, by which they are screened; it opens no door."""
    today = local_date(at)
    if person.born_on is None or person.born_on > today or people.age_on(person.born_on, today) > 120:
        raise PersonRefused(_("Write their date of birth as the paper shows it."), because="born_on")
    if people.age_on(person.born_on, today) < people.ADULT_YEARS:
        raise TooYoung(_("Who is named must be 18 or more. Nothing was kept."))
    try:
        name = people.full_name(person.full_name)
    except people.Unreadable as no:
        raise PersonRefused(_(str(no)), because="full_name") from no
    born = person.born_on.isoformat()
    made: User = User.objects.create_user(kind=Party.NAMED, full_name=name, date_of_birth=born, created_at=at)
    return made


def _kept(row: BusinessPerson) -> None:
    """Write it, asking at once what the database would ask at the end."""
    try:
        with transaction.atomic():
            row.save()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as no:
        if "shares_are_at_most_all" in str(no):
            words = _("Together they would hold more than 100 %. Nothing was kept.")
            raise PersonRefused(words, because="share_bp") from no
        if "is_named_once" in str(no):
            raise Conflict(_("They are named already. Nothing was kept.")) from no
        raise
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _facts(row: BusinessPerson) -> dict[str, Any]:
    """What the audit trail keeps: no name, no number."""
    return {name: getattr(row, name) for name in _SAYS} | {"person": row.pk, "who": row.who_id}
