"""What somebody who leaves a group takes along."""

from dataclasses import dataclass

from apps.chamas.rules.constitution import WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """All in minor units; `net` may be below zero, and then nobody leaves before it is paid."""

    savings: int
    shares: int
    ahead: int  # paid ahead, for cycles that will not come
    principal: int
    interest: int
    fines: int
    fee: int

    @property
    def net(self) -> int:
        """What is paid to the member. Welfare is not taken along."""
        return self.savings + self.shares + self.ahead - self.principal - self.interest - self.fines - self.fee


def settle(
    *, savings: int, shares: int, ahead: int, principal: int, interest: int, fines: int, fee_bps: int
) -> Settlement:
    """The savings and shares of who leaves, less what they owe and the fee on the savings (rounded down)."""
    fee = savings * fee_bps // WHOLE
    return Settlement(
        savings=savings,
        shares=shares,
        ahead=ahead,
        principal=principal,
        interest=interest,
        fines=fines,
        fee=fee,
    )
