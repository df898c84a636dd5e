"""Where channels answer."""

from django.urls import path

from apps.messaging.api import webhooks

urlpatterns = [
    path("webhooks/africastalking/ussd", webhooks.Ussd.as_view(), name="africastalking-ussd"),
    path("webhooks/africastalking/ussd/<str:token>", webhooks.UssdByPath.as_view(), name="africastalking-ussd-path"),
    path("webhooks/africastalking/opt-out", webhooks.OptOut.as_view(), name="africastalking-opt-out"),
    path(
        "webhooks/africastalking/opt-out/<str:token>",
        webhooks.OptOutByPath.as_view(),
        name="africastalking-opt-out-path",
    ),
]
