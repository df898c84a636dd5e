"""How businesses, their members and invitations are written in JSON."""

from rest_framework import serializers

from apps.users import rules
from apps.users.api.serializers import Strict
from apps.users.models import BusinessInvitation, BusinessKind, BusinessMember, BusinessProfile, BusinessRole


class MemberShown(serializers.ModelSerializer[BusinessMember]):
    """Somebody who belongs to a business."""

    full_name = serializers.CharField(source="user.full_name")
    is_me = serializers.SerializerMethodField()

    class Meta:
        model = BusinessMember
        fields = ["id", "full_name", "role", "joined_at", "is_me"]

    def get_is_me(self, row: BusinessMember) -> bool:
        """Whether it is who asks."""
        return bool(row.user_id == self.context["request"].user.pk)


class BusinessShown(serializers.ModelSerializer[BusinessProfile]):
    """A business, one's own role in it, and everybody's."""

    my_role = serializers.SerializerMethodField()
    members = MemberShown(many=True, source="present")

    class Meta:
        model = BusinessProfile
        fields = ["id", "name", "registration_number", "kind", "my_role", "members", "created_at", "updated_at"]

    def get_my_role(self, row: BusinessProfile) -> str:
        """OWNER, SIGNATORY or VIEWER."""
        asker = self.context["request"].user.pk
        return next((str(member.role) for member in row.present if member.user_id == asker), "")  # type: ignore[attr-defined]


class RegisterBusiness(Strict):
    """A business to bank for. The number is read as its kind has it: BN-…, LLP-…, PVT-… or SHG/…"""

    name = serializers.CharField(max_length=100)
    registration_number = serializers.CharField(max_length=40)
    kind = serializers.ChoiceField(choices=BusinessKind.choices)


class ChangeBusiness(Strict):
    """What to correct."""

    name = serializers.CharField(max_length=100, required=False)
    registration_number = serializers.CharField(max_length=40, required=False)
    kind = serializers.ChoiceField(choices=BusinessKind.choices, required=False)


class InviteMember(Strict):
    """Whom to ask, as what."""

    phone = serializers.CharField(max_length=20)
    role = serializers.ChoiceField(choices=BusinessRole.choices)


class ChangeMember(Strict):
    """Another role."""

    role = serializers.ChoiceField(choices=BusinessRole.choices)


class InvitationSent(serializers.ModelSerializer[BusinessInvitation]):
    """An invitation as its owners see it; it looks the same whether or not the phone is known here."""

    id = serializers.UUIDField(source="public_id")
    phone = serializers.SerializerMethodField()

    class Meta:
        model = BusinessInvitation
        fields = ["id", "phone", "role", "status", "created_at", "expires_at"]

    def get_phone(self, row: BusinessInvitation) -> str:
        """Masked."""
        return rules.masked_phone(str(row.phone))


class InvitationReceived(serializers.ModelSerializer[BusinessInvitation]):
    """An invitation as the person sees who was asked."""

    id = serializers.UUIDField(source="public_id")
    business = serializers.CharField(source="business.name")
    kind = serializers.ChoiceField(choices=BusinessKind.choices, source="business.kind")
    invited_by = serializers.SerializerMethodField()

    class Meta:
        model = BusinessInvitation
        fields = ["id", "business", "kind", "role", "invited_by", "created_at", "expires_at"]

    def get_invited_by(self, row: BusinessInvitation) -> str:
        """First name whole, the others by initial."""
        return rules.half_name(row.invited_by.full_name)
