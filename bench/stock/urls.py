"""The addresses of the first versions: the bare transfer, and the one with a bank's duties."""

from django.urls import path

from bench.stock.bare import Naive
from bench.stock.duties import Confirm

urlpatterns = [path("naive/", Naive.as_view()), path("payments/<int:pk>/confirm/", Confirm.as_view())]
