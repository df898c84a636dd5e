"""The bank's addresses, and beside them the naive transfer it is measured against."""

from django.urls import include, path

from bench.stock.bare import Naive

urlpatterns = [path("naive/", Naive.as_view(throttle_classes=())), path("", include("kitbank.urls"))]
