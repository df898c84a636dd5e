"""Where an app's payments are asked for: at the bank itself, or for an app in the sandbox among its made-up people.

One is chosen for each app; the addresses of this API know no other difference between the two.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from apps.open_banking import operations
from apps.open_banking.errors import ChallengeSpent, WrongSandboxCode
from apps.open_banking.models import SandboxPayment, ThirdPartyApp, TransactionRequest
from apps.open_banking.names import account_named
from apps.open_banking.obp.caller import AppCaller, Caller, Held
from apps.open_banking.obp.orders import order_of
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.request_shapes import Shown, of_books, of_sandbox
from apps.open_banking.obp.sandbox_orders import sandbox_order_of
from apps.open_banking.operations import sandbox
from apps.payments.models import PaymentStatus
from apps.users import operations as people
from apps.users.errors import CodeExpired, CodeSpent, WrongCode

Asker = Caller | AppCaller


class Desk(Protocol):
    """What the addresses of payments need. Rows are of one table or the other; `shown` says what is in them."""

    def order(self, caller: Caller, held: Held, kind: str, body: dict[str, Any]) -> Any:
        """What is asked for; outside any transaction, because a rail may be asked. Raises Refused."""

    def ask(self, caller: Caller, order: Any) -> Any:
        """Begin it; a row."""

    def asked(self, caller: Asker, account: str = "") -> QuerySet[Any]:
        """What this app asked for, the newest first; of one account when one is named."""

    def one(self, caller: Asker, name: UUID, account: str = "") -> Any | None:
        """One of them."""

    def shown(self, rows: Sequence[Any], at: datetime) -> list[Shown]:
        """Rows as they are written."""

    def is_stopped(self, row: Any) -> bool:
        """Whether the screen stopped it: it is kept, so that is said without raising."""

    def prove(self, caller: Caller, row: Any, answer: str) -> None:
        """Spend a try, outside any transaction. Raises Refused."""

    def make(self, caller: Caller, row: Any) -> Any:
        """Make what was proven."""

    def reject(self, caller: Caller, row: Any) -> Any:
        """The customer does not want it."""


class Bank:
    """Payments of customers, by `payments`."""

    def order(self, caller: Caller, held: Held, kind: str, body: dict[str, Any]) -> operations.Order:
        """By payees of the bank and its rails."""
        return order_of(caller, held, kind, body)

    def ask(self, caller: Caller, order: operations.Order) -> TransactionRequest:
        """With the consent used up in the same transaction, or a challenge sent."""
        return operations.ask_to_pay(asking=caller.asking, order=order, at=caller.at)

    def asked(self, caller: Asker, account: str = "") -> QuerySet[TransactionRequest]:
        """By the customer of the token, or of all for the app's own."""
        rows = TransactionRequest.objects.of(caller.app, caller.user).shown().order_by("-pk")
        return rows.filter(account=account_named(account) or 0) if account else rows

    def one(self, caller: Asker, name: UUID, account: str = "") -> TransactionRequest | None:
        """With its consent, which making it locks."""
        return self.asked(caller, account).select_related("consent__terms").filter(public_id=name).first()

    def shown(self, rows: Sequence[TransactionRequest], at: datetime) -> list[Shown]:
        """With the lines they made."""
        return of_books(rows, at)

    def is_stopped(self, row: TransactionRequest) -> bool:
        """Kept as FAILED."""
        return row.payment.status == PaymentStatus.FAILED

    def prove(self, caller: Caller, row: TransactionRequest, answer: str) -> None:
        """The code of the SMS. Raises Refused."""
        try:
            people.answer(challenge_id=str(row.payment.challenge), user=caller.user, answer=answer, at=caller.at)
        except (WrongCode, CodeExpired) as no:
            raise Refused(40016, str(no)) from no
        except CodeSpent as no:
            operations.give_up(request=row, by=caller.user, at=caller.at)
            raise Refused(40014) from no

    def make(self, caller: Caller, row: TransactionRequest) -> TransactionRequest:
        """By the answered challenge."""
        return operations.make_proven(request=row, by=caller.user, at=caller.at)

    def reject(self, caller: Caller, row: TransactionRequest) -> TransactionRequest:
        """Nothing moves any more."""
        return operations.reject_request(request=row, by=caller.user, at=caller.at)


class SandboxDesk:
    """Payments of personas, among the accounts of one developer."""

    def order(self, caller: Caller, held: Held, kind: str, body: dict[str, Any]) -> sandbox.SandboxOrder:
        """By payees of the sandbox; nobody outside it is asked."""
        return sandbox_order_of(caller, held, kind, body)

    def ask(self, caller: Caller, order: sandbox.SandboxOrder) -> SandboxPayment:
        """As at the bank, with the outcome that the cents of the amount ask for."""
        if caller.persona is None:
            raise Refused(20003)
        return sandbox.ask_to_pay(asking=caller.asking, persona=caller.persona, order=order, at=caller.at)

    def asked(self, caller: Asker, account: str = "") -> QuerySet[SandboxPayment]:
        """By the persona of the token, or of all for the app's own."""
        rows = SandboxPayment.objects.of(caller.app, caller.persona).shown().order_by("-pk")
        return rows.filter(account__public_id=_uuid(account)) if account else rows

    def one(self, caller: Asker, name: UUID, account: str = "") -> SandboxPayment | None:
        """By its id."""
        return self.asked(caller, account).filter(public_id=name).first()

    def shown(self, rows: Sequence[SandboxPayment], at: datetime) -> list[Shown]:
        """Their lines stand in them."""
        return of_sandbox(rows, at)

    def is_stopped(self, row: SandboxPayment) -> bool:
        """By its amount."""
        return row.status == SandboxPayment.Status.FAILED

    def prove(self, caller: Caller, row: SandboxPayment, answer: str) -> None:
        """The answer that the page tells. Raises Refused."""
        try:
            sandbox.answer(payment=row, given=answer, at=caller.at)
        except WrongSandboxCode as no:
            raise Refused(40016, str(no)) from no
        except ChallengeSpent as no:
            raise Refused(40014) from no

    def make(self, caller: Caller, row: SandboxPayment) -> SandboxPayment:
        """By the answered challenge."""
        return sandbox.make_proven(payment=row, by=caller.user, at=caller.at)

    def reject(self, caller: Caller, row: SandboxPayment) -> SandboxPayment:
        """Nothing moves any more."""
        return sandbox.reject(payment=row, by=caller.user, at=caller.at)


def _uuid(text: str) -> UUID:
    """An id, or for what is none the one that nothing has."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


_BANK, _SANDBOX = Bank(), SandboxDesk()


def desk_of(app: ThirdPartyApp) -> Desk:
    """Where this app pays."""
    return _SANDBOX if app.is_sandbox else _BANK
