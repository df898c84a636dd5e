"""What is sent to other banks, what they say of it, and their statements beside our books."""

from apps.payments.operations.banks.agreeing import challenge_sending_back, keep, send_back
from apps.payments.operations.banks.asked_back import answer_of, hear_wish, refuse_what_is_due
from apps.payments.operations.banks.files import ask_about_files, cut_file, cut_files, send_files
from apps.payments.operations.banks.news import hear_news
from apps.payments.operations.banks.nostro import compare_ended_days, compare_statement
from apps.payments.operations.banks.placing import ask_to_place, ask_to_release
from apps.payments.operations.banks.recall import ask_recall, work_with_recalls
from apps.payments.operations.banks.receiving import receive
from apps.payments.operations.banks.remit import quote_remittance, send_abroad, sent_before
from apps.payments.operations.banks.returning import ask_to_return, send_returns

__all__ = [
    "answer_of",
    "ask_about_files",
    "ask_recall",
    "ask_to_place",
    "ask_to_release",
    "ask_to_return",
    "challenge_sending_back",
    "compare_ended_days",
    "compare_statement",
    "cut_file",
    "cut_files",
    "hear_news",
    "hear_wish",
    "keep",
    "quote_remittance",
    "receive",
    "refuse_what_is_due",
    "send_abroad",
    "send_back",
    "send_files",
    "send_returns",
    "sent_before",
    "work_with_recalls",
]
