"""Who works in the demo bank, where, and with what in the tills."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group

from apps.accounts import operations as accounts
from apps.accounts.models import Till
from apps.kernel import approvals
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.users.models import Branch, StaffMember, User
from apps.users.queries import system_user

BRANCHES = [("001", "Head office", "Nairobi"), ("002", "Oginga Odinga Street", "Kisumu"), ("003", "Nyali", "Mombasa")]


@dataclass(frozen=True, slots=True)
class Place:
    """A post in the bank: how to sign in, and what they may approve (whole shillings)."""

    name: str
    email: str
    phone: str
    role: str
    branch: str
    limit: int = 0


STAFF = [
    Place("Brian Kiptoo", "teller@kitbank.example", "+254711000001", "TELLER", "002"),
    Place("Faith Mwende", "manager@kitbank.example", "+254711000002", "BRANCH_MANAGER", "002", 1_000_000),
    Place("Samuel Oduor", "support@kitbank.example", "+254711000003", "SUPPORT_AGENT", "001"),
    Place("Halima Abdi", "compliance@kitbank.example", "+254711000004", "COMPLIANCE_OFFICER", "001"),
    Place("Esther Njeri", "auditor@kitbank.example", "+254711000005", "AUDITOR", "001"),
    Place("Victor Omondi", "admin@kitbank.example", "+254711000006", "ADMIN", "001", 5_000_000),
    Place("Naomi Wambui", "super@kitbank.example", "+254711000007", "SUPER_ADMIN", "001", 10_000_000),
    Place("Daniel Kimani", "super2@kitbank.example", "+254711000010", "SUPER_ADMIN", "001", 10_000_000),
    Place("Lilian Akoth", "kyc@kitbank.example", "+254711000009", "KYC_OFFICER", "001"),
    Place("Peter Charo", "teller2@kitbank.example", "+254711000008", "TELLER", "003"),
]


def open_the_bank(*, password: str, at: datetime) -> dict[str, User]:
    """Branches, staff, the owners' capital, and cash in the tills by four eyes. Returns staff by e-mail."""
    places = {
        code: Branch.objects.update_or_create(code=code, defaults={"name": name, "town": town})[0]
        for code, name, town in BRANCHES
    }
    staff = {post.email: _hire(post, places[post.branch], password, at) for post in STAFF}
    ledger.post(
        reference="demo/capital",
        kind="CAPITAL",
        narrative="The owners' capital",
        legs=[
            ledger.debit("cash:vault", Money.of("40000000", "KES")),
            ledger.debit("bank:settlement", Money.of("400000000", "KES")),
            ledger.credit("equity:capital", Money.of("440000000", "KES")),
        ],
        at=at,
    )
    for email in ("teller@kitbank.example", "teller2@kitbank.example"):
        _give_till(staff[email], staff["manager@kitbank.example"], at)
    return staff


def _hire(post: Place, branch: Branch, password: str, at: datetime) -> User:
    user = User.objects.create_user(
        password=password, full_name=post.name, email=post.email, phone=post.phone, is_staff=True, created_at=at
    )
    user.groups.set([Group.objects.get(name=post.role)])
    StaffMember.objects.create(user=user, role=post.role, branch=branch, approval_limit_minor=post.limit * 100)
    return user


def _give_till(teller: User, manager: User, at: datetime) -> Till:
    branch = StaffMember.objects.get(user=teller).branch
    till = accounts.open_till(teller=teller, branch=branch, currency="KES", by=system_user(), at=at)
    asked = accounts.fund_till(till=till, amount=Money.of("900000", "KES"), reason="Opening cash", by=teller, at=at)
    approvals.approve(approval=asked, by=manager, at=at, note="Counted together")
    return till
