"""What a check came to, and how names are held against each other: shared by the checks of people and of businesses."""

from dataclasses import dataclass, field
from typing import Any

from apps.kyc.models import CheckKind, CheckResult
from apps.kyc.rules import names


@dataclass(frozen=True, slots=True)
class Found:
    """What a check came to; `facts` holds no personal data."""

    kind: CheckKind
    result: CheckResult
    engine: str
    facts: dict[str, Any] = field(default_factory=dict)


def names_agree(theirs: str, ours: str) -> CheckResult:
    """PASS when the shorter name is in the longer and has two words; a person judges initials and other spellings."""
    one, two = set(names.read(theirs).words), set(names.read(ours).words)
    few, many = sorted((one, two), key=len)
    if few <= many and len(few) >= 2:
        return CheckResult.PASS
    return CheckResult.PERSON if one & two else CheckResult.FAIL


def firms_agree(theirs: str, ours: str) -> CheckResult:
    """PASS for the same words in the same order, legal forms aside; a person judges what shares a word of weight."""
    one, two = names.read(theirs), names.read(ours)
    if one.words == two.words:
        return CheckResult.PASS
    said = {token.text for token in one.tokens if not token.is_generic}
    return CheckResult.PERSON if said & set(two.words) else CheckResult.FAIL
