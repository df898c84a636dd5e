"""Where exchange answers."""

from django.urls import path

from apps.fx.api import views

urlpatterns = [
    path("api/v1/currency/rates/", views.Rates.as_view(), name="currency-rates"),
    path("api/v1/transactions/fx-rates/", views.Rates.as_view(), name="fx-rates"),
    path("api/v1/currency/convert/", views.Convert.as_view(), name="currency-convert"),
    path("api/v1/currency/quotes/", views.Quotes.as_view({"post": "create"}), name="currency-quotes"),
    path("api/v1/currency/quotes/<uuid:public_id>/", views.Quotes.as_view({"get": "retrieve"}), name="currency-quote"),
]
