"""Where fraud answers."""

from django.urls import path

from apps.fraud.api import disputes, rules, views, watch, watchers

_disputes = disputes.Disputes.as_view
_ONE = "api/v1/disputes/<uuid:public_id>/"

urlpatterns = [
    path("api/v1/disputes/", _disputes({"get": "list", "post": "create"}), name="disputes"),
    path(_ONE, _disputes({"get": "retrieve"}), name="dispute"),
    path(f"{_ONE}withdraw/", _disputes({"post": "withdraw"}), name="dispute-withdraw"),
    path(f"{_ONE}resolve/", _disputes({"post": "resolve"}), name="dispute-resolve"),
    path("api/v1/admin/transactions/flagged/", views.Flagged.as_view()),
    path("api/v1/admin/transactions/<int:pk>/review/", views.Review.as_view()),
    path("api/v1/fraud/rules/", rules.Rules.as_view()),
    path("api/v1/fraud/rules/facts/", rules.Facts.as_view()),
    path("api/v1/fraud/rules/back-test/", rules.Try.as_view()),
    path("api/v1/ai/fraud-check/", rules.FraudCheckDryRun.as_view()),
    path("api/v1/fraud/blocked/", watch.Blocked.as_view()),
    path("api/v1/fraud/blocked/<uuid:public_id>/lift/", watch.Unblock.as_view()),
    path("api/v1/fraud/sim-changes/", watch.SimChanges.as_view()),
    path("api/v1/admin/transactions/<int:pk>/payee/", watchers.JudgePayee.as_view()),
    path("api/v1/fraud/rules/quality/", watchers.Quality.as_view()),
    path("api/v1/fraud/rules/<slug:code>/", rules.OneRule.as_view()),
    path("api/v1/fraud/back-tests/", watchers.BackTests.as_view()),
    path("api/v1/fraud/back-tests/<uuid:public_id>/", watchers.OneBackTest.as_view()),
    path("api/v1/fraud/models/", watchers.Models.as_view()),
    path("api/v1/fraud/models/<int:pk>/promote/", watchers.Promote.as_view()),
    path("api/v1/fraud/models/<int:pk>/switch-off/", watchers.SwitchOff.as_view()),
    path("api/v1/fraud/devices/", watchers.Devices.as_view()),
    path("api/v1/fraud/sim-ages/", watchers.SimAges.as_view()),
    path("api/v1/fraud/questions/", watch.Questions.as_view()),
    path("api/v1/fraud/questions/<uuid:public_id>/proof/", watch.QuestionProof.as_view()),
    path("api/v1/fraud/questions/<uuid:public_id>/answer/", watch.QuestionAnswer.as_view()),
]
