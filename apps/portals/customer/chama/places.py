"""One's own place in a group as somebody to pay: for a payment that is set up before the first one was made."""

from apps.accounts.models import TransactionType
from apps.chamas import purposes
from apps.payments.models import Payee
from apps.portals.customer.forms import Sheet
from apps.users.models import User
from apps.users.rules import half_name


def own_place(form: Sheet, user: User) -> Payee | None:
    """The place whose reference the form's `group` says, when it is the person's own; it is not written down."""
    wanted = form.data.get("group") if form.is_bound else form.initial.get("group")
    member = purposes.member_of(str(wanted or ""))
    if member is None or member.user_id != user.pk:
        return None
    return Payee(
        owner=user,
        rail="chama",
        kind=TransactionType.CONTRIBUTION,
        destination={"reference": member.reference},
        payee_name=f"{half_name(member.user.full_name)}, {member.group.name}",
        payee_address=member.reference,
    )
