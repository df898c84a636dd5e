"""What two people decide in data protection."""

from django.utils.translation import gettext_lazy as _

from apps.compliance.operations.privacy import breach, erase, hold, rectify, retention
from apps.compliance.policies import ANSWER, KEEP
from apps.kernel.approvals import Kind

KINDS = (
    Kind(
        code=rectify.CORRECT, label=_("Correction of who somebody is"), permission=ANSWER, run=rectify.run_correction,
        may_decide=rectify.may_decide, returned=rectify.undo_correction,
    ),
    Kind(
        code=erase.ERASE, label=_("Closing and erasing a person"), permission=ANSWER, run=erase.run_erasure,
        may_decide=rectify.may_decide, returned=rectify.undo_correction,
    ),
    Kind(
        code=hold.LIFT, label=_("Lifting a legal hold"), permission=KEEP, run=hold.run_lift,
        may_decide=hold.may_decide_lift,
    ),
    Kind(
        code=retention.CHANGE_RETENTION, label=_("Change of how long data is kept"), permission=KEEP,
        run=retention.run_change,
    ),
    Kind(code=breach.TELL, label=_("Telling people of a breach"), permission=KEEP, run=breach.run_tell),
)  # fmt: skip
