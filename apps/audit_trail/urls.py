"""Where it is reached."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
