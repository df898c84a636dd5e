"""The way into a group by API: its slug, its members by number, and everything in it by ids that people may see."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from apps.chamas import policies
from apps.chamas.models import ChamaGroup, Membership
from apps.kernel.money import CurrencyMismatch, Money
from apps.users.doors import signed_in
from apps.users.rules import half_name

TAGS = ["groups"]


class Named(serializers.Serializer[Any]):
    """A member as the others read them; numbers count from 1 in the order of joining."""

    number = serializers.IntegerField(min_value=1)
    name = serializers.SerializerMethodField()

    def get_name(self, row: Membership) -> str:
        """`Wanjiku K.`"""
        return half_name(row.user.full_name)


class Room(GenericAPIView[Any]):
    """A door of one group: who does not belong to it finds nothing there."""

    throttle_scope = "money"
    filter_backends = ()
    queryset = ChamaGroup.objects.none()
    lookup_field = "slug"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the body is read: whatever a stranger sends, nothing is here. Raises Http404."""
        super().initial(request, *args, **kwargs)
        rows = ChamaGroup.objects.visible_to(signed_in(request))
        self._here: ChamaGroup = get_object_or_404(rows, slug=kwargs["slug"])

    def group(self) -> ChamaGroup:
        """The group of the address, of which the caller is a member."""
        return self._here

    def own(self, group: ChamaGroup) -> Membership:
        """The caller's own place in it."""
        return policies.membership(signed_in(self.request), group)


def people(group: ChamaGroup) -> Any:
    """Members of now and of before, with their names."""
    return Membership.objects.filter(group=group).select_related("user", "account__owner", "group")


def member_of(group: ChamaGroup, number: int) -> Membership:
    """The member of a number. Raises Http404."""
    found: Membership = get_object_or_404(people(group), number=number)
    return found


def numbers(group: ChamaGroup) -> dict[int, int]:
    """The numbers of members by their rows."""
    return dict(Membership.objects.filter(group=group).values_list("pk", "number"))


def in_currency(group: ChamaGroup, amount: Money) -> Money:
    """The amount, when it is in the group's currency. Raises CurrencyMismatch."""
    if amount.currency != group.currency:
        raise CurrencyMismatch(_("The group saves in %(currency)s. No money moved.") % {"currency": group.currency})
    return amount
