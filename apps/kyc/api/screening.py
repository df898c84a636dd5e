"""Watch lists and who may be on them, for staff who work with them. Never shown to a customer, nor to a banker."""

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import now
from apps.kernel.pagination import Cursors
from apps.kyc.models import ListVersion, ScreeningDecision, ScreeningHit, WatchList
from apps.kyc.operations import screening
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.api.staff_shapes import ApprovalAsked
from apps.users.api.strict import Strict
from apps.users.doors import signed_in

RIGHT = "kyc.work_screening"
TAGS = ["screening"]
EXAMPLE = OpenApiExample(
    "Decided", {"reason": "Born in another year, of another country: seen on the passport"}, request_only=True
)


class DecideOnHit(Strict):
    """Why."""

    reason = serializers.CharField(max_length=500)


class CheckName(Strict):
    """A name in any script, and a day of birth if it is known."""

    name = serializers.CharField(max_length=200)
    born = serializers.DateField(required=False, allow_null=True, default=None)


class LoadList(Strict):
    """A file of the list, as multipart/form-data."""

    file = serializers.FileField()
    accept_shrinking = serializers.BooleanField(
        default=False, help_text="A list a fifth shorter or more is right: asks a second person for it"
    )
    reason = serializers.CharField(
        max_length=400, required=False, allow_blank=True, default="", help_text="Why it is shorter"
    )

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Who asks a second person says why."""
        if asked["accept_shrinking"] and not asked["reason"].strip():
            raise serializers.ValidationError({"reason": _("Say why: the person who approves it reads your reason.")})
        return asked


class WatchListShown(serializers.ModelSerializer[WatchList]):
    """A list and the version in force."""

    version: Any = serializers.SerializerMethodField()

    class Meta:
        model = WatchList
        fields = ("code", "name", "kind", "format", "source", "version")

    def get_version(self, row: WatchList) -> int | None:
        """Its number, or nothing before the first file."""
        numbers = [version.number for version in row.versions.all()]
        return max(numbers, default=None)


class ListVersionShown(serializers.ModelSerializer[ListVersion]):
    """What a file changed."""

    watch_list: Any = serializers.CharField(source="watch_list.code")

    class Meta:
        model = ListVersion
        fields = (
            "watch_list",
            "number",
            "published_on",
            "sha256",
            "parties",
            "added",
            "changed",
            "removed",
            "loaded_at",
        )


class WordsShown(serializers.Serializer[Any]):
    """Words that were taken for each other, and how alike they are from 0 to 1."""

    ours = serializers.CharField()
    listed = serializers.CharField()
    alike = serializers.FloatField()


class PartyShown(serializers.Serializer[Any]):
    """What a list says of a party."""

    watch_list = serializers.CharField(source="watch_list.code")
    uid = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    programme = serializers.CharField()
    countries = serializers.ListField(child=serializers.CharField())
    births = serializers.JSONField()
    remarks = serializers.CharField()


class FoundShown(serializers.Serializer[Any]):
    """A listed party that the name may be."""

    party = PartyShown()
    listed_name = serializers.CharField()
    score = serializers.DecimalField(max_digits=4, decimal_places=3, source="match.score")
    birth = serializers.CharField(source="match.birth")


class HitDecisionShown(serializers.ModelSerializer[ScreeningDecision]):
    """What became of a hit at a time."""

    by: Any = serializers.CharField(source="by.full_name")

    class Meta:
        model = ScreeningDecision
        fields = ("became", "reason", "by", "at", "score")


HIT_FIELDS = (
    "id",
    "customer",
    "customer_name",
    "party",
    "listed_name",
    "score",
    "birth",
    "words",
    "status",
    "found_at",
    "decided_at",
    "reason",
    "sleeps_until",
)


class HitShown(serializers.ModelSerializer[ScreeningHit]):
    """A customer and a listed party that may be one. `birth` is SAME, NEAR, UNKNOWN or DIFFERENT."""

    customer: Any = serializers.IntegerField(source="user_id")
    customer_name: Any = serializers.CharField(source="user.full_name")
    party = PartyShown()
    words = serializers.SerializerMethodField()

    class Meta:
        model = ScreeningHit
        fields: ClassVar[tuple[str, ...]] = HIT_FIELDS

    @extend_schema_field(WordsShown(many=True))
    def get_words(self, row: ScreeningHit) -> Any:
        """Which words were taken for each other."""
        return WordsShown(
            [{"ours": ours, "listed": listed, "alike": alike} for ours, listed, alike in row.pairs], many=True
        ).data


class HitWithHistory(HitShown):
    """And what became of it before."""

    decisions = HitDecisionShown(many=True)

    class Meta(HitShown.Meta):
        fields: ClassVar[tuple[str, ...]] = (*HIT_FIELDS, "decisions")


class Hits(ListAPIView[ScreeningHit]):
    """Who may be on a list."""

    serializer_class = HitShown
    pagination_class = Cursors
    permission_classes = (holds(RIGHT),)
    filterset_fields = ("status", "watch_list__code", "birth")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = ScreeningHit.objects.none()

    def get_queryset(self) -> QuerySet[ScreeningHit]:
        """None of oneself or one's own."""
        rows = ScreeningHit.objects.visible_to(signed_in(self.request))
        return rows.select_related("user", "watch_list", "party__watch_list")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first."""
        return super().get(request, *args, **kwargs)


def _hit(request: Request, pk: int) -> ScreeningHit:
    rows = ScreeningHit.objects.visible_to(signed_in(request)).select_related("user", "watch_list", "party__watch_list")
    found: ScreeningHit = get_object_or_404(rows.prefetch_related("decisions__by"), pk=pk)
    return found


class Hit(APIView):
    """One of them."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(tags=TAGS, responses=HitWithHistory)
    def get(self, request: Request, pk: int) -> Response:
        """With what was decided before."""
        return Response(HitWithHistory(_hit(request, pk)).data)


class ClearHit(APIView):
    """Somebody else."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        tags=TAGS, request=DecideOnHit, responses={200: HitWithHistory, 202: ApprovalAsked}, examples=[EXAMPLE]
    )
    def post(self, request: Request, pk: int) -> Response:
        """The customer is somebody else; a strong match with sanctions waits for a second person (202)."""
        asked = read(DecideOnHit, request)
        approval = screening.clear(hit=_hit(request, pk), reason=asked["reason"], by=signed_in(request), at=now())
        if approval:
            return Response({"approval": approval.pk, "status": approval.status}, status=202)
        return Response(HitWithHistory(_hit(request, pk)).data)


class ConfirmHit(APIView):
    """The same."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(tags=TAGS, request=DecideOnHit, responses=HitWithHistory, examples=[EXAMPLE])
    def post(self, request: Request, pk: int) -> Response:
        """The customer is the one on the list; of a sanctions list their accounts are frozen."""
        asked = read(DecideOnHit, request)
        screening.confirm(hit=_hit(request, pk), reason=asked["reason"], by=signed_in(request), at=now())
        return Response(HitWithHistory(_hit(request, pk)).data)


class Check(APIView):
    """A name that is no customer's."""

    permission_classes = (holds(RIGHT),)

    @extend_schema(
        tags=TAGS,
        request=CheckName,
        responses=FoundShown(many=True),
        examples=[OpenApiExample("A payee", {"name": "Yuri Trofimov", "born": None}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Who it may be on the lists in force, the likeliest first. That it was asked is recorded, by whom and when."""
        asked = read(CheckName, request)
        found = screening.check_name(asked["name"], born=asked["born"])
        audit_trail.record(
            "kyc.screening.asked",
            on=f"screening/{uuid.uuid4()}",
            by=signed_in(request),
            at=now(),
            after={"found": len(found)},
        )
        return Response(FoundShown(found, many=True).data)


class WatchLists(ListAPIView[WatchList]):
    """The lists there are."""

    serializer_class = WatchListShown
    permission_classes = (holds(RIGHT),)
    pagination_class = None
    filterset_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = WatchList.objects.prefetch_related("versions").order_by("code")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With the version in force."""
        return super().get(request, *args, **kwargs)


class Versions(APIView):
    """Files of one list."""

    permission_classes = (holds(RIGHT),)
    parser_classes = (MultiPartParser,)

    @extend_schema(
        tags=TAGS,
        request={"multipart/form-data": LoadList},
        responses={201: ListVersionShown, 202: ApprovalAsked},
    )
    def post(self, request: Request, code: str) -> Response:
        """Load a file: all of it, or nothing when it is cut off, older or a fifth shorter (422). That a shorter one is
        right, a second person says (202).
        """
        asked = read(LoadList, request)
        told = {
            "watch_list": get_object_or_404(WatchList, code=code),
            "raw": asked["file"].read(),
            "by": signed_in(request),
            "at": now(),
        }
        try:
            version = screening.load_list(**told)
        except screening.MuchShorter:
            if not asked["accept_shrinking"]:
                raise
            waits = screening.ask_shorter(**told, reason=asked["reason"])
            return Response({"approval": waits.pk, "status": waits.status}, status=202)
        return Response(ListVersionShown(version).data, status=201)
