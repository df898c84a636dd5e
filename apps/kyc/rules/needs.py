"""Which papers a tier needs, part by part; our own product rule, as no statute in Kenya has a ladder of tiers."""

from collections.abc import Collection

Part = tuple[str, str]  # kind and side

IDENTITY: dict[str, tuple[str, ...]] = {
    "NATIONAL_ID": ("FRONT", "BACK"),
    "PASSPORT": ("PAGE",),
    "ALIEN_ID": ("FRONT", "BACK"),
}
SIDES: dict[str, tuple[str, ...]] = IDENTITY | {
    "DRIVING_LICENCE": ("FRONT", "BACK"),
    "SELFIE": ("PAGE",),
    "TAX_PIN": ("PAGE",),
    "PROOF_OF_ADDRESS": ("PAGE",),
    "BUSINESS_REGISTRATION": ("PAGE",),
}
MORE: dict[str, tuple[str, ...]] = {
    "TIER_2": ("SELFIE", "TAX_PIN"),
    "TIER_3": ("SELFIE", "TAX_PIN", "PROOF_OF_ADDRESS"),
}
MAY_BE_PDF = frozenset({"TAX_PIN", "PROOF_OF_ADDRESS", "BUSINESS_REGISTRATION"})
NUMBERED = frozenset({*IDENTITY, "DRIVING_LICENCE", "TAX_PIN", "BUSINESS_REGISTRATION"})
EXPIRES = frozenset({"PASSPORT", "ALIEN_ID", "DRIVING_LICENCE"})  # a Kenyan ID of the second generation does not


def identity_of(have: Collection[Part]) -> str:
    """The identity paper that was begun; empty when there is none."""
    return next((kind for kind in IDENTITY if any(part[0] == kind for part in have)), "")


def is_first(kind: str, side: str) -> bool:
    """Whether this part carries the number and the dates: the front, or the only page."""
    return side == SIDES[kind][0]


def missing(tier: str, have: Collection[Part]) -> list[Part]:
    """The parts of `tier` that are not there, in the order they are asked for. ("IDENTITY", "") when any will do."""
    identity = identity_of(have)
    wanted = [(identity, side) for side in IDENTITY[identity]] if identity else [("IDENTITY", "")]
    wanted += [(kind, SIDES[kind][0]) for kind in MORE[tier]]
    return [part for part in wanted if part not in have]
