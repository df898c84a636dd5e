"""Whom a borrower may ask to stand for them, and how far those who answered cover a loan."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import NotFound
from apps.kernel.money import Money, total
from apps.lending.models import Guarantee, GuaranteeStatus, Loan
from apps.users.models import User


def by_phone(phone: str) -> User:
    """A customer by their phone, in any written form. Raises NotFound."""
    found: User | None = User.objects.customers().with_phone(phone).first()
    if found is None or not found.is_active:
        raise NotFound(_("Nobody at KitBank has that phone. Nobody was asked. Check it with them."))
    return found


@dataclass(frozen=True, slots=True)
class Cover:
    """What guarantors must stand for, what those who agreed stand for, and what is still missing."""

    needed: Money
    given: Money

    @property
    def missing(self) -> Money:
        """Never below nothing."""
        return max(self.needed - self.given, Money.zero(self.needed.currency))


def cover_of(loan: Loan, guarantees: Iterable[Guarantee]) -> Cover:
    """How far a loan is covered by its guarantees."""
    given = total((row.held for row in guarantees if row.status == GuaranteeStatus.GIVEN), loan.currency)
    return Cover(loan.principal.times(loan.terms.guarantee_cover), given)
