"""Where fraud answers."""

from django.urls import path

from apps.fraud.api import views

urlpatterns = [
    path("api/v1/admin/transactions/flagged/", views.Flagged.as_view()),
    path("api/v1/admin/transactions/<int:pk>/review/", views.Review.as_view()),
]
