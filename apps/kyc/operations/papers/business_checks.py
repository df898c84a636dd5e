"""What the bank itself can say of a business: whom it names, and what the registrar has under its number."""

import structlog

from apps.kernel.errors import Unavailable
from apps.kyc import ports
from apps.kyc.models import BusinessPerson, CheckKind, CheckResult, VerificationWorkflow
from apps.kyc.operations.papers.found import Found, firms_agree, names_agree
from apps.kyc.queries import lacking_of, people_of
from apps.kyc.rules import needs
from apps.users.models import BusinessProfile

log = structlog.get_logger(__name__)
_BANK = "kitbank"


def of_business(workflow: VerificationWorkflow, business: BusinessProfile) -> list[Found]:
    """The registrar's word on it and on its directors and owners; a person reads its papers. Asks over the network."""
    people = people_of(business)
    unknown = [one.pk for one in people if one.banks_here and one.who.kyc_tier < needs.LEAST_TIER]
    registry, answer = _registry(business)
    return [
        Found(CheckKind.NAME, CheckResult.PERSON, _BANK, {"why": "not_read"}),
        registry,
        _owners(lacking_of(business, says_complete=workflow.says_complete), people, answer),
        Found(CheckKind.PEOPLE, CheckResult.FAIL, _BANK, {"people": unknown})
        if unknown
        else Found(CheckKind.PEOPLE, CheckResult.PASS, _BANK),
    ]


def _registry(business: BusinessProfile) -> tuple[Found, ports.BusinessAnswer | None]:
    """Silence, a fault or an answer that cannot be read needs a person; it never passes."""
    asked = ports.business_registry()

    def said(result: CheckResult, **facts: object) -> Found:
        return Found(CheckKind.REGISTRY, result, asked.name, facts)

    if not asked.is_set_up():
        return said(CheckResult.PERSON, why="not_asked"), None
    try:
        answer = asked.ask(business.registration_number)
    except Unavailable as no:
        log.warning("registry_unreachable", registry=asked.name, why=no.code)
        return said(CheckResult.PERSON, why="no_answer"), None
    except ports.BadAnswer as no:
        log.warning("registry_unreadable", registry=asked.name, why=str(no))
        return said(CheckResult.PERSON, why="unreadable"), None
    if not answer.name:
        return said(CheckResult.FAIL, why="not_found", reference=answer.reference), None
    if not answer.is_active:
        return said(CheckResult.FAIL, why="not_active", reference=answer.reference), answer
    if answer.kind != business.kind:
        return said(CheckResult.FAIL, why="other_kind", reference=answer.reference), answer
    name = firms_agree(answer.name, business.name)
    why = {} if name == CheckResult.PASS else {"why": "other_name"}
    return said(name, reference=answer.reference, **why), answer


def _owners(lacking: list[str], people: list[BusinessPerson], answer: ports.BusinessAnswer | None) -> Found:
    """Whom the business names is enough by law, and is whom the registrar has. Without a registrar a person compares.

    A registrar that lists nobody says nothing: the business's own list then stands as it did.
    """
    if lacking:
        return Found(CheckKind.OWNERS, CheckResult.FAIL, _BANK, {"lacking": lacking})
    if answer is None or not answer.people:
        return Found(CheckKind.OWNERS, CheckResult.PASS, _BANK)
    engine = ports.business_registry().name
    unnamed = sum(not any(_is_one(there, one) for one in people) for there in answer.people)
    unknown = [one.pk for one in people if not any(_is_one(there, one) for there in answer.people)]
    facts = {"unnamed": unnamed, "unregistered": unknown}
    if unnamed:
        return Found(CheckKind.OWNERS, CheckResult.FAIL, engine, facts | {"why": "unnamed"})
    if unknown:
        return Found(CheckKind.OWNERS, CheckResult.PERSON, engine, facts | {"why": "unregistered"})
    return Found(CheckKind.OWNERS, CheckResult.PASS, engine)


def _is_one(there: ports.RegisteredPerson, here: BusinessPerson) -> bool:
    """Whether a person of the register is one whom the business names: by the paper's number, else by the name."""
    number = str((here.who.id_number if here.banks_here else here.id_number) or "")
    if there.id_number and number:
        return there.id_number == number
    return names_agree(there.full_name, here.who.full_name) == CheckResult.PASS
