"""Who works here, as what and up to how much; their posts changed by two, stopped by one; whom they keep away from."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import CharField, Count, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import queries as trail
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users import operations
from apps.users.doors import signed_in
from apps.users.models import Branch, ConnectionKind, StaffConnection, StaffMember, User
from apps.users.models.staff import Role
from apps.users.operations.posts import MLRO, post_of
from apps.users.queries import factors_of, live_sessions

MANAGE, WATCH = "users.manage_admins", "audit_trail.view_audit"
ON_A_PAGE = 25


class Post(Sheet):
    """Another post, with the reason the second person reads."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.order_by("code"), to_field_name="code")
    approval_limit = AmountField(label=_("May approve up to"), required=False, may_be_zero=True)
    is_mlro = forms.BooleanField(label=_("Reports suspicions for the bank (MLRO)"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=400)


class Why(Sheet):
    """Why; the record keeps it."""

    reason = forms.CharField(label=_("Reason"), max_length=400)


class Declare(Sheet):
    """Somebody one is connected with, found as the counter finds them."""

    who = forms.CharField(label=_("Their phone, e-mail or ID number"), max_length=120)
    kind = forms.ChoiceField(label=_("How are you connected?"), choices=ConnectionKind.choices)


def _require_may_look(user: User) -> None:
    if not user.has_perm(MANAGE) and not user.has_perm(WATCH):
        raise PermissionDenied


@staff_page()
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody who works here, with role, branch, limit, last sign-in and second factors."""
    _require_may_look(signed_in(request))
    mlro = User.user_permissions.through.objects.filter(user_id=OuterRef("user_id"), permission__codename=MLRO)
    about = Concat(Value("users/"), Cast(OuterRef("user_id"), CharField()))
    waits = Approval.objects.filter(status=ApprovalStatus.PENDING, kind__startswith="users.", subject=about)
    found = StaffMember.objects.select_related("user", "branch").annotate(
        is_mlro=Exists(mlro), waits=Exists(waits), factors=Count("user__authenticator", distinct=True)
    )
    role = request.GET.get("role", "")
    if role in Role.values:
        found = found.filter(role=role)
    rows = Paginator(found.order_by("user__full_name", "pk"), ON_A_PAGE).get_page(request.GET.get("page"))
    return page(request, "staff", rows=rows, roles=Role.choices, chosen=role)


@staff_page()
def roles(request: HttpRequest) -> HttpResponse:
    """What each role may do, in words, and who holds it."""
    _require_may_look(signed_in(request))
    held: dict[str, list[StaffMember]] = {}
    for one in StaffMember.objects.select_related("user").order_by("user__full_name"):
        held.setdefault(one.role, []).append(one)
    rights = Permission.objects.exclude(Q(name__startswith="Can add ") | Q(name__startswith="Can delete "))
    said = {group.name: group for group in Group.objects.prefetch_related("permissions")}
    shown = [
        (label, sorted({row.name for row in said[role].permissions.all()} if role in said else ()), held.get(role, []))
        for role, label in Role.choices
    ]
    mlro = User.objects.filter(user_permissions__in=rights.filter(codename=MLRO)).order_by("full_name")
    return page(request, "roles", place="staff", roles=shown, mlro=mlro)


@staff_page()
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One colleague: post, stays, factors, connections, the changes of their post; a POST asks for another post."""
    user = signed_in(request)
    _require_may_look(user)
    one = get_object_or_404(StaffMember.objects.select_related("user", "branch"), pk=pk)
    post = post_of(one)
    opens = {**post, "approval_limit": Money(one.approval_limit_minor, "KES")}
    form = Post(request.POST if request.method == "POST" else None, initial=opens)
    if form.is_bound and not user.has_perm(MANAGE):
        raise PermissionDenied
    if form.is_bound and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("role", "branch", "is_mlro", "reason", "approval_limit")}
        try:
            operations.change_post(member=one, by=user, at=now(), **asked)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Asked. Another person must allow it; nothing has changed yet."))
            return go(request, reverse("admin:staff-member", args=[pk]))
    facts: dict[str, Any] = {
        "one": one,
        "post": post,
        "form": form,
        "stays": live_sessions(one.user)[:10],
        "factors": factors_of(one.user),
        "connections": StaffConnection.objects.filter(staff=one.user).select_related("customer").order_by("-pk")[:20],
        "records": trail.done_to(one.user).filter(action__startswith="users.staff.")[:10],
        "waits": Approval.objects.filter(
            subject=f"users/{one.user_id}", status=ApprovalStatus.PENDING, kind__startswith="users."
        ).select_related("maker"),
        "may_manage": user.has_perm(MANAGE) and user.pk != one.user_id,
    }
    return page(request, "staff_member", status=form.status, place="staff", **facts)


@staff_page(MANAGE)
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Suspend at once, ask to let in again, or sign out everywhere; each on its own confirm page."""
    one, user = get_object_or_404(StaffMember.objects.select_related("user"), pk=pk), signed_in(request)
    acts: dict[str, tuple[Any, Any, Callable[[str], Any]]] = {
        "suspend": (
            _("Suspend at once"), _("They are signed out everywhere and cannot sign in. Coming back takes two."),
            lambda why: operations.suspend_staff(member=one, reason=why, by=user, at=now()),
        ),
        "restore": (
            _("Ask to let them in again"), _("Another person must allow it."),
            lambda why: operations.ask_restore(member=one, reason=why, by=user, at=now()),
        ),
        "sign-out": (
            _("Sign out everywhere"), _("They can sign in again at once, with their second factor."),
            lambda why: operations.sign_out_everywhere(member=one, by=user, at=now()),
        ),
    }  # fmt: skip
    if act not in acts:
        raise Http404
    title, words, run = acts[act]
    form = Why(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            run(form.cleaned_data["reason"])
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("Done, and recorded with your reason."))
            return go(request, reverse("admin:staff-member", args=[pk]))
    facts = {"one": one, "form": form, "title": title, "words": words}
    return page(request, "staff_act", status=form.status, place="staff", **facts)


@staff_page()
def mine(request: HttpRequest) -> HttpResponse:
    """Whom I keep away from; a POST writes down another. Whether a profile was found is not said beyond that."""
    user = signed_in(request)
    form = Declare(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        text = form.cleaned_data["who"].strip()
        found = (User.objects.called(text) | User.objects.with_id_number(text)).customers().first()
        try:
            if found:
                operations.declare_connection(
                    staff=user, customer=found, kind=form.cleaned_data["kind"], by=user, at=now()
                )
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, _now("If they bank here, it is written down. You cannot decide on them now."))
            return go(request, reverse("admin:my-connections"))
    rows = StaffConnection.objects.filter(staff=user, ended_at=None).select_related("customer").order_by("-pk")
    return page(request, "connections", status=form.status, place="my-connections", form=form, rows=rows)
