"""What open banking tells."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAuthorised(Event):
    """A customer let an app in."""

    name = "open_banking.consent.authorised"
    consent_id: int
    user_id: int
    app_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRevoked(Event):
    """A consent ended before its time; `by` is PSU, TPP or BANK."""

    name = "open_banking.consent.revoked"
    consent_id: int
    user_id: int | None
    app_id: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentExpired(Event):
    """The time of a consent is over, or nobody authorised it in time."""

    name = "open_banking.consent.expired"
    consent_id: int
    user_id: int | None
    app_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppRegistered(Event):
    """A developer registered an app."""

    name = "open_banking.app.registered"
    app_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppApproved(Event):
    """Two members of staff let an app ask customers."""

    name = "open_banking.app.approved"
    app_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSuspended(Event):
    """An app was stopped; `consents` ended with it."""

    name = "open_banking.app.suspended"
    app_id: int
    consents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInitiated(Event):
    """An app asked for a payment: made, on its way, or waiting for the customer's proof."""

    name = "open_banking.payment.initiated"
    request_id: int
    payment_id: int
    app_id: int
    user_id: int
    consent_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStatusChanged(Event):
    """A payment that an app asked for came to an end; `status` is OBP's word (payments' own events know no app)."""

    name = "open_banking.payment.status"
    request_id: int
    app_id: int
    user_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxPaymentChanged(Event):
    """A payment of the sandbox came to an end. An event of its own, so that nobody takes it for money."""

    name = "open_banking.sandbox.payment"
    payment_id: int
    app_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLinked(Event):
    """A customer linked their accounts at another bank, to read."""

    name = "open_banking.bank.linked"
    link_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkBroken(Event):
    """Accounts at another bank can be read no more; `because` says why."""

    name = "open_banking.bank.broken"
    link_id: int
    user_id: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankUnlinked(Event):
    """A customer took a link away; what was read there is forgotten here."""

    name = "open_banking.bank.unlinked"
    link_id: int
    user_id: int
