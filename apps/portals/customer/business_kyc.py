"""Showing the bank what a business is: its papers, whom it names, one question a page, taken up again any time."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.kyc import queries
from apps.kyc.api.papers import only_to_look_at
from apps.kyc.models import BusinessPerson, DocumentKind, IdKind, KycDocument, Side, TargetTier, VerificationWorkflow
from apps.kyc.operations import business as operations
from apps.kyc.operations import papers
from apps.kyc.operations.business import Person
from apps.kyc.operations.papers import Paper
from apps.kyc.queries import OWN_TIER, PartShown
from apps.kyc.rules import needs
from apps.kyc.rules.images import MOST_BYTES
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.inbox import TOO_MANY
from apps.portals.customer.kyc import Bring
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import fresh_key
from apps.users.doors import signed_in
from apps.users.models import BusinessMember, BusinessProfile, User
from apps.users.policies import role_in

LACKING = {
    "directors": _("More directors, partners or officials must be named."),
    "one_trader": _("A sole trader is one person. Take the others off."),
    "owners": _("Name who owns or controls it."),
    "over": _("Together they hold more than 100 %."),
    "rest": _("A tenth or more is held by nobody you named. Name them, or say below that there is nobody."),
}
_DATE = {"type": "date", "autocomplete": "off"}


class What(Sheet):
    """What somebody is to the business, and what they hold of it."""

    where = {"conflict": "id_number", "too_young": "born_on"}
    is_director = forms.BooleanField(label=_("A director, partner or official"), required=False)
    is_owner = forms.BooleanField(label=_("An owner, or controls it some other way"), required=False)
    share = forms.DecimalField(
        label=_("Share in per cent"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    control = forms.CharField(label=_("How else they decide"), max_length=200, required=False)
    is_exposed = forms.BooleanField(label=_("Holds, or is close to who holds, a high public office"), required=False)
    nationality = forms.CharField(label=_("Nationality"), max_length=2, initial="KE")

    def person(self, **more: Any) -> Person:
        """As the operation takes it: shares in basis points."""
        said = dict(self.cleaned_data)
        share = said.pop("share", None) or Decimal(0)
        known = {name: value for name, value in said.items() if value not in (None, "")}
        return Person(share_bp=int(share * 100), **known, **more)


class Stranger(What):
    """The same of somebody who does not bank here, with name, birth and paper."""

    full_name = forms.CharField(label=_("Full name"), max_length=120)
    born_on = forms.DateField(label=_("Date of birth"), widget=forms.DateInput(format="%Y-%m-%d", attrs=_DATE))
    id_kind = forms.ChoiceField(label=_("Paper"), choices=IdKind.choices)
    id_number = forms.CharField(label=_("Number on it"), max_length=30, widget=forms.TextInput({"autocomplete": "off"}))
    field_order = ("full_name", "born_on", "id_kind", "id_number")


def own_business(user: User, pk: int) -> BusinessProfile:
    """One that the person belongs to, or 404."""
    return get_object_or_404(BusinessProfile.objects.visible_to(user).select_related("party"), pk=pk)


def owns(user: User, business: BusinessProfile) -> bool:
    """Whether they may change it."""
    return role_in(user, business) == "OWNER"


@require_http_methods(["GET", "POST"])
@customer_page
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """Where it stands, what is there and what is missing. POST begins."""
    user = signed_in(request)
    row = own_business(user, pk)
    if request.method == "POST":
        operations.start(business=row, by=user, at=now())
        return done(request, "business-kyc", pk)
    return _page(request, row, user)


def _page(request: HttpRequest, row: BusinessProfile, user: User, no: DomainError | None = None) -> HttpResponse:
    live = operations.live_of(row)
    parts = queries.parts_of(live) if live else []
    tier = needs.TIER_OF_BUSINESS[row.kind]
    limits = queries.limits_of_all([tier, row.party.kyc_tier], on=local_date(now()))
    last = VerificationWorkflow.objects.filter(user=row.party, status="REJECTED").order_by("-decided_at").first()
    lacking = queries.lacking_of(row, says_complete=False) if live else []
    return show(
        request,
        "settings/business/kyc",
        status=no.status if no else 200,
        row=row,
        owns=owns(user, row),
        live=live,
        last=last if row.party.kyc_status == "REJECTED" else None,
        tier_name=TargetTier(tier).label,
        limits=limits[tier],
        parts=[(part, part_name(part)) for part in parts if part.person is None],
        people=_with_parts(row, parts),
        lacking=[LACKING[code] for code in lacking],
        may_say_complete=set(lacking) <= {"owners", "rest"},
        is_whole=bool(parts) and all(part.is_there for part in parts),
        takes_papers=live is not None and live.status in ("STARTED", "WAITING_FOR_CUSTOMER"),
        refused=no,
    )


def _with_parts(row: BusinessProfile, parts: list[PartShown]) -> list[tuple[BusinessPerson, list[Any]]]:
    return [
        (person, [(part, part_name(part)) for part in parts if part.person and part.person.pk == person.pk])
        for person in queries.people_of(row)
    ]


def part_name(part: PartShown) -> str:
    """What a part is called."""
    if part.kind == OWN_TIER:
        return gettext("Their own papers, in their own KitBank")
    kind = str(DocumentKind(part.kind).label)
    return kind if part.side == Side.PAGE else f"{kind}: {str(Side(part.side).label).lower()}"


@require_GET
@customer_page
def who(request: HttpRequest, pk: int) -> HttpResponse:
    """The first question about somebody: do they belong to the business here, or not."""
    user = signed_in(request)
    row = own_business(user, pk)
    named = [person.who_id for person in queries.people_of(row)]
    members = BusinessMember.objects.filter(business=row, left_at=None).exclude(user__in=named)
    return show(request, "settings/business/who", row=row, members=members.select_related("user").order_by("pk"))


@require_http_methods(["GET", "POST"])
@customer_page
def name(request: HttpRequest, pk: int, member_id: int = 0) -> HttpResponse:
    """Then what they are and hold; of somebody who does not bank here, who they are."""
    user = signed_in(request)
    row = own_business(user, pk)
    present = BusinessMember.objects.filter(business=row, left_at=None).select_related("user")
    member = get_object_or_404(present, pk=member_id) if member_id else None
    shape = What if member else Stranger
    form = shape(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            person = form.person(member=member.pk) if member else form.person()
            operations.name_person(business=row, person=person, by=user, at=now())
        except DomainError as no:
            _refuse(form, no)
        else:
            messages.success(request, gettext("Named."))
            return done(request, "business-kyc", pk)
    return show(request, "settings/business/person", form, row=row, who=member.user.full_name if member else "")


@require_http_methods(["GET", "POST"])
@customer_page
def person(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """Say something else of one who is named, or take them off."""
    user = signed_in(request)
    row = own_business(user, pk)
    found = _named(row, public_id)
    initial = {field: getattr(found, field) for field in ("is_director", "is_owner", "control", "is_exposed")}
    initial |= {"share": Decimal(found.share_bp) / 100, "nationality": found.nationality}
    form = What(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and "remove" in request.POST:
        operations.remove_person(row=found, by=user, at=now())
        messages.success(request, gettext("Taken off."))
        return done(request, "business-kyc", pk)
    if form.is_bound and form.is_valid():
        try:
            operations.change_person(row=found, person=form.person(), by=user, at=now())
        except DomainError as no:
            _refuse(form, no)
        else:
            messages.success(request, gettext("Changed."))
            return done(request, "business-kyc", pk)
    return show(request, "settings/business/person", form, row=row, who=found.who.full_name, person=found)


def _named(row: BusinessProfile, public_id: uuid.UUID) -> BusinessPerson:
    people = BusinessPerson.objects.present().filter(business=row).select_related("who", "business")
    return get_object_or_404(people, public_id=public_id)


def _refuse(form: Sheet, no: DomainError) -> None:
    place = {"share_bp": "share", "role": "is_director"}.get(str(no.facts.get("because")), no.facts.get("because"))
    form.refuse(no, str(place) if place in form.fields else None)


@require_http_methods(["GET", "POST"])
@customer_page
def bring(request: HttpRequest, pk: int, kind: str, side: str, public_id: uuid.UUID | None = None) -> HttpResponse:
    """A picture of one part: of the business, or of somebody it named."""
    if side not in needs.SIDES.get(kind, ()):
        raise Http404
    user = signed_in(request)
    row = own_business(user, pk)
    of = _named(row, public_id) if public_id else None
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = Bring(kind, side, *bound, initial={"idempotency_key": fresh_key()})
    if kind == DocumentKind.BUSINESS_REGISTRATION and "expires_on" not in form.fields:
        form.fields["expires_on"] = Bring.base_fields["expires_on"]
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            _bring(row, of, kind, side, form.cleaned_data, user)
        except DomainError as no:
            form.refuse(no, {"number": "number", "born_on": "born_on"}.get(str(no.facts.get("because"))))
        else:
            messages.success(request, gettext("We have it. Nobody sees it but you and those who check it."))
            return done(request, "business-kyc", pk)
    words = part_name(PartShown(kind, side, None))
    return show(request, "settings/business/bring", form, row=row, part_name=words, of=of)


def _bring(
    row: BusinessProfile, of: BusinessPerson | None, kind: str, side: str, asked: dict[str, Any], user: User
) -> None:
    said = {field: asked[field] for field in ("number", "born_on", "expires_on") if asked.get(field)}
    operations.bring_paper(
        business=row,
        paper=Paper(kind, side, **said),
        raw=asked["file"].read(MOST_BYTES + 1),
        name=asked["file"].name,
        key=f"page/{asked['idempotency_key']}",
        by=user,
        at=now(),
        person=of,
    )


@require_POST
@customer_page
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """All of it goes to the bank."""
    user = signed_in(request)
    row = own_business(user, pk)
    try:
        complete = request.POST.get("says_complete") == "on"
        operations.hand_in(business=row, says_complete=complete, by=user, at=now())
    except DomainError as no:
        return _page(request, row, user, no)
    messages.success(request, gettext("We have your papers and answer within a day."))
    return done(request, "business-kyc", pk)


@require_GET
@customer_page
def paper(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """A picture an owner sent, as the bank keeps it."""
    user = signed_in(request)
    row = own_business(user, pk)
    rows = KycDocument.objects.filter(user=row.party_id).select_related("workflow", "user")
    found = get_object_or_404(rows, public_id=public_id)
    return only_to_look_at(papers.look_at_paper(document=found, by=user, at=now()), found.media_type)
