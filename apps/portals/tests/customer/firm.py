"""A business with something on each of its pages."""

from typing import Any

from apps.accounts.operations import propose_mandate
from apps.accounts.signing import Band
from apps.accounts.testing import business_account, kes, make_account, make_mandate
from apps.kernel.clock import local_date, now
from apps.kyc.operations import business as kyc
from apps.kyc.operations.business import Person
from apps.kyc.testing import bring_for, business_papers, member_of
from apps.payments.operations import ask_joint, ask_joint_order, place_here
from apps.payments.schedule import Schedule
from apps.users.models import BusinessProfile

POSTS_ONLY = (
    "business-hand-in", "business-mandate-code", "business-payment-code", "business-payment-end",
    "business-order-code", "business-order-end", "business-order-skip",
)  # fmt: skip


def pages_of(firm: BusinessProfile) -> dict[str, list[Any]]:
    """The arguments of each page by its name."""
    owner, at = firm.created_by, now()
    kyc.start(business=firm, by=owner, at=at)
    member = member_of(firm, owner)
    person = kyc.name_person(business=firm, person=Person(is_director=True, member=member), by=owner, at=at)
    paper: Any = bring_for(firm, business_papers(firm)[0], at)
    account = business_account(firm, balance="5000")
    make_mandate(firm, owner)
    to = make_account().number
    joint = ask_joint(from_account=account, to=to, amount=kes("10"), key="one", by=owner, at=at)
    order = ask_joint_order(
        from_account=account, where=place_here(to=to, owner=firm.party, at=at), amount=kes("20"),
        schedule=Schedule("WEEKLY", local_date(at)), key="rent", by=owner, at=at,
    )  # fmt: skip
    propose_mandate(business=firm, signatories=[owner.pk], bands=[Band(None, "ANY")], by=owner, at=at)
    alone = ("kyc", "who", "somebody", "money", "mandate", "propose", "pay", "arrange")
    return {f"business-{name}": [firm.pk] for name in alone} | {
        "business-name-member": [firm.pk, member],
        "business-person": [firm.pk, person.public_id],
        "business-bring": [firm.pk, "TAX_PIN", "PAGE"],
        "business-bring-of": [firm.pk, "NATIONAL_ID", "FRONT", person.public_id],
        "business-paper": [firm.pk, paper.public_id],
        "business-payment": [firm.pk, joint.payment.public_id],
        "business-order": [firm.pk, order.order.public_id],
    }
