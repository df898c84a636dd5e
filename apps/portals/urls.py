"""Where pages answer."""

from django.urls import URLPattern, URLResolver

app_name = "customer"
urlpatterns: list[URLPattern | URLResolver] = []
