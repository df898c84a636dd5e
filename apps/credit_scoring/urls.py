"""Where scoring answers."""

from typing import Any

from django.urls import path

from apps.credit_scoring.api import staff, views

_BASE = "api/v1/credit-scoring"
_LISTS: dict[str, Any] = {"get": "list"}
_MAKES: dict[str, Any] = {"get": "list", "post": "create"}
_scores, _decisions = views.Scores.as_view, staff.Decisions.as_view
_models, _warnings = staff.Models.as_view, staff.Warnings.as_view
_DECISION = f"{_BASE}/decisions/<uuid:public_id>/"

urlpatterns = [
    path("api/v1/ai/credit-score/", _scores({"post": "create"}), name="credit-score"),
    path(f"{_BASE}/scores/", _scores({"get": "list", "post": "create"}), name="credit-scores"),
    path(f"{_BASE}/scores/<int:pk>/", _scores({"get": "retrieve"}), name="credit-score-one"),
    *(
        row
        for noun, view, verbs in (
            ("loan-eligibilities", views.Eligibilities, _MAKES),
            ("payment-history-analyses", views.Histories, _LISTS),
            ("default-predictions", staff.Predictions, _LISTS),
        )
        for row in (
            path(f"{_BASE}/{noun}/", view.as_view(verbs), name=noun),
            path(f"{_BASE}/{noun}/<int:pk>/", view.as_view({"get": "retrieve"}), name=f"{noun}-one"),
        )
    ),
    path(f"{_BASE}/early-warnings/", _warnings({"get": "list"}), name="early-warnings"),
    path(f"{_BASE}/early-warnings/<int:pk>/", _warnings({"get": "retrieve"}), name="early-warning"),
    path(f"{_BASE}/early-warnings/<int:pk>/take/", _warnings({"post": "take"}), name="early-warning-take"),
    path(f"{_BASE}/decisions/", _decisions({"get": "list"}), name="credit-decisions"),
    path(_DECISION, _decisions({"get": "retrieve"}), name="credit-decision"),
    path(f"{_DECISION}review/", _decisions({"post": "review"}), name="credit-decision-review"),
    path(f"{_DECISION}override/", _decisions({"post": "override"}), name="credit-decision-override"),
    path(f"{_BASE}/models/", _models({"get": "list"}), name="credit-models"),
    path(f"{_BASE}/models/<int:pk>/", _models({"get": "retrieve"}), name="credit-model"),
    path(f"{_BASE}/models/<int:pk>/promote/", _models({"post": "promote"}), name="credit-model-promote"),
    path(f"{_BASE}/model/drift/", staff.Drift.as_view(), name="credit-model-drift"),
]
