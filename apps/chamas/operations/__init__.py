"""What is done in groups."""

from apps.chamas.operations.decide import (
    carry_out_again,
    propose,
    settle_due,
    sign_off,
    vote,
    withdraw_proposal,
)
from apps.chamas.operations.found import begin, found_group
from apps.chamas.operations.join import (
    answer_invitation,
    ask_to_join,
    decide_on_asker,
    give_role,
    invite,
    withdraw_invitation,
)
from apps.chamas.operations.propose import accept_constitution, in_force, propose_constitution, put_in_force

__all__ = [
    "accept_constitution",
    "answer_invitation",
    "ask_to_join",
    "begin",
    "carry_out_again",
    "decide_on_asker",
    "found_group",
    "give_role",
    "in_force",
    "invite",
    "propose",
    "propose_constitution",
    "put_in_force",
    "settle_due",
    "sign_off",
    "vote",
    "withdraw_invitation",
    "withdraw_proposal",
]
