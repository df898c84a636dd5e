"""What OPTIONS answers."""

from typing import Any

from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request


class AddressMetadata(SimpleMetadata):
    """What an address is called and which formats it reads and writes. What it takes stands in the schema: REST
    framework would ask the view for one serializer, and most of ours have one for each act.
    """

    def determine_actions(self, request: Request, view: Any) -> dict[str, Any]:
        """None."""
        return {}
