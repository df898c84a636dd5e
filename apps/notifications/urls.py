"""Where messages, alerts and choices are reached."""

from django.urls import path

from apps.notifications.api import own, staff, webhooks

_TEXTS = "api/v1/automation/notification-templates/"

urlpatterns = [
    path("api/v1/alerts/", own.Alerts.as_view({"get": "list"}), name="alerts"),
    path("api/v1/alerts/subscribe/", own.SubscribeToAlerts.as_view(), name="alerts-subscribe"),
    path("api/v1/alerts/subscriptions/", own.Subscriptions.as_view(), name="alerts-subscriptions"),
    path("api/v1/alerts/<int:pk>/", own.Alerts.as_view({"get": "retrieve", "delete": "destroy"}), name="alert"),
    path(
        "api/v1/alerts/<int:pk>/dismiss/",
        own.Alerts.as_view({"put": "dismiss", "post": "dismiss"}),
        name="alert-dismiss",
    ),
    path("api/v1/alerts/<int:pk>/read/", own.Alerts.as_view({"put": "read", "post": "read"}), name="alert-read"),
    path("api/v1/notifications/preferences/", own.Preferences.as_view(), name="preferences"),
    path("api/v1/notifications/messages/", own.Messages.as_view(), name="messages"),
    path("api/v1/notifications/delivery-report/", staff.DeliveryFigures.as_view(), name="delivery-report"),
    path(_TEXTS, staff.Texts.as_view({"get": "list", "post": "create"}), name="notification-templates"),
    path(
        f"{_TEXTS}<int:pk>/",
        staff.Texts.as_view({"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}),
        name="notification-template",
    ),
    path(f"{_TEXTS}<int:pk>/preview/", staff.Texts.as_view({"post": "preview"}), name="notification-template-preview"),
    path("webhooks/africastalking/delivery", webhooks.AfricasTalkingDelivery.as_view(), name="africastalking-delivery"),
    path(
        "webhooks/africastalking/delivery/<str:token>",
        webhooks.AfricasTalkingDeliveryByPath.as_view(),
        name="africastalking-delivery-by-path",
    ),
]
