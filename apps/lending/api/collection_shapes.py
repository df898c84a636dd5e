"""What collections' API takes and shows."""

from typing import Any

from rest_framework import serializers

from apps.kernel.serializers import MoneyField
from apps.lending.models import (
    CallOutcome,
    CollectionCase,
    CollectionLetter,
    LetterKind,
    MoreTime,
    NextAct,
    Promise,
    Visit,
    VisitOutcome,
    Why,
)
from apps.lending.operations.collections.contacts import TEXTS
from apps.users.api.strict import Strict

_MOST = 2**62


class AskPromise(Strict):
    """How much is paid by the end of which day."""

    amount = MoneyField(positive=True)
    due_on = serializers.DateField()


class AskMoreTime(Strict):
    """Why more time is needed, in one's own words."""

    says = serializers.CharField(max_length=500)


class PromiseShown(serializers.ModelSerializer[Promise]):
    """A promise. `status`: OPEN, KEPT, PARTLY_KEPT, BROKEN or WITHDRAWN; decided by the end of its day."""

    id = serializers.UUIDField(source="public_id")
    loan = serializers.UUIDField(source="loan.public_id")
    amount = MoneyField()
    received = MoneyField()
    status = serializers.CharField()

    class Meta:
        model = Promise
        fields = ("id", "loan", "amount", "due_on", "status", "received", "made_at", "decided_on")


class MoreTimeShown(serializers.ModelSerializer[MoreTime]):
    """A wish for more time. `status`: ASKED, PASSED_ON (a second officer looks), GRANTED or DECLINED."""

    id = serializers.UUIDField(source="public_id")
    loan = serializers.UUIDField(source="loan.public_id")
    status = serializers.CharField()

    class Meta:
        model = MoreTime
        fields = ("id", "loan", "says", "status", "asked_at", "answer", "answered_at")


class CaseShown(serializers.ModelSerializer[CollectionCase]):
    """A case. `stage`: REMIND, CALL, OFFER, LEGAL, WRITE_OFF or RECOVERY."""

    id = serializers.UUIDField(source="public_id")
    loan = serializers.UUIDField(source="loan.public_id")
    reference = serializers.CharField(source="loan.reference")
    borrower = serializers.IntegerField(source="loan.borrower_id")
    borrower_name = serializers.CharField(source="loan.borrower.full_name")
    status = serializers.CharField()
    stage = serializers.CharField()
    next_act = serializers.CharField()
    days_late = serializers.IntegerField(source="loan.days_past_due")
    arrears = MoneyField(source="loan.arrears")
    principal_left = MoneyField(source="loan.principal_left")

    class Meta:
        model = CollectionCase
        fields: Any = (
            "id",
            "loan",
            "reference",
            "borrower",
            "borrower_name",
            "status",
            "stage",
            "days_late",
            "arrears",
            "principal_left",
            "officer",
            "next_act",
            "next_on",
            "opened_on",
            "closed_at",
        )


class LineShown(serializers.Serializer[Any]):
    """One thing that happened in a case."""

    at = serializers.DateTimeField()
    what = serializers.CharField()
    says = serializers.CharField()
    note = serializers.CharField()
    by = serializers.CharField()


class ReachShown(serializers.Serializer[Any]):
    """Whether the borrower may be reached one way now; if not, why, and from when on."""

    kind = serializers.CharField()
    is_allowed = serializers.BooleanField()
    because = serializers.CharField(source="answer.because", allow_null=True)
    again_at = serializers.DateTimeField()


class CaseInFull(CaseShown):
    """With its history and the ways that are open now."""

    lines = LineShown(many=True)
    ways = ReachShown(many=True)

    class Meta(CaseShown.Meta):
        fields: Any = (*CaseShown.Meta.fields, "lines", "ways")


class HandOver(Strict):
    """To whom, with a word."""

    to = serializers.IntegerField(min_value=1, max_value=_MOST)
    note = serializers.CharField(max_length=500)


class PlanNext(Strict):
    """What comes next, and when."""

    act = serializers.CharField(max_length=10, help_text=", ".join(NextAct.values))
    on = serializers.DateField()


class LogCall(Strict):
    """A call: to the borrower unless `person` is a guarantor who was told by letter."""

    outcome = serializers.CharField(max_length=20, help_text=", ".join(CallOutcome.values))
    note = serializers.CharField(max_length=2000)
    person = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=_MOST)


class AddNote(Strict):
    """A note for colleagues."""

    note = serializers.CharField(max_length=2000)


class SendText(Strict):
    """One of the bank's own texts; there is no free text."""

    text = serializers.CharField(max_length=20, help_text=", ".join(TEXTS))


class PlanVisit(Strict):
    """A visit to come, or (`outcome` and `note`) how the one that was planned went."""

    on = serializers.DateField(required=False, allow_null=True, default=None)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    outcome = serializers.CharField(
        max_length=9, required=False, allow_blank=True, default="", help_text=", ".join(VisitOutcome.values)
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class SendLetter(Strict):
    """Which letter; `person` for the notice to a guarantor."""

    kind = serializers.CharField(max_length=9, help_text=", ".join(LetterKind.values))
    person = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=_MOST)


class CallGuarantors(Strict):
    """Why guarantors should pay."""

    reason = serializers.CharField(max_length=500)


class AnswerMoreTime(Strict):
    """`declined_because`: words the borrower reads; else other terms, on which another officer decides."""

    declined_because = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    why = serializers.CharField(
        max_length=11,
        required=False,
        allow_blank=True,
        default="",
        help_text=f"{Why.RESCHEDULED.value}, {Why.MORATORIUM.value} or {Why.REAGED.value}",
    )
    periods = serializers.IntegerField(min_value=0, max_value=60, default=0)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class VisitShown(serializers.ModelSerializer[Visit]):
    """A visit. `status`: PLANNED, DONE or CANCELLED."""

    id = serializers.UUIDField(source="public_id")
    status = serializers.CharField()
    outcome = serializers.CharField()

    class Meta:
        model = Visit
        fields = ("id", "planned_on", "place", "officer", "status", "outcome", "note", "done_at")


class CollectionLetterShown(serializers.ModelSerializer[CollectionLetter]):
    """A letter that was sent; `seal` is the SHA-256 of its PDF."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField()
    owed = MoneyField()
    arrears = MoneyField()

    class Meta:
        model = CollectionLetter
        fields = ("id", "kind", "to", "language", "owed", "arrears", "days_late", "takes_effect_on", "seal", "made_at")


class CallAsked(serializers.Serializer[Any]):
    """The request that waits for a second person."""

    approval = serializers.IntegerField()
    status = serializers.CharField()
