"""What is done in groups."""

from apps.chamas.operations.decide import (
    carry_out_again,
    propose,
    settle_due,
    sign_off,
    vote,
    withdraw_proposal,
)
from apps.chamas.operations.dispute import answer_dispute, dispute_row, withdraw_dispute
from apps.chamas.operations.found import begin, found_group
from apps.chamas.operations.join import (
    answer_invitation,
    ask_to_join,
    decide_on_asker,
    give_role,
    invite,
    withdraw_invitation,
)
from apps.chamas.operations.meet import (
    are_signed,
    call_meeting,
    cancel_meeting,
    hold_meeting,
    sign_minutes,
    write_minutes,
)
from apps.chamas.operations.propose import accept_constitution, in_force, propose_constitution, put_in_force

__all__ = [
    "accept_constitution",
    "answer_dispute",
    "answer_invitation",
    "are_signed",
    "ask_to_join",
    "begin",
    "call_meeting",
    "cancel_meeting",
    "carry_out_again",
    "decide_on_asker",
    "dispute_row",
    "found_group",
    "give_role",
    "hold_meeting",
    "in_force",
    "invite",
    "propose",
    "propose_constitution",
    "put_in_force",
    "settle_due",
    "sign_minutes",
    "sign_off",
    "vote",
    "withdraw_dispute",
    "withdraw_invitation",
    "withdraw_proposal",
    "write_minutes",
]
