"""Where messages, alerts and choices are reached."""

from django.urls import path

from apps.notifications.api import inbox, own, staff, webhooks

_TEXTS = "api/v1/automation/notification-templates/"

_THREADS = "api/v1/notifications/threads/"
_THREADS_OF_CUSTOMERS = "api/v1/admin/threads/"
_threads = inbox.Threads.as_view
_of_customers = inbox.StaffThreads.as_view

urlpatterns = [
    path(_THREADS, _threads({"get": "list", "post": "create"}), name="threads"),
    path(f"{_THREADS}<uuid:public_id>/", _threads({"get": "retrieve"}), name="thread"),
    path(f"{_THREADS}<uuid:public_id>/letters/", _threads({"post": "reply"}), name="thread-letters"),
    path(f"{_THREADS}<uuid:public_id>/read/", _threads({"put": "read", "post": "read"}), name="thread-read"),
    path(_THREADS_OF_CUSTOMERS, _of_customers({"get": "list"}), name="admin-threads"),
    path(f"{_THREADS_OF_CUSTOMERS}<uuid:public_id>/", _of_customers({"get": "retrieve"}), name="admin-thread"),
    path(
        f"{_THREADS_OF_CUSTOMERS}<uuid:public_id>/letters/",
        _of_customers({"post": "reply"}),
        name="admin-thread-letters",
    ),
    path(
        f"{_THREADS_OF_CUSTOMERS}<uuid:public_id>/close/", _of_customers({"post": "close"}), name="admin-thread-close"
    ),
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
    path("api/v1/notifications/delivery-report/daily/", staff.DailyFigures.as_view(), name="delivery-report-daily"),
    path(_TEXTS, staff.Texts.as_view({"get": "list", "post": "create"}), name="notification-templates"),
    path(
        f"{_TEXTS}<int:pk>/",
        staff.Texts.as_view({"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}),
        name="notification-template",
    ),
    path(f"{_TEXTS}<int:pk>/preview/", staff.Texts.as_view({"post": "preview"}), name="notification-template-preview"),
    path("webhooks/africastalking/delivery", webhooks.AfricasTalkingDelivery.as_view(), name="africastalking-delivery"),
    path("webhooks/africastalking/voice", webhooks.AfricasTalkingVoice.as_view(), name="africastalking-voice"),
    path(
        "webhooks/africastalking/voice/<str:token>",
        webhooks.AfricasTalkingVoiceByPath.as_view(),
        name="africastalking-voice-by-path",
    ),
    path(
        "webhooks/africastalking/delivery/<str:token>",
        webhooks.AfricasTalkingDeliveryByPath.as_view(),
        name="africastalking-delivery-by-path",
    ),
]
