"""Where fraud answers."""

from django.urls import path

from apps.fraud.api import disputes, views

_disputes = disputes.Disputes.as_view
_ONE = "api/v1/disputes/<uuid:public_id>/"

urlpatterns = [
    path("api/v1/disputes/", _disputes({"get": "list", "post": "create"}), name="disputes"),
    path(_ONE, _disputes({"get": "retrieve"}), name="dispute"),
    path(f"{_ONE}withdraw/", _disputes({"post": "withdraw"}), name="dispute-withdraw"),
    path(f"{_ONE}resolve/", _disputes({"post": "resolve"}), name="dispute-resolve"),
    path("api/v1/admin/transactions/flagged/", views.Flagged.as_view()),
    path("api/v1/admin/transactions/<int:pk>/review/", views.Review.as_view()),
]
