"""What is done with accounts."""

from apps.accounts.operations.accrue import accrue
from apps.accounts.operations.bulk import begin_batch, over_cap, pay_each
from apps.accounts.operations.cash import (
    approve_cash_run,
    cash_charge,
    deposit_cash,
    fund_till,
    open_till,
    withdraw_cash,
)
from apps.accounts.operations.charge import charge_monthly_fees, charged, earned
from apps.accounts.operations.deposit import (
    break_deposit,
    choose_at_maturity,
    instalments_due,
    mature,
    open_deposit,
    pay_instalment,
)
from apps.accounts.operations.deposit_chart import ask_chart_change, run_chart_change
from apps.accounts.operations.ending import tell_of_ending_deposits
from apps.accounts.operations.foresee import require_could_leave, require_may_ever_leave
from apps.accounts.operations.goal import answer_invitation, change_goal, invite, make_goal
from apps.accounts.operations.goal_money import close_goal, leave_goal, pay_into_goal, take_out
from apps.accounts.operations.hold import SetAside, give_back, give_back_limit, set_aside, take
from apps.accounts.operations.import_lines import import_lines
from apps.accounts.operations.interest_back import (
    ask_interest_back,
    interest_back_asked,
    interest_payment,
    interest_payment_of,
)
from apps.accounts.operations.interest_terms import ask_interest_change, run_interest_change
from apps.accounts.operations.large import tell_of_large_payment
from apps.accounts.operations.large_floor import LARGE_PAYMENT
from apps.accounts.operations.limits import require_room, require_room_for
from apps.accounts.operations.low import tell_of_low_balances
from apps.accounts.operations.manage import ask_unfreeze, close, freeze, rename, unfreeze
from apps.accounts.operations.mandate import (
    ask_bank_for_mandate,
    challenge_mandate,
    drop_mandate,
    propose_mandate,
    sign_mandate,
)
from apps.accounts.operations.movement import Movement, into, out_of
from apps.accounts.operations.open import (
    open_account,
    open_business_account,
    open_first_accounts,
    open_house_account,
)
from apps.accounts.operations.pay_interest import pay_month
from apps.accounts.operations.post import Order, lock, post, post_each, post_many, post_within
from apps.accounts.operations.reverse import reverse
from apps.accounts.operations.run_rules import owners_to_look_at, run_day, run_rules
from apps.accounts.operations.sleep import WAKE, challenge_wake, fall_asleep, give_notice, wake
from apps.accounts.operations.statement import make_month_statements, make_statement
from apps.accounts.operations.tariff import ask_tariff_change, run_tariff_change
from apps.accounts.operations.transfer_rules import (
    RuleTerms,
    change_rule,
    end_rule,
    make_rule,
    pause_rule,
    resume_rule,
    skip_rule,
    terms_of,
)
from apps.accounts.operations.unclaimed import ask_hand_over, ask_reclaim

__all__ = [
    "LARGE_PAYMENT",
    "WAKE",
    "Movement",
    "Order",
    "RuleTerms",
    "SetAside",
    "accrue",
    "answer_invitation",
    "approve_cash_run",
    "ask_bank_for_mandate",
    "ask_chart_change",
    "ask_hand_over",
    "ask_interest_back",
    "ask_interest_change",
    "ask_reclaim",
    "ask_tariff_change",
    "ask_unfreeze",
    "begin_batch",
    "break_deposit",
    "cash_charge",
    "challenge_mandate",
    "challenge_wake",
    "change_goal",
    "change_rule",
    "charge_monthly_fees",
    "charged",
    "choose_at_maturity",
    "close",
    "close_goal",
    "deposit_cash",
    "drop_mandate",
    "earned",
    "end_rule",
    "fall_asleep",
    "freeze",
    "fund_till",
    "give_back",
    "give_back_limit",
    "give_notice",
    "import_lines",
    "instalments_due",
    "interest_back_asked",
    "interest_payment",
    "interest_payment_of",
    "into",
    "invite",
    "leave_goal",
    "lock",
    "make_goal",
    "make_month_statements",
    "make_rule",
    "make_statement",
    "mature",
    "open_account",
    "open_business_account",
    "open_deposit",
    "open_first_accounts",
    "open_house_account",
    "open_till",
    "out_of",
    "over_cap",
    "owners_to_look_at",
    "pause_rule",
    "pay_each",
    "pay_instalment",
    "pay_into_goal",
    "pay_month",
    "post",
    "post_each",
    "post_many",
    "post_within",
    "propose_mandate",
    "rename",
    "require_could_leave",
    "require_may_ever_leave",
    "require_room",
    "require_room_for",
    "resume_rule",
    "reverse",
    "run_chart_change",
    "run_day",
    "run_interest_change",
    "run_rules",
    "run_tariff_change",
    "set_aside",
    "sign_mandate",
    "skip_rule",
    "take",
    "take_out",
    "tell_of_ending_deposits",
    "tell_of_large_payment",
    "tell_of_low_balances",
    "terms_of",
    "unfreeze",
    "wake",
    "withdraw_cash",
]
