"""Bodies that may hold nothing but what they name, and how the published schema says so."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers


class Strict(serializers.Serializer[Any]):
    """Refuses members it does not know, so that a misspelt one is not silently dropped."""

    def to_internal_value(self, value: Any) -> Any:
        """Read, after the names are checked."""
        if isinstance(value, dict) and (unknown := set(value) - set(self.fields)):
            raise serializers.ValidationError(
                {name: ["There is no such member."] for name in sorted(map(str, unknown))}
            )
        return super().to_internal_value(value)


class StrictSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """`additionalProperties: false`."""

    target_class = Strict
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> Any:
        """As it would be, and closed."""
        mapped = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**mapped, "additionalProperties": False}
