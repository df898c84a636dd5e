"""A transfer and nothing else."""

from typing import Any

from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.authentication import JWTAuthentication

from bench import orm


class Asked(serializers.Serializer[Any]):
    """Who pays whom how much."""

    payer = serializers.IntegerField(min_value=1)
    payee = serializers.IntegerField(min_value=1)
    amount = serializers.IntegerField(min_value=1)
    reference = serializers.CharField(max_length=120)


class Naive(APIView):
    """A token, a serializer, and the transfer of `bench.orm`."""

    authentication_classes = (JWTAuthentication,)
    permission_classes = (IsAuthenticated,)

    def post(self, request: Request) -> Response:
        """Move the money."""
        asked = Asked(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        moved = orm.transfer(fields["reference"], fields["payer"], fields["payee"], fields["amount"])
        return Response({"id": moved.pk, "reference": moved.reference, "status": "done"})
