"""What the API takes from staff about people, and shows them."""

from typing import Any

from rest_framework import serializers

from apps.kernel.api.approvals import ApprovalAsked as ApprovalAsked
from apps.kernel.serializers import MoneyField
from apps.users import rules
from apps.users.api.strict import Strict as Strict
from apps.users.models import Branch, CustomerNote, Language, StaffMember, User
from apps.users.models.staff import Role
from apps.users.models.user import UserStatus


class CustomerShown(serializers.ModelSerializer[User]):
    """A person as staff see them in a list."""

    phone = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "full_name", "phone", "email", "status", "kyc_tier", "kyc_status", "language", "created_at"]

    def get_phone(self, user: User) -> str:
        """Masked."""
        return rules.masked_phone(user.phone) if user.phone else ""

    def get_email(self, user: User) -> str:
        """Masked."""
        return rules.masked_email(user.email) if user.email else ""


class ChangeStatus(Strict):
    """Suspend, restore or close a profile."""

    status = serializers.ChoiceField(choices=UserStatus.choices)
    reason = serializers.CharField(max_length=400)


class WriteNote(Strict):
    """A note about a customer."""

    text = serializers.CharField(max_length=4000)


class NoteShown(serializers.ModelSerializer[CustomerNote]):
    """A note with its author."""

    author = serializers.CharField(source="author.full_name")

    class Meta:
        model = CustomerNote
        fields = ["id", "author", "text", "created_at"]


class BranchShown(serializers.ModelSerializer[Branch]):
    """An office."""

    class Meta:
        model = Branch
        fields = ["id", "code", "name", "town"]


class OpenBranch(Strict):
    """An office to open; its code is three digits, the first part of its account numbers."""

    code = serializers.RegexField(r"^[0-9]{3}$")
    name = serializers.CharField(max_length=60)
    town = serializers.CharField(max_length=60)


class StaffShown(serializers.ModelSerializer[StaffMember]):
    """A member of staff."""

    full_name = serializers.CharField(source="user.full_name")
    branch = serializers.CharField(source="branch.code")

    class Meta:
        model = StaffMember
        fields = ["id", "full_name", "role", "branch", "approval_limit_minor"]


class AddStaff(Strict):
    """Who begins to work here, with the reason a second person reads. The phone may belong to no profile yet."""

    full_name = serializers.CharField(max_length=120)
    phone = serializers.CharField(max_length=20)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True, default="")
    language = serializers.ChoiceField(choices=Language.choices, default=Language.ENGLISH)
    role = serializers.ChoiceField(choices=Role.choices)
    branch = serializers.SlugRelatedField(slug_field="code", queryset=Branch.objects.all(), help_text="Its code: 001")
    approval_limit = MoneyField(help_text="In KES; zero for none")
    reason = serializers.CharField(max_length=400)


class ChangeRole(Strict):
    """Another role, with the reason a second person reads."""

    role = serializers.ChoiceField(choices=Role.choices)
    reason = serializers.CharField(max_length=400)


class RoleShown(serializers.Serializer[Any]):
    """A role and its permissions."""

    role = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())
