"""Third parties, consents, and the codes and tokens bound to them."""

from apps.open_banking.models.app import AppSecret, DeveloperAccount, ThirdPartyApp, secret_print
from apps.open_banking.models.consent import (
    AccessLog,
    Actor,
    Consent,
    ConsentAccount,
    ConsentEvent,
    ConsentQuerySet,
    ConsentType,
    Permission,
    Resource,
    UnattendedReads,
)
from apps.open_banking.models.header import ConsentRequest, HeaderConsent
from apps.open_banking.models.key import SigningKey
from apps.open_banking.models.linked import LinkedAccount, LinkedBank, LinkedLine, LinkStatus, OtherBank, Trouble
from apps.open_banking.models.own import CounterpartyLimit, CustomView
from apps.open_banking.models.payment import Limits, PaymentTerms, TransactionRequest
from apps.open_banking.models.proof import PushedRequest, UsedAssertion
from apps.open_banking.models.sandbox import SandboxAccount, SandboxLine, SandboxPersona
from apps.open_banking.models.sandbox_payment import SandboxPayment, SandboxTerms, limits_of
from apps.open_banking.models.token import AccessToken, AuthorisationCode, DeviceGrant, IdToken, RefreshToken

__all__ = [
    "AccessLog",
    "AccessToken",
    "Actor",
    "AppSecret",
    "AuthorisationCode",
    "Consent",
    "ConsentAccount",
    "ConsentEvent",
    "ConsentQuerySet",
    "ConsentRequest",
    "ConsentType",
    "CounterpartyLimit",
    "CustomView",
    "DeveloperAccount",
    "DeviceGrant",
    "HeaderConsent",
    "IdToken",
    "Limits",
    "LinkStatus",
    "LinkedAccount",
    "LinkedBank",
    "LinkedLine",
    "OtherBank",
    "PaymentTerms",
    "Permission",
    "PushedRequest",
    "RefreshToken",
    "Resource",
    "SandboxAccount",
    "SandboxLine",
    "SandboxPayment",
    "SandboxPersona",
    "SandboxTerms",
    "SigningKey",
    "ThirdPartyApp",
    "TransactionRequest",
    "Trouble",
    "UnattendedReads",
    "UsedAssertion",
    "limits_of",
    "secret_print",
]
