"""Late loans by API: the borrower's promise and wish for more time, and what the collections desk does."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.lending import caseload, contact
from apps.lending.api import collection_shapes as shapes
from apps.lending.errors import BadTerm
from apps.lending.models import (
    CollectionCase,
    CollectionCaseQuerySet,
    CollectionStage,
    Loan,
    MoreTime,
    MoreTimeStatus,
    Visit,
    VisitStatus,
)
from apps.lending.operations import collections
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.doors import signed_in
from apps.users.models import User

_MONEY = {"amount": "1000.00", "currency": "KES"}


def _own(request: Request, public_id: str) -> Loan:
    loan: Loan = get_object_or_404(Loan.objects.owned_by(signed_in(request)).shown(), public_id=public_id)
    return loan


@extend_schema(tags=["loans"])
class MakePromise(APIView):
    """Promising to pay what is late."""

    throttle_scope = "money"

    @extend_schema(
        request=shapes.AskPromise,
        responses={201: shapes.PromiseShown},
        examples=[OpenApiExample("Friday", {"amount": _MONEY, "due_on": "2026-11-27"}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, public_id: str) -> Response:
        """By the end of a day within the house's days; one at a time. While it runs nobody reminds of what is late."""
        asked, user = read(shapes.AskPromise, request), signed_in(request)
        key = key_of(request) or uuid.uuid4().hex
        row = collections.promise(loan=_own(request, public_id), **asked, key=f"api/{key}", by=user, at=now())
        return Response(shapes.PromiseShown(row).data, status=201)


@extend_schema(tags=["loans"])
class AskMoreTime(APIView):
    """Asking for more time."""

    throttle_scope = "money"

    @extend_schema(
        request=shapes.AskMoreTime,
        responses={201: shapes.MoreTimeShown},
        examples=[OpenApiExample("Harvest", {"says": "The harvest is late; two more months."}, request_only=True)],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """An officer answers: other terms by two people, or words. Asked again while it waits, the same wish."""
        says = read(shapes.AskMoreTime, request)["says"]
        row = collections.ask_more_time(loan=_own(request, public_id), says=says, by=signed_in(request), at=now())
        return Response(shapes.MoreTimeShown(row).data, status=201)


_FILTERS = [
    OpenApiParameter("view", str, enum=list(caseload.VIEWS), description="Which cases; all by default."),
    OpenApiParameter("stage", str, enum=CollectionStage.values, description="One stage of the ladder."),
    OpenApiParameter("late", int, description="At least so many days late."),
]


@extend_schema(tags=["staff"])
class Cases(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[CollectionCase]):
    """Open cases of the collections desk; nobody sees the one about themselves."""

    serializer_class = shapes.CaseShown
    permission_classes = (holds("lending.collect_loans"),)
    lookup_field = "public_id"
    filter_backends = ()
    queryset = CollectionCase.objects.none()

    def get_queryset(self) -> CollectionCaseQuerySet:
        """The most money at risk first; one case is found when it is closed, too."""
        user, asked = signed_in(self.request), self.request.query_params
        if self.action != "list":
            return CollectionCase.objects.visible_to(user).shown()
        view, late = asked.get("view", "all"), asked.get("late", "")
        return caseload.cases(
            user,
            view=view if view in caseload.VIEWS else "all",
            stage=asked.get("stage", ""),
            late=int(late) if late.isascii() and late.isdigit() and len(late) < 5 else 0,
            on=local_date(now()),
        )

    @extend_schema(operation_id="collection_cases_list", parameters=_FILTERS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With the figures of lateness."""
        return super().list(request, *args, **kwargs)

    @extend_schema(operation_id="collection_cases_retrieve", responses=shapes.CaseInFull)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One, with everything that happened and the ways in which the borrower may be reached now."""
        row: Any = self.get_object()
        row.lines, row.ways = caseload.timeline(row), list(contact.ways(row.loan.borrower, now()).values())
        return Response(shapes.CaseInFull(row).data)

    def _who(self) -> dict[str, Any]:
        return {"by": signed_in(self.request), "at": now()}

    def _shown(self) -> Response:
        return Response(shapes.CaseShown(self.get_object()).data)

    @extend_schema(request=None, responses=shapes.CaseShown)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, public_id: str) -> Response:
        """Work on it; 409 when another officer does."""
        collections.claim(case=self.get_object(), **self._who())
        return self._shown()

    @extend_schema(request=None, responses=shapes.CaseShown)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, public_id: str) -> Response:
        """Let it go."""
        collections.release(case=self.get_object(), **self._who())
        return self._shown()

    @extend_schema(request=shapes.HandOver, responses=shapes.CaseShown)
    @action(detail=True, methods=["post"])
    def hand_over(self, request: Request, public_id: str) -> Response:
        """Give it to another officer."""
        asked, case = read(shapes.HandOver, request), self.get_object()
        to = get_object_or_404(User, pk=asked["to"])
        collections.hand_over(case=case, to=to, note=asked["note"], **self._who())
        return self._shown()

    @extend_schema(request=shapes.PlanNext, responses=shapes.CaseShown)
    @action(detail=True, methods=["post"])
    def next(self, request: Request, public_id: str) -> Response:
        """Plan what comes next."""
        collections.plan_next(case=self.get_object(), **read(shapes.PlanNext, request), **self._who())
        return self._shown()

    @extend_schema(
        request=shapes.LogCall,
        responses=shapes.CaseShown,
        examples=[OpenApiExample("Reached", {"outcome": "REACHED", "note": "Pays on Friday"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def call(self, request: Request, public_id: str) -> Response:
        """Write a call down; 422 `contact_not_allowed` outside the hours or the count, with from when it is allowed."""
        asked, case = read(shapes.LogCall, request), self.get_object()
        collections.log_call(
            case=case, outcome=asked["outcome"], note=asked["note"], person=_person(asked), **self._who()
        )
        return self._shown()

    @extend_schema(request=shapes.AddNote, responses=shapes.CaseShown)
    @action(detail=True, methods=["post"])
    def note(self, request: Request, public_id: str) -> Response:
        """A note for colleagues."""
        collections.add_note(case=self.get_object(), **read(shapes.AddNote, request), **self._who())
        return self._shown()

    @extend_schema(
        request=shapes.SendText,
        responses=shapes.CaseShown,
        examples=[OpenApiExample("Reminder", {"text": "REMINDER"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def message(self, request: Request, public_id: str) -> Response:
        """Send one of the bank's own texts in the borrower's language."""
        collections.send_text(case=self.get_object(), **read(shapes.SendText, request), **self._who())
        return self._shown()

    @extend_schema(request=shapes.AskPromise, responses={201: shapes.PromiseShown})
    @action(detail=True, methods=["post"])
    @idempotent
    def promise(self, request: Request, public_id: str) -> Response:
        """Take a promise down for the borrower."""
        asked, case = read(shapes.AskPromise, request), self.get_object()
        key = key_of(request) or uuid.uuid4().hex
        row = collections.promise(loan=case.loan, **asked, key=f"staff/{key}", **self._who())
        return Response(shapes.PromiseShown(row).data, status=201)

    @extend_schema(request=shapes.PlanVisit, responses={201: shapes.VisitShown})
    @action(detail=True, methods=["post"])
    def visit(self, request: Request, public_id: str) -> Response:
        """Plan a visit (`on`, `place`), or write down how the planned one went (`outcome`, `note`)."""
        asked, case = read(shapes.PlanVisit, request), self.get_object()
        if asked["outcome"]:
            rows = Visit.objects.select_related("case__loan__borrower")
            row = get_object_or_404(rows, case=case, status=VisitStatus.PLANNED)
            collections.write_visit(visit=row, outcome=asked["outcome"], note=asked["note"], **self._who())
        elif asked["on"] is None:
            raise BadTerm(_("Say where, and a day within the next 60. Nothing was planned."))
        else:
            row = collections.plan_visit(case=case, on=asked["on"], place=asked["place"], **self._who())
        return Response(shapes.VisitShown(row).data, status=201)

    @extend_schema(
        request=shapes.SendLetter,
        responses={201: shapes.CollectionLetterShown},
        examples=[OpenApiExample("Demand", {"kind": "DEMAND"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def letter(self, request: Request, public_id: str) -> Response:
        """Make a letter; of each kind once while the loan is late, the first one answered again."""
        asked, case = read(shapes.SendLetter, request), self.get_object()
        row = collections.send_letter(case=case, kind=asked["kind"], person=_person(asked), **self._who())
        return Response(shapes.CollectionLetterShown(row).data, status=201)

    @extend_schema(request=shapes.CallGuarantors, responses={202: shapes.CallAsked})
    @action(detail=True, methods=["post"])
    def call_guarantors(self, request: Request, public_id: str) -> Response:
        """Ask that guarantors pay what they stand for; a second person decides."""
        reason = read(shapes.CallGuarantors, request)["reason"]
        asked = collections.ask_call_guarantors(case=self.get_object(), reason=reason, **self._who())
        return Response({"approval": asked.pk, "status": asked.status}, status=202)

    @extend_schema(request=shapes.AnswerMoreTime, responses=shapes.MoreTimeShown)
    @action(detail=True, methods=["post"])
    def more_time(self, request: Request, public_id: str) -> Response:
        """Answer a wish for more time: decline it with words, or ask a second officer for other terms."""
        asked, case = read(shapes.AnswerMoreTime, request), self.get_object()
        rows = MoreTime.objects.select_related("loan__borrower", "case__loan__borrower")
        wish = rows.filter(case=case, status__in=[MoreTimeStatus.ASKED, MoreTimeStatus.PASSED_ON]).first()
        if wish is None:
            raise NotFound(_("Nobody waits for more time."))
        if asked["declined_because"]:
            collections.decline_more_time(wish=wish, because=asked["declined_because"], **self._who())
        else:
            terms = {name: asked[name] for name in ("why", "periods", "reason")}
            collections.pass_on_more_time(wish=wish, **terms, **self._who())
        return Response(shapes.MoreTimeShown(wish).data)


def _person(asked: dict[str, Any]) -> User | None:
    """Whom it is about; the borrower when nobody is named. Raises Http404."""
    return get_object_or_404(User, pk=asked["person"]) if asked["person"] else None
