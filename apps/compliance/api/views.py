"""Compliance by API: the operations of the console. For who does not work cases there is nothing (404)."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.compliance import operations, policies, rules
from apps.compliance.api import serializers as shapes
from apps.compliance.models import (
    AmlRule,
    Case,
    CaseEntry,
    ComplianceReport,
    SuspiciousActivityAlert,
    SuspiciousTransactionReport,
)
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.doors import signed_in
from apps.users.models import User

TAGS = ["compliance"]


class WorksCases(BasePermission):
    """Staff who work cases; anybody else who is signed in finds nothing, whatever they ask."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises Http404 rather than say that there is something to be refused."""
        if not request.user or not request.user.is_authenticated:
            return False
        if not isinstance(request.user, User) or not policies.may_know(request.user):
            raise Http404
        return True


class Alerts(GenericViewSet[SuspiciousActivityAlert]):
    """What the rules and other watchers saw."""

    serializer_class = shapes.AmlAlertShown
    permission_classes = (WorksCases,)
    pagination_class = Cursors
    queryset = SuspiciousActivityAlert.objects.none()
    filterset_fields = ("status", "code", "severity")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()

    def get_queryset(self) -> QuerySet[SuspiciousActivityAlert]:
        """None about oneself."""
        rows = SuspiciousActivityAlert.objects.select_related("rule", "case").prefetch_related("parties")
        return rows.not_about(signed_in(self.request).pk)

    @extend_schema(tags=TAGS, responses=shapes.AmlAlertShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(tags=TAGS, responses=shapes.AmlAlertShown)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.CloseAlert,
        responses=shapes.AmlAlertShown,
        examples=[OpenApiExample("Rent", {"reason": "Rent of six tenants: contracts seen"}, request_only=True)],
    )
    def close(self, request: Request, pk: int) -> Response:
        """It means nothing; one that is in a case is 409, without a reason 400."""
        row = self.get_object()
        operations.close_alert(alert=row, by=signed_in(request), at=now(), **read(shapes.CloseAlert, request))
        return Response(self.get_serializer(row).data)


class Cases(GenericViewSet[Case]):
    """Cases, but those about oneself."""

    serializer_class = shapes.AmlCaseShown
    permission_classes = (WorksCases,)
    pagination_class = Cursors
    queryset = Case.objects.none()
    lookup_field = "reference"
    filterset_fields = ("status", "assigned_to")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()

    def get_queryset(self) -> Any:
        """As the console shows them."""
        return Case.objects.visible_to(signed_in(self.request))

    @extend_schema(tags=TAGS, responses=shapes.AmlCaseShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.MergeAlerts,
        responses={201: shapes.AmlCaseWhole},
        examples=[OpenApiExample("Two alerts", {"alerts": [17, 18]}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Put alerts of one customer into their case, opened if there is none."""
        ids = read(shapes.MergeAlerts, request)["alerts"]
        rows = list(SuspiciousActivityAlert.objects.select_related("rule").filter(pk__in=ids))
        if len(rows) != len(set(ids)):
            raise Http404
        case = operations.merge(alerts=rows, by=signed_in(request), at=now())
        return Response(shapes.AmlCaseWhole(_whole(case.reference, request)).data, status=201)

    @extend_schema(tags=TAGS, responses=shapes.AmlCaseWhole)
    def retrieve(self, request: Request, reference: str) -> Response:
        """With alerts and history."""
        return Response(shapes.AmlCaseWhole(_whole(reference, request)).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.DecideCase,
        responses=shapes.AmlCaseWhole,
        examples=[
            OpenApiExample("No suspicion", {"decision": "NO_SUSPICION", "reason": "Sold a car"}, request_only=True)
        ],
    )
    def decide(self, request: Request, reference: str) -> Response:
        """NO_SUSPICION closes the case and its alerts; SUSPECT and REPORT start the clock of two days."""
        asked, case = read(shapes.DecideCase, request), self.get_object()
        does = {
            "NO_SUSPICION": operations.close,
            "SUSPECT": operations.record_suspicion,
            "REPORT": operations.decide_to_report,
        }[asked["decision"]]
        does(case=case, reason=asked["reason"], by=signed_in(request), at=now())
        return Response(shapes.AmlCaseWhole(_whole(reference, request)).data)


def _whole(reference: str, request: Request) -> Case:
    rows = Case.objects.visible_to(signed_in(request)).prefetch_related(
        Prefetch("alerts", SuspiciousActivityAlert.objects.select_related("rule", "case").prefetch_related("parties")),
        Prefetch("entries", CaseEntry.objects.select_related("by").order_by("pk")),
    )
    found: Case = get_object_or_404(rows, reference=reference)
    return found


class Sars(GenericViewSet[SuspiciousTransactionReport]):
    """Reports of suspicion."""

    serializer_class = shapes.SarShown
    permission_classes = (WorksCases,)
    queryset = SuspiciousTransactionReport.objects.none()
    filter_backends = ()

    def get_queryset(self) -> QuerySet[SuspiciousTransactionReport]:
        """None about oneself or one's own."""
        return SuspiciousTransactionReport.objects.select_related("case", "file").not_about(signed_in(self.request).pk)

    @extend_schema(
        tags=TAGS,
        request=shapes.DraftSar,
        responses={201: shapes.SarShown},
        examples=[
            OpenApiExample(
                "In and out",
                {"case": "KB-2026-0412", "narrative": "KES 373,000 came and left", "transactions": [4711, 4712]},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """Draft it, or its next version; the case must be decided so. The MLRO is asked."""
        asked = read(shapes.DraftSar, request)
        case = get_object_or_404(Case.objects.visible_to(signed_in(request)), reference=asked["case"])
        row = operations.draft_report(
            case=case, narrative=asked["narrative"], action=asked["action"], lines=asked["transactions"],
            indicators=sorted(set(case.alerts.values_list("code", flat=True))), by=signed_in(request), at=now(),
        )  # fmt: skip
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(tags=TAGS, responses=shapes.SarShown)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(tags=TAGS, request=None, responses=shapes.SarShown)
    def approve(self, request: Request, pk: int) -> Response:
        """For the MLRO, who did not draft it (403); its goAML file is made."""
        row = self.get_object()
        operations.approve_report(report=row, by=signed_in(request), at=now())
        return Response(self.get_serializer(self.get_object()).data)


class Rules(GenericViewSet[AmlRule]):
    """The rules in force."""

    serializer_class = shapes.AmlRuleShown
    permission_classes = (WorksCases,)
    pagination_class = None
    queryset = AmlRule.objects.none()
    filter_backends = ()
    lookup_field = "code"

    @extend_schema(tags=TAGS, responses=shapes.AmlRuleShown(many=True))
    def list(self, request: Request) -> Response:
        """All of them."""
        return Response(self.get_serializer(list(operations.in_force().values()), many=True).data)

    @extend_schema(tags=TAGS, responses=shapes.AmlRuleShown)
    def retrieve(self, request: Request, code: str) -> Response:
        """One."""
        return Response(self.get_serializer(operations.in_force()[_known(code)]).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.ChangeAmlRule,
        responses={202: ApprovalAsked},
        examples=[
            OpenApiExample(
                "Slower",
                {"parameters": {"count": "20", "times_usual": "5"}, "severity": "LOW", "reason": "Too many alerts"},
                request_only=True,
            )
        ],
    )
    def update(self, request: Request, code: str) -> Response:
        """Ask for a new version: it is tried on ninety days, and a second person must allow it."""
        return self._asked(request, {"code": _known(code), **read(shapes.ChangeAmlRule, request)})

    @extend_schema(
        tags=TAGS,
        request=shapes.AskAmlRule,
        responses={202: ApprovalAsked},
        examples=[
            OpenApiExample(
                "Slower",
                {"code": "VELOCITY", "parameters": {"count": "20", "times_usual": "5"}, "severity": "LOW",
                 "reason": "Too many alerts"},
                request_only=True,
            )
        ],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        """The same, with the rule named in the body: what there is to look for is the bank's own code."""
        return self._asked(request, read(shapes.AskAmlRule, request))

    @extend_schema(
        tags=TAGS,
        request=shapes.ChangePartOfAmlRule,
        responses={202: ApprovalAsked},
        examples=[
            OpenApiExample("Later", {"parameters": {"count": "20"}, "reason": "Too many alerts"}, request_only=True)
        ],
    )
    def partial_update(self, request: Request, code: str) -> Response:
        """Ask for a new version by what differs from the one in force."""
        asked = read(shapes.ChangePartOfAmlRule, request)
        held = operations.in_force()[_known(code)]
        figures = {**held.parameters, **asked.pop("parameters", {})}
        kept = {"severity": held.severity, "is_active": held.is_active}
        return self._asked(request, {"code": code, "parameters": figures, **kept, **asked})

    @extend_schema(
        tags=TAGS,
        parameters=[OpenApiParameter("reason", str, required=True, description="Why; who allows it reads it")],
        responses={202: ApprovalAsked},
    )
    def destroy(self, request: Request, code: str) -> Response:
        """Ask that a rule be switched off; its versions and alerts stay."""
        said = shapes.SwitchOffAmlRule(data={"reason": request.query_params.get("reason", "")})
        said.is_valid(raise_exception=True)
        held = operations.in_force()[_known(code)]
        off = {"parameters": held.parameters, "severity": held.severity, "is_active": False}
        return self._asked(request, {"code": code, **off, "reason": said.validated_data["reason"]})

    def _asked(self, request: Request, asked: dict[str, Any]) -> Response:
        row = operations.ask_change(by=signed_in(request), at=now(), **asked)
        return Response({"approval": row.pk, "status": row.status}, status=202)

    @extend_schema(
        tags=TAGS,
        request=shapes.TryAmlRule,
        responses=shapes.TriedShown,
        examples=[OpenApiExample("Slower", {"parameters": {"count": "20", "times_usual": "5"}}, request_only=True)],
    )
    def back_test(self, request: Request, code: str) -> Response:
        """Try figures on the last ninety days; nothing is raised."""
        asked = read(shapes.TryAmlRule, request)
        tried = operations.back_test(code=_known(code), parameters=asked["parameters"], at=now())
        return Response(shapes.TriedShown(tried).data)


def _known(code: str) -> str:
    if code not in rules.CODES:
        raise Http404
    return code


class Reports(GenericViewSet[ComplianceReport]):
    """Files for the Financial Reporting Centre."""

    serializer_class = shapes.ComplianceReportShown
    permission_classes = (WorksCases,)
    pagination_class = Cursors
    queryset = ComplianceReport.objects.none()
    filterset_fields = ("kind",)
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()

    def get_queryset(self) -> QuerySet[ComplianceReport]:
        """None about oneself or one's own."""
        rows = ComplianceReport.objects.select_related("receipt").defer("content")
        return rows.not_about(signed_in(self.request).pk)

    @extend_schema(tags=TAGS, responses=shapes.ComplianceReportShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.MakeReport,
        responses={201: shapes.ComplianceReportShown},
        examples=[OpenApiExample("A week", {"kind": "CASH", "day": "2026-11-09"}, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Make the week's or the year's; the same period again is the same file."""
        asked, user = read(shapes.MakeReport, request), signed_in(request)
        if asked["kind"] == "CASH":
            row = operations.make_cash_report(week_of=asked["day"], by=user, at=now())
        else:
            row = operations.make_annual_report(year=asked["day"].year, by=user, at=now())
        return Response(self.get_serializer(row).data, status=201)
