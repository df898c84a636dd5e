"""What a group can decide about its money: every act on the floor of operations, made known at start-up."""

from django.utils.translation import gettext_lazy as _

from apps.chamas.acts import Act, register
from apps.chamas.operations import (
    bring_investment,
    buy_investment,
    fines,
    group_loans,
    leave,
    payout,
    sell_investment,
    share,
    share_out,
    skip_turn,
    value_investment,
    waive,
    withdraw,
)


def register_all() -> None:
    """Money out needs two officers; who is concerned is none of them."""
    for act in _ACTS:
        register(act)


_ACTS = (
    Act(
        code="WAIVE_CONTRIBUTION",
        name=_("Waive a contribution"),
        read=waive.read_waiver,
        concerns=waive.concerns_waiver,
        describe=waive.describe_waiver,
        carry_out=waive.waive,
    ),
    Act(
        code="REFUND_PAY_IN",
        name=_("Give back money meant for another group"),
        read=waive.read_refund,
        concerns=waive.concerns_refund,
        describe=waive.describe_refund,
        carry_out=waive.refund,
    ),
    Act(
        code="DECIDE_FINE",
        name=_("Keep or waive a fine"),
        read=fines.read_fine,
        concerns=fines.concerns_fine,
        describe=fines.describe_fine,
        carry_out=fines.decide_fine,
    ),
    Act(
        code="PAY_TURN",
        name=_("Pay out a turn of the merry-go-round"),
        read=payout.read_payout,
        concerns=payout.concerns_payout,
        describe=payout.describe_payout,
        carry_out=payout.pay_out,
    ),
    Act(
        code="SKIP_TURN",
        name=_("Close a turn that nobody paid for"),
        read=skip_turn.read_skip,
        concerns=payout.concerns_payout,
        describe=skip_turn.describe_skip,
        carry_out=skip_turn.skip_turn,
        votes="ALWAYS",
    ),
    Act(
        code="SETTLE_LEAVER",
        name=_("Settle with a member who leaves"),
        read=leave.read_exit,
        concerns=leave.concerns_member,
        describe=leave.describe_exit,
        carry_out=leave.carry_out_exit,
    ),
    Act(
        code="WITHDRAW_SAVINGS",
        name=_("Pay out savings"),
        read=withdraw.read_withdrawal,
        concerns=leave.concerns_member,
        describe=withdraw.describe_withdrawal,
        carry_out=withdraw.withdraw,
    ),
    Act(
        code="PAY_WELFARE",
        name=_("Pay welfare"),
        read=withdraw.read_claim,
        concerns=leave.concerns_member,
        describe=withdraw.describe_claim,
        carry_out=withdraw.pay_claim,
    ),
    Act(
        code="PAY_DIVIDEND",
        name=_("Pay a dividend"),
        read=share.read_dividend,
        concerns=share.concerns_nobody,
        describe=share.describe_dividend,
        carry_out=share.pay_dividend,
        votes="ALWAYS",
    ),
    Act(
        code="SHARE_OUT",
        name=_("Share out the pot"),
        read=share_out.read_share_out,
        concerns=share.concerns_nobody,
        describe=share_out.describe_share_out,
        carry_out=share_out.share_out,
        votes="ALWAYS",
    ),
    Act(
        code="DISSOLVE",
        name=_("End the group"),
        read=share_out.read_dissolution,
        concerns=share.concerns_nobody,
        describe=share_out.describe_dissolution,
        carry_out=share_out.dissolve,
        votes="ALWAYS",
        majority="dissolution_bps",
    ),
    Act(
        code="LEND_TO_MEMBER",
        name=_("Lend to a member"),
        read=group_loans.read_loan,
        concerns=group_loans.concerns_loan,
        describe=group_loans.describe_loan,
        carry_out=group_loans.lend,
        votes="ALWAYS",
    ),
    Act(
        code="BUY_INVESTMENT",
        name=_("Buy something for the group"),
        read=buy_investment.read_purchase,
        concerns=buy_investment.concerns_seller,
        describe=buy_investment.describe_purchase,
        carry_out=buy_investment.buy_investment,
        payee=buy_investment.seller_called,
        votes="ALWAYS",
    ),
    Act(
        code="BRING_INVESTMENT",
        name=_("Bring in what you owned before"),
        read=bring_investment.read_bringing,
        concerns=bring_investment.concerns_holders,
        describe=bring_investment.describe_bringing,
        carry_out=bring_investment.bring_investment,
        votes="ALWAYS",
    ),
    Act(
        code="VALUE_INVESTMENT",
        name=_("Say what something is worth"),
        read=value_investment.read_valuation,
        concerns=share.concerns_nobody,
        describe=value_investment.describe_valuation,
        carry_out=value_investment.value_investment,
    ),
    Act(
        code="SELL_INVESTMENT",
        name=_("Sell something of the group"),
        read=sell_investment.read_sale,
        concerns=share.concerns_nobody,
        describe=sell_investment.describe_sale,
        carry_out=sell_investment.agree_on_sale,
        votes="ALWAYS",
    ),
)
