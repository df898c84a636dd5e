"""Opening accounts."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import policies, rules
from apps.accounts.errors import NotKnownYet
from apps.accounts.events import AccountOpened
from apps.accounts.models import POTS, Account, AccountType, Product
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import NotAllowed
from apps.kernel.money import Money
from apps.kernel.written import Written, insert
from apps.ledger import operations as ledger
from apps.users.models import BusinessProfile, Tier, User, UserStatus
from apps.users.operations.businesses import locked
from apps.users.policies import require_owner
from apps.users.queries import somebody_locked

HEAD_OFFICE = "001"

# Everybody who joins is asked for twice: by the page that takes them in, and by the event that they joined.
_FIRST_PRODUCTS = Written(
    lambda owner: (
        Product.objects.filter(opens_at_registration=True, is_active=True)
        .exclude(pk__in=Account.objects.filter(owner=owner).values("product"))
        .order_by("pk")
    ),
    owner=-1,
)


@transaction.atomic
def open_account(*, owner: User, product: Product, by: User, at: datetime, nickname: str = "") -> Account:
    """Open an account of a product, with its own ledger account and number. Raises NotAllowed."""
    return _opened_if_allowed(owner, product, by, at, nickname)


def _opened_if_allowed(owner: User, product: Product, by: User, at: datetime, nickname: str = "") -> Account:
    if not owner.is_active or not product.is_active or product.account_type in (*POTS, AccountType.BUSINESS):
        raise NotAllowed(_("This account cannot be opened now. Nothing was done."))
    return opened(owner=owner, product=product, by=by, at=at, nickname=nickname)


@transaction.atomic
def open_business_account(
    *, business: BusinessProfile, product: Product, by: User, at: datetime, nickname: str = ""
) -> Account:
    """Open an account that a business holds, once the bank knows it; owners only. Raises NotFound, NotAllowed,
    NotKnownYet.
    """
    business = locked(business)
    require_owner(by, business)
    party = User.objects.get(pk=business.party_id)
    if party.kyc_status not in ("VERIFIED", "PENDING") or party.kyc_tier == Tier.TIER_1:
        raise NotKnownYet(_("We do not know this business yet. Nothing was done. Verify it first."))
    if not party.is_active or not product.is_active or product.account_type != AccountType.BUSINESS:
        raise NotAllowed(_("This account cannot be opened now. Nothing was done."))
    return opened(owner=party, product=product, by=by, at=at, nickname=nickname)


@transaction.atomic
def open_house_account(*, name: str, product: Product, by: User, at: datetime) -> Account:
    """An account of the bank itself, from which it pays people in batches; the same name again is the same account.

    Money comes to it by the ledger, as the treasurer books it.
    """
    bank = User.objects.select_for_update().get(is_service=True)
    held = Account.objects.filter(owner=bank, nickname=name[:40], currency=product.currency).open().first()
    return held or opened(owner=bank, product=product, by=by, at=at, nickname=name)


def opened(*, owner: User, product: Product, by: User, at: datetime, nickname: str) -> Account:
    """A new account, whatever its kind, within the caller's transaction; who may have one was looked at before, but
    for sanctions. Raises NotAllowed.
    """
    policies.require_not_sanctioned(owner)
    # A profile that is being closed closes its accounts: it waits for this one, or this one for it.
    if not _still_here(owner):
        raise NotAllowed(_("This account cannot be opened now. Nothing was done."))
    number = rules.account_number(HEAD_OFFICE, _next_serial())
    held = ledger.open_account(
        code=f"customer/{number}",
        name=f"{product.name} {number}",
        kind="LIABILITY",
        currency=product.currency,
        mode="LOCKED",
        floor=Money(product.floor_minor, product.currency),
        owner_reference=f"accounts/{number}",
        parent_code=ledger.gl(f"accounts:{product.account_type.lower()}", product.currency).code,
        at=at,
    )
    account = Account(
        owner=owner,
        product=product,
        ledger_account_id=held.id,
        number=number,
        account_type=product.account_type,
        currency=product.currency,
        nickname=nickname.strip()[:40],
        opened_at=at,
    )
    insert([account])
    audit_trail.record("accounts.account.opened", on=account, by=by, at=at, after={"product": product.code})
    events.publish(AccountOpened(account_id=account.pk, owner_id=owner.pk))
    return account


@transaction.atomic
def open_first_accounts(*, owner: User, by: User, at: datetime) -> list[Account]:
    """A current and a savings account for a new customer, once however often it is asked."""
    somebody_locked(owner.pk)
    missing: list[Product] = _FIRST_PRODUCTS.rows(owner=owner.pk)
    return [_opened_if_allowed(owner, one, by, at) for one in missing]


def _still_here(owner: User) -> bool:
    here = User.objects.select_for_update(of=("self",), no_key=True).exclude(status=UserStatus.CLOSED)
    return here.filter(pk=owner.pk).values_list("pk").first() is not None


def _next_serial() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('accounts_number_seq')")
        serial: int = cursor.fetchone()[0]
    return serial
