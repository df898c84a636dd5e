"""Papers: brought, checked, decided, looked at, grown old."""

from apps.kyc.operations.papers.bring import Paper, bring_paper, hand_in, start_verification
from apps.kyc.operations.papers.checks import check_due, check_papers, read_by_person
from apps.kyc.operations.papers.decide import (
    DECIDE,
    approve,
    ask_again,
    reject,
    run_decision,
    run_returned,
    verify_document,
)
from apps.kyc.operations.papers.expire import expire, purge, remind
from apps.kyc.operations.papers.files import rotate_files
from apps.kyc.operations.papers.look import look_at_paper
from apps.kyc.operations.papers.queue import RIGHT, claim, claim_next, release

__all__ = [
    "DECIDE",
    "RIGHT",
    "Paper",
    "approve",
    "ask_again",
    "bring_paper",
    "check_due",
    "check_papers",
    "claim",
    "claim_next",
    "expire",
    "hand_in",
    "look_at_paper",
    "purge",
    "read_by_person",
    "reject",
    "release",
    "remind",
    "rotate_files",
    "run_decision",
    "run_returned",
    "start_verification",
    "verify_document",
]
