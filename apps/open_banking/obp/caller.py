"""Who calls, and what they may see: each account through the permissions that the customer gave, narrowed by a view."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from apps.accounts.models import Account
from apps.kernel.throttles import Allowance
from apps.open_banking import operations
from apps.open_banking.errors import ConsentRequired, TooManyReads
from apps.open_banking.models import Consent, CustomView, Permission, SandboxAccount, SandboxPersona, ThirdPartyApp
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.sight import NEEDS, given_whole_by, known, touched_by
from apps.open_banking.obp.source import Source, source_of
from apps.users.models import User

_EVERYTHING = frozenset(Permission.values)
_A, _B, _T = (
    frozenset({Permission.ACCOUNTS, one}) for one in (Permission.ACCOUNTS, Permission.BALANCES, Permission.TRANSACTIONS)
)
# A view narrows what the customer allowed, and never widens it. `owner`: all of what they allowed.
VIEWS: dict[str, frozenset[str]] = {
    "owner": _EVERYTHING,
    "ReadAccountsBasic": _A,
    "ReadAccountsDetail": _A,
    "ReadBalances": _B,
    "ReadTransactionsBasic": _T,
    "ReadTransactionsDetail": _T,
}
_ID = re.compile(r"[A-Za-z0-9._-]{1,255}")


@dataclass(frozen=True, slots=True)
class Held:
    """An account as a caller may see it: through which permissions, and through a view of the owner's own by which of
    its words alone (`sight.py`).
    """

    account: Account | SandboxAccount
    name: str
    permissions: frozenset[str]
    words: frozenset[str] | None = None

    @property
    def real(self) -> Account:
        """The account in the bank's books. Raises Refused for one of the sandbox."""
        if not isinstance(self.account, Account):
            raise Refused(20017, "Accounts of the sandbox are read and paid from, and nothing else is done with them.")
        return self.account

    @property
    def made_up(self) -> SandboxAccount:
        """The account of the sandbox. Raises Refused for one in the bank's books."""
        if not isinstance(self.account, SandboxAccount):
            raise Refused(20017, "The account is not one of the sandbox.")
        return self.account

    def through(self, view: str, sees: frozenset[str]) -> "Held":
        """The same through a view of the bank's, which narrows and never widens. Raises Refused."""
        seen = self.permissions & sees
        if view != "owner" and seen != sees:
            raise Refused(20017, f"Current VIEW_ID is {view}")
        return Held(self.account, self.name, seen)

    def through_own(self, row: CustomView) -> "Held":
        """The same through a view of the owner's own: word by word, as far as the customer allowed. Raises Refused."""
        words = known(row.permissions)
        seen = self.permissions & touched_by(words)
        if not seen:
            raise Refused(20017, f"Current VIEW_ID is {row.view_id}")
        return Held(self.account, self.name, seen, words)

    def sees(self, word: str) -> bool:
        """Whether one of OBP's words for a view holds: the customer allowed it, and the view names it."""
        return NEEDS[word] in self.permissions and (self.words is None or word in self.words)

    def require(self, permission: str, word: str = "") -> None:
        """Raises Refused unless the customer allowed this, and the view names the word."""
        if permission not in self.permissions:
            raise Refused(20017, "The customer did not allow this (consent_required).")
        if word and not self.sees(word):
            raise Refused(30022, f"The view does not name can_{word}.")


@dataclass
class Caller:
    """One request's caller. Accounts are read once, when they are first needed.

    In the sandbox `user` is the app's developer, and `persona` who they act as.
    """

    app: ThirdPartyApp
    user: User
    consent: Consent | None
    scopes: frozenset[str]
    at: datetime
    person_present: bool
    interaction_id: uuid.UUID
    limit: Allowance
    left: list[str] = field(default_factory=list)
    persona: SandboxPersona | None = None

    @property
    def person(self) -> User | SandboxPersona:
        """Who the customer is, as the app may be told."""
        return self.persona or self.user

    @property
    def source(self) -> Source:
        """What is read."""
        return source_of(self.app)

    @property
    def asking(self) -> operations.Asking:
        """Who asks, as a payment takes it."""
        return operations.Asking(
            app=self.app, user=self.user, consent=self.consent, person_present=self.person_present,
            interaction_id=self.interaction_id,
        )  # fmt: skip

    @cached_property
    def accounts(self) -> dict[str, Held]:
        """The accounts this caller may see, as third parties call them; those that closed or changed hands are out."""
        found: dict[str, Held] = {}
        for account, name, permission in self.source.given(self.consent, self.user, self.persona):
            so_far = found[name].permissions if name in found else frozenset()
            found[name] = Held(account, name, so_far | {permission})
        return found

    def account(self, name: str, view: str = "owner") -> Held:
        """One of them, through a view. Raises Refused."""
        if not _ID.fullmatch(name):
            raise Refused(30110)
        if name not in self.accounts:
            raise Refused(30018, f"Current ACCOUNT_ID is {name}")
        held = self.accounts[name]
        return held.through(view, VIEWS[view]) if view in VIEWS else held.through_own(self.own_view(held, view))

    def given_through(self, held: Held, view: str) -> frozenset[str]:
        """What a consent through a view is given for: one of the bank's, or its owner's own (`_…`). Raises Refused."""
        return VIEWS[view] if view in VIEWS else given_whole_by(known(self.own_view(held, view).permissions))

    def own_view(self, held: Held, view: str) -> CustomView:
        """One of the owner's own. Raises Refused."""
        own = next((row for row in self.own_views(held) if row.view_id == view), None) if view[:1] == "_" else None
        if own is None:
            raise Refused(30005, f"Current VIEW_ID is {view[:80]}")
        return own

    def own_views(self, held: Held) -> Sequence[CustomView]:
        """The owner's own views of an account; accounts of the sandbox have none."""
        if not isinstance(held.account, Account):
            return ()
        return list(CustomView.objects.filter(account=held.account).order_by("view_id"))

    def with_permission(self, permission: str, view: str = "owner") -> list[Held]:
        """Those that may be asked for one thing. Raises Refused when there is none."""
        if view not in VIEWS:  # one's own views are of one account
            raise Refused(30005, f"Current VIEW_ID is {view[:80]}")
        found = [Held(one.account, one.name, one.permissions & VIEWS[view]) for one in self.accounts.values()]
        found = [one for one in found if permission in one.permissions]
        if not found:
            raise Refused(20017, "The customer did not allow this (consent_required).")
        return found

    def let_leave(
        self, held: Sequence[Held], resource: str, fields: Sequence[str], *, rows: int = 1, counts: bool = True
    ) -> None:
        """Write down what is about to leave, or stop it: the last thing before an answer. Raises Refused."""
        leaving = operations.Leaving(
            app_id=self.app.pk, user_id=self.user.pk, consent=self.consent,
            accounts=[one.account.pk for one in held] if held else [None] if resource == "IDENTITY" else [],
            resource=resource, fields=",".join(fields), rows=rows, person_present=self.person_present,
            interaction_id=self.interaction_id, counts=counts, is_sandbox=self.app.is_sandbox,
        )  # fmt: skip
        try:
            operations.let_leave(leaving=leaving, at=self.at)
        except ConsentRequired as no:
            raise Refused(35005) from no
        except TooManyReads as no:
            raise Refused(10018, str(no)) from no


@dataclass(frozen=True, slots=True)
class Person:
    """One request of a signed-in person by the bank's own token: a developer, or staff."""

    user: User
    at: datetime
    interaction_id: uuid.UUID
    limit: Allowance


@dataclass(frozen=True, slots=True)
class AppCaller:
    """One request of an app by itself: nobody's customer, nobody's accounts."""

    app: ThirdPartyApp
    scopes: frozenset[str]
    at: datetime
    interaction_id: uuid.UUID
    limit: Allowance
    user: None = None
    persona: None = None
    consent: None = None
