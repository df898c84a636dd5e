"""What is sent to other banks, what they say of it, and their statements beside our books."""

from apps.payments.operations.banks.files import ask_about_files, cut_file, cut_files, send_files
from apps.payments.operations.banks.news import hear_news
from apps.payments.operations.banks.nostro import compare_statement, compare_yesterday
from apps.payments.operations.banks.recall import ask_recall, work_with_recalls
from apps.payments.operations.banks.remit import quote_remittance, send_abroad

__all__ = [
    "ask_about_files",
    "ask_recall",
    "compare_statement",
    "compare_yesterday",
    "cut_file",
    "cut_files",
    "hear_news",
    "quote_remittance",
    "send_abroad",
    "send_files",
    "work_with_recalls",
]
