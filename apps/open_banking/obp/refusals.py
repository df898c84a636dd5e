"""How this API says no: `{"code": 404, "message": "OBP-30001: …"}`, whatever happened. Clients match on the number."""

from typing import Any

from apps.kernel.errors import DomainError
from apps.kernel.throttles import Allowance

_STATUS = {
    401: (20001, 20003, 20004, 20008, 20013, 20200, 35005, 35007),
    403: (20006, 20017, 20023, 20047, 20048, 20101),
    404: (10404, 20005, 20027, 30001, 30002, 30003, 30012, 30018, 30019, 30073, 30076, 30212),
    405: (10405,),
    429: (10018,),
    500: (50015,),
}
_BY_NUMBER = {number: status for status, numbers in _STATUS.items() for number in numbers}
WORDS = {
    5: "Public views not allowed on this instance.",
    10001: "Incorrect json format.",
    10002: "Invalid Number. Could not convert value to a number.",
    10003: "Invalid Currency Value. Expected a 3-letter ISO Currency Code.",
    10005: "Invalid Date Format. Could not convert value to a Date.",
    10010: "Not Implemented.",
    10012: "The value is above the maximum of 10000.",
    10018: "Too Many Requests.",
    10404: "404 Not Found. The server has not found anything matching the Request-URI.",
    10405: "405 Method Not Allowed. This address does not take the method.",
    20001: "User not logged in. Authentication is required!",
    20002: "Invalid DirectLogin parameters.",
    20003: "Invalid or expired token.",
    20004: "Invalid login credentials. Check username and password.",
    20005: "User not found.",
    20006: "User is missing one or more roles:",
    20008: "Invalid Consumer Key.",
    20013: "The User is locked because of too many failed login attempts.",
    20017: "Current user does not have access to the view.",
    20024: "Consumer not found.",
    20055: "Funds Available: Missing or wrong parameters amount, currency.",
    20058: "Consumer is disabled.",
    20200: "The application cannot be identified.",
    20210: "The certificate of this call is not the one that the app registered.",
    20080: "Authorization Header format is not supported at the server.",
    20082: "Missing DirectLogin or Authorization header.",
    20083: "DirectLogin or Authorization header: missing the word DirectLogin.",
    30001: "Bank not found. Please specify a valid value for BANK_ID.",
    30004: "Counterparty not found. The BANK_ID / ACCOUNT_ID / OTHER_ACCOUNT_ID specified does not exist.",
    30013: "The counterparty is not a beneficiary: the customer has not proven them yet.",
    30005: "View not found for Account.",
    30012: "Counterparty not found by IBAN. Please specify a valid value for IBAN.",
    30014: "Counterparty already exists: its name is used for this account.",
    30017: "Counterparty not found. Please specify a valid value for COUNTERPARTY_ID.",
    30018: "Bank Account not found. Please specify valid values for BANK_ID and ACCOUNT_ID.",
    30076: "Counterparty Limit not found. Please specify a valid value for COUNTERPARTY_ID.",
    30110: "Invalid Account Id. The ACCOUNT_ID must only contain 0-9/a-z/A-Z/'-'/'.'/'_' and be shorter than 256.",
    30022: "The current view does not have the permission:",
    35001: "Consent not found by CONSENT_ID.",
    35002: "The time Consent-ID was issued is before the current time.",
    35003: "Consent-Id is expired.",
    35004: "Consent JWT signature verification problem.",
    35005: "The consent is not in status ACCEPTED.",
    35007: "Consents by header are disabled at this instance. Use an OAuth2 token that names the consent.",
    35008: "No Consent header is sent.",
    35016: "The Consumer-Key request header is missing.",
    35009: "Only SMS, EMAIL and IMPLICIT are supported as SCA methods.",
    35012: "Consent is already revoked.",
    35013: "Consents can only contain roles that the user has.",
    35014: "Consents can only contain views that the user has.",
    35015: "The Consent belongs to another consumer.",
    35020: "Consent's time to live is above the maximum:",
    35023: "The Consent belongs to another user.",
    35028: "Consent Request not found by CONSENT_REQUEST_ID.",
    35029: "The CONSENT_REQUEST_ID is invalid: it was used.",
    35032: "The Consent's Request Header value is not formatted as UUID or JWT.",
    40001: "Invalid value for TRANSACTION_REQUEST_TYPE.",
    40002: "Insufficient authorisation to create TransactionRequest.",
    40003: "Transaction Request Currency must be the same as From Account Currency.",
    40004: "Transaction Request Id not found.",
    40008: "Can't send a payment with a value of 0 or less.",
    40009: "The TRANSACTION_REQUEST_TYPE has changed.",
    40010: "Invalid Challenge Id. Please specify a valid value for CHALLENGE_ID.",
    40013: "Invalid Charge Policy. Please specify a valid value for Charge_Policy: SHARED, SENDER or RECEIVER.",
    40014: "Sorry, you've used up your allowed attempts.",
    40016: "Invalid Challenge Answer. Please specify a valid value for answer in Json body.",
    40020: "Transaction Request Status is not INITIATED or NEXT_CHALLENGE_PENDING or FORWARDED.",
    50200: "Connector did not return the value that was expected.",
    50015: "Internal Server Error.",
}


def status_of(number: int) -> int:
    """The HTTP status a number is answered with, unless told otherwise."""
    return _BY_NUMBER.get(number, 400)


class Refused(Exception):
    """A request that is answered with a number, a status and a sentence; `limit`: what was used up, for the headers."""

    def __init__(
        self, number: int, more: str = "", *, status: int = 0, words: str = "", limit: Allowance | None = None
    ) -> None:
        said = words or WORDS[number]
        super().__init__(f"OBP-{number:05d}: {said} {more}".strip())
        self.number, self.limit = number, limit
        self.status = status or status_of(number)

    def body(self) -> dict[str, Any]:
        """What clients read."""
        return {"code": self.status, "message": str(self)}


# What operations refuse, by its code. Where OBP has no number of its own, the bank did not do what was asked (50200):
# the domain's code stands in the message, so that a program can tell a frozen account from a full one.
_CODES = {
    "consent_required": 35005, "consent_ended": 35005, "beyond_consent": 40002, "account_not_eligible": 30018,
    "currency_mismatch": 40003, "unknown_currency": 10003, "bad_amount": 10002, "too_many_requests": 10018,
    "too_many_unattended_reads": 10018, "payee_saved_already": 30014, "illegal_move": 40020, "payment_expired": 40020,
    "app_not_live": 20058, "validity_too_long": 35020, "consent_request_used": 35029, "invalid": 10001,
}  # fmt: skip


def refusal_of(no: DomainError) -> Refused:
    """What an operation said, as clients of this API read it: its number, its code, and its own sentence."""
    number = _CODES.get(no.code, 50200)
    limit = f" {no.facts['limit']}:" if "limit" in no.facts else ""
    return Refused(number, f"{no.code}:{limit} {no}")
