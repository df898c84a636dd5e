"""How people, codes, tokens and factors are written in JSON."""

from typing import Any

from rest_framework import serializers

from apps.users.api.strict import Strict as Strict
from apps.users.models import Device, Language, OtpChallenge, Session, User


class SendCode(Strict):
    """Ask for a one-time code."""

    phone = serializers.CharField(max_length=20, required=False)
    email = serializers.CharField(max_length=254, required=False)
    purpose = serializers.ChoiceField(choices=OtpChallenge.Purpose.choices)
    channel = serializers.ChoiceField(
        choices=OtpChallenge.Channel.choices,
        required=False,
        help_text="VOICE: we call and say a new code, 60 seconds after the SMS",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One address."""
        if ("phone" in attrs) == ("email" in attrs):
            raise serializers.ValidationError({"phone": ["Send a phone or an e-mail, one of the two."]})
        by_mail = "email" in attrs
        channel = attrs.setdefault("channel", OtpChallenge.Channel.EMAIL if by_mail else OtpChallenge.Channel.SMS)
        if by_mail != (channel == OtpChallenge.Channel.EMAIL):
            raise serializers.ValidationError({"channel": ["EMAIL goes with an e-mail, SMS and VOICE with a phone."]})
        return attrs


class CodeSent(serializers.Serializer[Any]):
    """A code is on its way; the answer is the same whether or not anyone here has that address."""

    challenge = serializers.UUIDField()
    expires_at = serializers.DateTimeField()
    resend_after_seconds = serializers.IntegerField()
    call_after_seconds = serializers.IntegerField(help_text="When `channel` VOICE may be asked for, for a phone")


class CheckCode(Strict):
    """The code a person read."""

    challenge = serializers.UUIDField()
    code = serializers.CharField(max_length=12)
    purpose = serializers.ChoiceField(choices=OtpChallenge.Purpose.choices)


class CodeChecked(serializers.Serializer[Any]):
    """The challenge is answered and can be used once."""

    challenge = serializers.UUIDField()
    purpose = serializers.CharField()


class SignUp(Strict):
    """Join the bank with a proven phone."""

    challenge = serializers.UUIDField(help_text="An answered JOIN challenge")
    full_name = serializers.CharField(max_length=120)
    id_number = serializers.CharField(max_length=20)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True, default="")
    password = serializers.CharField(max_length=256, trim_whitespace=False)
    date_of_birth = serializers.DateField(required=False, allow_null=True, default=None)
    language = serializers.ChoiceField(choices=Language.choices, default=Language.ENGLISH)


class DeviceAtHand(Strict):
    """What the app calls the device it runs on."""

    device_id = serializers.CharField(max_length=120, required=False, default="")


class LogIn(DeviceAtHand):
    """Phone or e-mail, and password. `login` has the other name `username` for OAuth2 password clients."""

    login = serializers.CharField(max_length=254, required=False)
    username = serializers.CharField(max_length=254, required=False)
    password = serializers.CharField(max_length=256, trim_whitespace=False)
    grant_type = serializers.CharField(max_length=20, required=False)
    scope = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two names."""
        attrs["login"] = attrs.get("login") or attrs.get("username")
        if not attrs["login"]:
            raise serializers.ValidationError({"login": ["Send a phone or an e-mail."]})
        return attrs


class TokensOrFactor(serializers.Serializer[Any]):
    """Tokens, or the second factor that is still missing."""

    access = serializers.CharField(required=False)
    refresh = serializers.CharField(required=False)
    token_type = serializers.CharField(required=False)
    expires_in = serializers.IntegerField(required=False, help_text="Seconds the access token lasts")
    mfa_required = serializers.BooleanField()
    challenge = serializers.UUIDField(required=False)
    method = serializers.CharField(required=False)
    passkey_options = serializers.JSONField(required=False)


class AnswerFactor(DeviceAtHand):
    """The second factor of a sign-in: a code, or a passkey's assertion."""

    challenge = serializers.UUIDField()
    code = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")
    credential = serializers.JSONField(required=False, default=None)


class Refresh(Strict):
    """A refresh token."""

    refresh = serializers.CharField(max_length=2000)


class ForgotPassword(Strict):
    """Phone or e-mail of the profile."""

    login = serializers.CharField(max_length=254)


class ResetPassword(Strict):
    """A new password, with an answered RESET challenge."""

    challenge = serializers.UUIDField()
    password = serializers.CharField(max_length=256, trim_whitespace=False)


class ChangePassword(Strict):
    """The current password and a new one."""

    current_password = serializers.CharField(max_length=256, trim_whitespace=False)
    new_password = serializers.CharField(max_length=256, trim_whitespace=False)


class AskStepUp(Strict):
    """Ask for proof of one act on one's own profile."""

    operation = serializers.ChoiceField(
        choices=["users.factor.add", "users.factor.remove", "users.factor.recovery_codes", "users.ussd_pin.set"]
    )
    factor = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="The factor to remove"
    )
    method = serializers.ChoiceField(choices=["", "SMS", "TOTP", "PASSKEY"], required=False, default="")


class SetUssdPin(Strict):
    """The PIN for USSD."""

    pin = serializers.CharField(max_length=6, min_length=4, write_only=True, help_text="4 to 6 digits")


class AnswerStepUp(Strict):
    """The code, or a passkey's assertion."""

    code = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")
    credential = serializers.JSONField(required=False, default=None)


class StepUp(serializers.Serializer[Any]):
    """A challenge bound to one act."""

    id = serializers.UUIDField()
    operation = serializers.CharField()
    method = serializers.CharField()
    expires_at = serializers.DateTimeField()
    answered = serializers.SerializerMethodField()
    passkey_options = serializers.SerializerMethodField()

    def get_answered(self, row: Any) -> bool:
        """Whether it can be used."""
        return row.answered_at is not None

    def get_passkey_options(self, row: Any) -> dict[str, Any] | None:
        """For `navigator.credentials.get`, when the method is PASSKEY."""
        return (row.state or {}).get("options")


class Profile(serializers.ModelSerializer[User]):
    """A person's own profile."""

    phone = serializers.CharField(read_only=True)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True, allow_null=True)
    id_number = serializers.SerializerMethodField()
    email_confirmed = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id",
            "full_name",
            "phone",
            "email",
            "email_confirmed",
            "id_number",
            "status",
            "kyc_tier",
            "kyc_status",
            "language",
            "created_at",
        ]
        read_only_fields = ["id", "full_name", "status", "kyc_tier", "kyc_status", "created_at"]

    def get_id_number(self, user: User) -> str:
        """The last digits only."""
        return f"•••{user.id_number[-3:]}" if user.id_number else ""

    def get_email_confirmed(self, user: User) -> bool:
        """Whether a code sent to the address was answered."""
        return user.email_confirmed_at is not None


class TotpEnrolmentShown(serializers.Serializer[Any]):
    """What to type or scan into an authenticator app."""

    challenge = serializers.UUIDField()
    secret = serializers.CharField()
    otpauth = serializers.CharField()


class ConfirmTotp(Strict):
    """The first code of the app."""

    challenge = serializers.UUIDField()
    code = serializers.CharField(max_length=12)


class RecoveryCodesShown(serializers.Serializer[Any]):
    """Shown once."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class FactorShown(serializers.Serializer[Any]):
    """One second factor."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class PasskeyOptions(serializers.Serializer[Any]):
    """For `navigator.credentials`."""

    challenge = serializers.CharField()
    options = serializers.JSONField()


class RegisterPasskey(Strict):
    """The credential the browser made."""

    challenge = serializers.UUIDField()
    credential = serializers.JSONField()
    name = serializers.CharField(max_length=60, required=False, default="")


class PasskeyLogin(DeviceAtHand):
    """A passkey's assertion."""

    challenge = serializers.CharField(max_length=4000)
    credential = serializers.JSONField()


class SessionShown(serializers.ModelSerializer[Session]):
    """One stay."""

    device = serializers.CharField(source="device.name")
    is_this_one = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ["id", "door", "device", "ip_address", "created_at", "last_used_at", "expires_at", "is_this_one"]

    def get_is_this_one(self, row: Session) -> bool:
        """Whether it is the stay that asks."""
        return bool(row.pk == getattr(self.context["request"].user.session, "pk", None))


class DeviceShown(serializers.ModelSerializer[Device]):
    """One device."""

    class Meta:
        model = Device
        fields = ["id", "name", "is_trusted", "first_seen_at", "last_seen_at"]


class Ended(serializers.Serializer[Any]):
    """How many stays ended."""

    ended = serializers.IntegerField()
