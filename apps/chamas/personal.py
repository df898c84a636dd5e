"""What groups hold of a person: where they belong, what they paid in and were paid, what they agreed to."""

from apps.kernel import personal
from apps.kernel.personal import Part

personal.holds(
    Part("groups", "chamas.Membership", "user",
         ("group_id", "number", "reference", "role", "status", "asked_at", "joined_at", "left_at")),
    Part("group_entries", "chamas.GroupEntry", "member__user",
         ("group_id", "fund", "kind", "currency", "amount_minor", "reference", "note", "booked_on")),
    Part("group_proposals", "chamas.Proposal", "made_by__user",
         ("public_id", "group_id", "act", "facts", "amount_minor", "why", "status", "made_at")),
    Part("group_votes", "chamas.Vote", "member__user", ("proposal_id", "choice", "at")),
    Part("group_sign_offs", "chamas.SignOff", "member__user", ("proposal_id", "is_approval", "because", "at")),
    Part("group_attendance", "chamas.Attendance", "member__user", ("meeting_id", "presence")),
    Part("group_roll", "chamas.RollMark", "member__user", ("meeting_id", "presence", "marked_at")),
    Part("group_disputes", "chamas.GroupDispute", "raised_by__user",
         ("entry_id", "minutes_id", "text", "status", "raised_at", "answer")),
    Part("group_contributions", "chamas.Contribution", "member__user",
         ("group_id", "currency", "amount_minor", "due_on", "status", "settled_at")),
    Part("group_payments", "chamas.PayIn", "member__user",
         ("group_id", "reference", "source", "currency", "amount_minor", "at")),
    Part("group_fines", "chamas.Fine", "member__user",
         ("group_id", "why", "name", "currency", "amount_minor", "paid_minor", "status", "appeal")),
    Part("group_loans", "chamas.GroupLoan", "member__user",
         ("group_id", "reference", "purpose", "currency", "principal_minor", "left_minor",
          "written_off_minor", "recovered_minor", "status", "asked_at")),
    Part("group_balances_confirmed", "chamas.BalanceConfirmation", "member__user", ("entry_id", "amounts", "at")),
    Part("group_rules_accepted", "chamas.ConstitutionAcceptance", "member__user", ("version_id", "at")),
)  # fmt: skip
personal.leave_out(
    "Work of a member for the group, whose own rows are given by the membership.",
    "chamas.ChamaGroup.created_by", "chamas.Membership.decided_by", "chamas.ConstitutionVersion.proposed_by",
    "chamas.GroupInvitation.invited_by", "chamas.Minutes.written_by", "chamas.GroupDispute.answered_by",
    "chamas.Fine.given_by", "chamas.PayIn.paid_by", "chamas.GroupPaper.uploaded_by",
    "chamas.GroupCheck.handed_in_by", "chamas.GroupCheck.asked_by", "chamas.GroupCheck.decided_by",
)  # fmt: skip
