"""What of lending needs a second person: each kind with the right that decides it."""

from django.utils.translation import gettext_lazy as _

from apps.kernel.approvals import Kind
from apps.kernel.approvals import register as declare
from apps.lending import policies
from apps.lending.operations import (
    back_date,
    classing,
    collateral,
    limit,
    products,
    refinance,
    restructure,
    reverse_repayment,
    switch,
    write_off,
)
from apps.lending.operations.collections import guarantors, more_time

MANAGE, APPROVE = "lending.manage_products", "lending.approve_loan"
KINDS = (
    Kind(
        code=switch.SWITCH_LENDING,
        label=_("Stop or start lending"),
        permission="lending.stop_lending",
        run=switch.run_switch,
    ),
    Kind(
        code=write_off.WRITE_OFF,
        label=_("Write a loan off"),
        permission="lending.write_off_loan",
        run=write_off.run_write_off,
        may_decide=policies.require_within_own_limit,
    ),
    Kind(
        code=restructure.RESTRUCTURE,
        label=_("Other terms for a loan"),
        permission=APPROVE,
        run=more_time.run_and_answer,
        may_decide=policies.require_within_own_limit,
        returned=more_time.back_to_the_desk,
    ),
    Kind(
        code=guarantors.CALL_GUARANTORS,
        label=_("Take what guarantors stand for"),
        permission="lending.call_guarantors",
        run=guarantors.run_call_guarantors,
        may_decide=policies.require_within_own_limit,
        returned=guarantors.spare_guarantors,
    ),
    Kind(
        code=refinance.REFINANCE,
        label=_("A new loan in place of a late one"),
        permission=APPROVE,
        run=refinance.run_refinance,
        may_decide=refinance.require_may_refinance,
    ),
    Kind(
        code=back_date.BACK_DATE,
        label=_("A payment that had come earlier"),
        permission=APPROVE,
        run=back_date.run_back_dated,
        may_decide=policies.require_within_own_limit,
    ),
    Kind(
        code=reverse_repayment.REVERSE_REPAYMENT,
        label=_("Take a loan's repayment back"),
        permission=APPROVE,
        run=reverse_repayment.run_reverse_repayment,
        may_decide=policies.require_within_own_limit,
    ),
    Kind(code=products.CHANGE_TERMS, label=_("New terms of a product"), permission=MANAGE, run=products.run_terms),
    Kind(code=products.NEW_PRODUCT, label=_("A new product"), permission=MANAGE, run=products.run_product),
    Kind(
        code=products.SWITCH_PRODUCT,
        label=_("Offer a product or stop offering it"),
        permission=MANAGE,
        run=products.run_product_switch,
    ),
    Kind(
        code=products.SET_REFERENCE,
        label=_("A reference rate"),
        permission=MANAGE,
        run=products.run_reference_rate,
    ),
    Kind(
        code=classing.SET_AGEING,
        label=_("By which days loans are classed"),
        permission=MANAGE,
        run=classing.run_ageing,
    ),
    Kind(
        code=classing.SET_LOSS_RATE,
        label=_("What a class of loans is provided for"),
        permission=MANAGE,
        run=classing.run_loss_rate,
    ),
    Kind(
        code=limit.SET_LIMIT,
        label=_("What a customer can borrow"),
        permission=APPROVE,
        run=limit.run_limit,
        may_decide=limit.may_decide,
    ),
    Kind(
        code=collateral.RELEASE,
        label=_("Letting collateral go"),
        permission=APPROVE,
        run=collateral.run_release,
        may_decide=collateral.may_decide_release,
    ),
)


def register() -> None:
    """Declare them all; called once when the app is ready."""
    for kind in KINDS:
        declare(kind)
