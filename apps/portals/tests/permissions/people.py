"""Who asks at the doors: nobody, a customer, and one member of staff of each role, and one of none."""

from django.contrib.auth.models import Permission

from apps.kernel.clock import now
from apps.users import operations
from apps.users.doors import Hand
from apps.users.models import Session, User
from apps.users.models.staff import Role
from apps.users.testing import make_staff

COLUMNS = {
    "nobody": "an",
    "CUSTOMER": "cu",
    "NO_ROLE": "st",
    Role.SUPER_ADMIN: "SA",
    Role.ADMIN: "AD",
    Role.BRANCH_MANAGER: "BM",
    Role.LOAN_OFFICER: "LO",
    Role.TELLER: "TE",
    Role.KYC_OFFICER: "KY",
    Role.COMPLIANCE_OFFICER: "CO",
    "MLRO": "ML",
    Role.SUPPORT_AGENT: "SU",
    Role.ANALYST: "AN",
    Role.AUDITOR: "AU",
}


def everybody(customer: User) -> dict[str, User | None]:
    """One person for each column, their rights read already."""
    people: dict[str, User | None] = {"nobody": None, "CUSTOMER": customer}
    people |= {role: make_staff(role, limit_minor=10**9) for role in COLUMNS if role in Role.values}
    people["MLRO"], people["NO_ROLE"] = mlro, rightless = make_staff("COMPLIANCE_OFFICER"), make_staff("TELLER")
    mlro.user_permissions.add(Permission.objects.get(codename="approve_str"))
    rightless.groups.clear()
    for person in people.values():
        if person is not None:
            person.get_all_permissions()
            operations.open_token_session(user=person, hand=Hand("test", "Test phone"), at=now())
            person.session = Session.objects.filter(user=person).latest("pk")  # type: ignore[attr-defined]
    return {column: people[column] for column in COLUMNS}
