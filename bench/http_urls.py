"""The bank's addresses, and beside them the naive transfer it is measured against."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench import orm


class Naive(APIView):
    """What a first version looks like."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def post(self, request: Request) -> Response:
        """Move the money."""
        asked = request.data
        orm.transfer(asked["reference"], asked["payer"], asked["payee"], asked["amount"])
        return Response({"status": "done"})


urlpatterns = [path("naive/", Naive.as_view()), path("", include("kitbank.urls"))]
