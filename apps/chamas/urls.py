"""Where groups answer."""

from django.urls import path

from apps.chamas.api import (
    deciding,
    disputes,
    groups,
    investments,
    loans,
    meetings,
    members,
    papers,
    paying,
    rounds,
    statement,
    verification,
)

_ALL = "api/v1/chamas/"
_ONE = f"{_ALL}<slug:slug>/"
_MEMBER = f"{_ONE}members/<int:number>/"
_APPROVAL = f"{_ONE}approvals/<uuid:public_id>/"
_MEETING = f"{_ONE}meetings/<uuid:public_id>/"
_ROUND = f"{_ONE}rounds/<uuid:public_id>/"
_LOAN = f"{_ONE}loans/<slug:reference>/"

urlpatterns = [
    path(_ALL, groups.Groups.as_view(), name="chamas"),
    path(f"{_ALL}join/", groups.Join.as_view(), name="chama-join"),
    path(f"{_ALL}invitations/", members.MyInvitations.as_view(), name="chama-invitations-mine"),
    path(f"{_ALL}invitations/<uuid:public_id>/answer/", members.AnswerInvitation.as_view(), name="chama-answer"),
    path(_ONE, groups.OneGroup.as_view(), name="chama"),
    path(f"{_ONE}begin/", groups.Begin.as_view(), name="chama-begin"),
    path(f"{_ONE}constitution/", groups.Constitution.as_view(), name="chama-constitution"),
    path(f"{_ONE}constitution/<int:version>/accept/", groups.AcceptConstitution.as_view(), name="chama-accept"),
    path(f"{_ONE}members/", members.Members.as_view(), name="chama-members"),
    path(f"{_MEMBER}decide/", members.DecideOnAsker.as_view(), name="chama-member-decide"),
    path(f"{_MEMBER}role/", members.MemberRole.as_view(), name="chama-member-role"),
    path(f"{_ONE}invitations/", members.GroupInvitations.as_view(), name="chama-invitations"),
    path(
        f"{_ONE}invitations/<uuid:public_id>/withdraw/",
        members.WithdrawInvitation.as_view(),
        name="chama-invitation-withdraw",
    ),
    path(f"{_ONE}leave/", members.Leave.as_view(), name="chama-leave"),
    path(f"{_ONE}contributions/", paying.Contributions.as_view(), name="chama-contributions"),
    path(f"{_ONE}contributions/by-mpesa/", paying.ContributeByMpesa.as_view(), name="chama-by-mpesa"),
    path(f"{_ONE}ledger/", paying.Ledger.as_view(), name="chama-ledger"),
    path(f"{_ONE}shares/", paying.Shares.as_view(), name="chama-shares"),
    path(f"{_ONE}fines/", paying.Fines.as_view(), name="chama-fines"),
    path(f"{_ONE}fines/<uuid:public_id>/pay/", paying.PayFine.as_view(), name="chama-fine-pay"),
    path(f"{_ONE}fines/<uuid:public_id>/appeal/", paying.AppealFine.as_view(), name="chama-fine-appeal"),
    path(f"{_ONE}cash/", paying.Cash.as_view(), name="chama-cash"),
    path(f"{_ONE}cash/<uuid:public_id>/confirm/", paying.ConfirmCash.as_view(), name="chama-cash-confirm"),
    path(f"{_ONE}cash/<uuid:public_id>/withdraw/", paying.WithdrawCash.as_view(), name="chama-cash-withdraw"),
    path(f"{_ONE}cash/<uuid:public_id>/bank/", paying.BankCash.as_view(), name="chama-cash-bank"),
    path(f"{_ONE}approvals/", deciding.Approvals.as_view(), name="chama-approvals"),
    path(_APPROVAL, deciding.OneApproval.as_view(), name="chama-approval"),
    path(f"{_APPROVAL}challenge/", deciding.ChallengeSignOff.as_view(), name="chama-approval-challenge"),
    path(f"{_APPROVAL}decide/", deciding.DecideOnProposal.as_view(), name="chama-approval-decide"),
    path(f"{_APPROVAL}carry-out/", deciding.CarryOut.as_view(), name="chama-approval-carry-out"),
    path(f"{_APPROVAL}withdraw/", deciding.WithdrawProposal.as_view(), name="chama-approval-withdraw"),
    path(f"{_ONE}payouts/", deciding.Payouts.as_view(), name="chama-payouts"),
    path(f"{_ONE}loans/", loans.Loans.as_view(), name="chama-loans"),
    path(_LOAN, loans.OneLoan.as_view(), name="chama-loan"),
    path(f"{_LOAN}guarantee/", loans.Guarantee.as_view(), name="chama-loan-guarantee"),
    path(f"{_LOAN}decline/", loans.DeclineGuarantee.as_view(), name="chama-loan-decline"),
    path(f"{_LOAN}cancel/", loans.CancelLoan.as_view(), name="chama-loan-cancel"),
    path(f"{_LOAN}repay/", loans.RepayLoan.as_view(), name="chama-loan-repay"),
    path(f"{_ONE}investments/", investments.Investments.as_view(), name="chama-investments"),
    path(f"{_ONE}investments/<uuid:public_id>/", investments.OneInvestment.as_view(), name="chama-investment"),
    path(f"{_ONE}papers/", papers.Papers.as_view(), name="chama-papers"),
    path(f"{_ONE}papers/<uuid:public_id>/file/", papers.PaperFile.as_view(), name="chama-paper-file"),
    path(f"{_ONE}verification/", verification.Verification.as_view(), name="chama-verification"),
    path(f"{_ONE}rounds/", rounds.Rounds.as_view(), name="chama-rounds"),
    path(_ROUND, rounds.OneRound.as_view(), name="chama-round"),
    path(f"{_ROUND}word/", rounds.Word.as_view(), name="chama-round-word"),
    path(f"{_ROUND}bid/", rounds.PutBid.as_view(), name="chama-round-bid"),
    path(f"{_ROUND}order/", rounds.Order.as_view(), name="chama-round-order"),
    path(f"{_ROUND}swaps/", rounds.Swaps.as_view(), name="chama-round-swaps"),
    path(f"{_ROUND}swaps/<int:number>/answer/", rounds.SwapAnswer.as_view(), name="chama-round-swap"),
    path(f"{_ONE}meetings/", meetings.Meetings.as_view(), name="chama-meetings"),
    path(_MEETING, meetings.OneMeeting.as_view(), name="chama-meeting"),
    path(f"{_MEETING}cancel/", meetings.CancelMeeting.as_view(), name="chama-meeting-cancel"),
    path(f"{_MEETING}hold/", meetings.WhoCameTo.as_view(), name="chama-meeting-hold"),
    path(f"{_MEETING}minutes/", meetings.MinutesOf.as_view(), name="chama-minutes"),
    path(f"{_MEETING}minutes.pdf", meetings.MinutesPdf.as_view(), name="chama-minutes-pdf"),
    path(f"{_MEETING}sign/", meetings.SignMinutes.as_view(), name="chama-minutes-sign"),
    path(f"{_ONE}disputes/", disputes.Disputes.as_view(), name="chama-disputes"),
    path(f"{_ONE}disputes/<uuid:public_id>/answer/", disputes.AnswerToDispute.as_view(), name="chama-dispute-answer"),
    path(f"{_ONE}disputes/<uuid:public_id>/withdraw/", disputes.WithdrawDispute.as_view(), name="chama-dispute-take"),
    path(f"{_ONE}statement/", statement.StatementOf.as_view(), name="chama-statement-file"),
]
