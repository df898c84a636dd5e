"""How this API says no: `{"code": 404, "message": "OBP-30001: …"}`, whatever happened. Clients match on the number."""

from typing import Any

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
_WORDS = {
    10001: "Incorrect json format.",
    10002: "Invalid Number. Could not convert value to a number.",
    10012: "The value is above the maximum of 10000.",
    10018: "Too Many Requests.",
    10404: "404 Not Found. The server has not found anything matching the Request-URI.",
    10405: "405 Method Not Allowed. This address does not take the method.",
    20001: "User not logged in. Authentication is required!",
    20002: "Invalid DirectLogin parameters.",
    20003: "Invalid or expired token.",
    20004: "Invalid login credentials. Check username and password.",
    20008: "Invalid Consumer Key.",
    20013: "The User is locked because of too many failed login attempts.",
    20017: "Current user does not have access to the view.",
    20055: "Funds Available: Missing or wrong parameters amount, currency.",
    20058: "Consumer is disabled.",
    20080: "Authorization Header format is not supported at the server.",
    20082: "Missing DirectLogin or Authorization header.",
    20083: "DirectLogin or Authorization header: missing the word DirectLogin.",
    30001: "Bank not found. Please specify a valid value for BANK_ID.",
    30005: "View not found for Account.",
    30018: "Bank Account not found. Please specify valid values for BANK_ID and ACCOUNT_ID.",
    30110: "Invalid Account Id. The ACCOUNT_ID must only contain 0-9/a-z/A-Z/'-'/'.'/'_' and be shorter than 256.",
    35001: "Consent not found.",
    35005: "The consent is not in status ACCEPTED.",
    35007: "Consents by header are disabled at this instance. Use an OAuth2 token that names the consent.",
    40003: "Currency differs from the account's.",
    50015: "Internal Server Error.",
}


class Refused(Exception):
    """A request that is answered with a number, a status and a sentence; `limit`: what was used up, for the headers."""

    def __init__(
        self, number: int, more: str = "", *, status: int = 0, words: str = "", limit: Allowance | None = None
    ) -> None:
        said = words or _WORDS[number]
        super().__init__(f"OBP-{number:05d}: {said} {more}".strip())
        self.number, self.limit = number, limit
        self.status = status or _BY_NUMBER.get(number, 400)

    def body(self) -> dict[str, Any]:
        """What clients read."""
        return {"code": self.status, "message": str(self)}
