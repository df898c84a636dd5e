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
    "CR12": ("PAGE",),
    "PARTNERSHIP_DEED": ("PAGE",),
    "GROUP_CONSTITUTION": ("PAGE",),
}
MORE: dict[str, tuple[str, ...]] = {
    "TIER_2": ("SELFIE", "TAX_PIN"),
    "TIER_3": ("SELFIE", "TAX_PIN", "PROOF_OF_ADDRESS"),
}
# By how a business stands before the law. A group is registered with its officials; it need have no PIN.
OF_BUSINESS: dict[str, tuple[str, ...]] = {
    "SOLE": ("BUSINESS_REGISTRATION", "TAX_PIN"),
    "PARTNERSHIP": ("BUSINESS_REGISTRATION", "TAX_PIN", "PARTNERSHIP_DEED", "PROOF_OF_ADDRESS"),
    "COMPANY": ("BUSINESS_REGISTRATION", "TAX_PIN", "CR12", "PROOF_OF_ADDRESS"),
    "GROUP": ("BUSINESS_REGISTRATION", "GROUP_CONSTITUTION", "PROOF_OF_ADDRESS"),
}
TIER_OF_BUSINESS = {"SOLE": "TIER_2", "PARTNERSHIP": "TIER_3", "COMPANY": "TIER_3", "GROUP": "TIER_3"}
LEAST_TIER = "TIER_2"  # of a customer whom a business names: less is not known well enough
MAY_BE_PDF = frozenset(
    {"TAX_PIN", "PROOF_OF_ADDRESS", "BUSINESS_REGISTRATION", "CR12", "PARTNERSHIP_DEED", "GROUP_CONSTITUTION"}
)
NUMBERED = frozenset({*IDENTITY, "DRIVING_LICENCE", "TAX_PIN", "BUSINESS_REGISTRATION"})
RENEW_DAYS = 30  # before it expires, a new one is asked for and taken
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
