"""What is done in groups."""

from apps.chamas.operations.amend import amend
from apps.chamas.operations.balance import confirm_balance
from apps.chamas.operations.cash import bank_cash, confirm_cash, record_cash, withdraw_cash_note
from apps.chamas.operations.contribute import contribute, pay_in
from apps.chamas.operations.cycles import mark_late, open_cycle, open_due
from apps.chamas.operations.decide import (
    carry_out_again,
    challenge_sign_off,
    propose,
    settle_due,
    sign_off,
    tally,
    vote,
    withdraw_proposal,
)
from apps.chamas.operations.dispute import answer_dispute, dispute_minutes, dispute_row, withdraw_dispute
from apps.chamas.operations.fines import appeal, give_fine, pay_fine
from apps.chamas.operations.found import begin, found_group, rename_group, renew_join_code
from apps.chamas.operations.group_loans import (
    agree_to_guarantee,
    ask_loan,
    cancel_loan,
    decline_guarantee,
    free_savings,
    not_made_good,
)
from apps.chamas.operations.hear import choose_when_to_hear, hears
from apps.chamas.operations.investment_money import pay_for_sale, receive_earnings
from apps.chamas.operations.join import (
    answer_invitation,
    ask_to_join,
    decide_on_asker,
    give_role,
    invite,
    require_kept,
    withdraw_invitation,
)
from apps.chamas.operations.leave import give_notice, leave_forming, settlement_of, withdraw_notice
from apps.chamas.operations.meet import (
    are_signed,
    call_meeting,
    cancel_meeting,
    hold_meeting,
    sign_minutes,
    write_minutes,
)
from apps.chamas.operations.papers import bring_paper, look_at_paper
from apps.chamas.operations.propose import accept_constitution, in_force, propose_constitution, put_in_force
from apps.chamas.operations.repay_loan import fine_late_instalments, next_instalment, owed_on, repay_loan
from apps.chamas.operations.restrict import ask_restriction
from apps.chamas.operations.roll import mark_presence, roll_state
from apps.chamas.operations.rounds import (
    add_word,
    answer_swap,
    ask_swap,
    bid,
    lapse_swaps,
    order_due,
    order_round,
    start_round,
    take_back_swap,
)
from apps.chamas.operations.share import buy_shares
from apps.chamas.operations.statement import is_genuine, make_statement
from apps.chamas.operations.verify import ask_to_verify, hand_in, look_at_handed_in, refuse_papers
from apps.chamas.operations.write_off_loan import lost_loans

__all__ = [
    "accept_constitution",
    "add_word",
    "agree_to_guarantee",
    "amend",
    "answer_dispute",
    "answer_invitation",
    "answer_swap",
    "appeal",
    "are_signed",
    "ask_loan",
    "ask_restriction",
    "ask_swap",
    "ask_to_join",
    "ask_to_verify",
    "bank_cash",
    "begin",
    "bid",
    "bring_paper",
    "buy_shares",
    "call_meeting",
    "cancel_loan",
    "cancel_meeting",
    "carry_out_again",
    "challenge_sign_off",
    "choose_when_to_hear",
    "confirm_balance",
    "confirm_cash",
    "contribute",
    "decide_on_asker",
    "decline_guarantee",
    "dispute_minutes",
    "dispute_row",
    "fine_late_instalments",
    "found_group",
    "free_savings",
    "give_fine",
    "give_notice",
    "give_role",
    "hand_in",
    "hears",
    "hold_meeting",
    "in_force",
    "invite",
    "is_genuine",
    "lapse_swaps",
    "leave_forming",
    "look_at_handed_in",
    "look_at_paper",
    "lost_loans",
    "make_statement",
    "mark_late",
    "mark_presence",
    "next_instalment",
    "not_made_good",
    "open_cycle",
    "open_due",
    "order_due",
    "order_round",
    "owed_on",
    "pay_fine",
    "pay_for_sale",
    "pay_in",
    "propose",
    "propose_constitution",
    "put_in_force",
    "receive_earnings",
    "record_cash",
    "refuse_papers",
    "rename_group",
    "renew_join_code",
    "repay_loan",
    "require_kept",
    "roll_state",
    "settle_due",
    "settlement_of",
    "sign_minutes",
    "sign_off",
    "start_round",
    "take_back_swap",
    "tally",
    "vote",
    "withdraw_cash_note",
    "withdraw_dispute",
    "withdraw_invitation",
    "withdraw_notice",
    "withdraw_proposal",
    "write_minutes",
]
