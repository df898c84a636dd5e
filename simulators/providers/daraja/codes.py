"""Result codes of the asynchronous products, with the texts that come along, and the synchronous refusals."""

from simulators.providers.daraja import wire
from simulators.web import Response

DONE = "0"
RESULTS = {
    "0": "The service request is processed successfully.",
    "1": "The balance is insufficient for the transaction.",
    "2": "Declined due to limit rule: less than the minimum transaction amount.",
    "3": "Declined due to limit rule: greater than the maximum transaction amount.",
    "4": "Declined due to limit rule: would exceed daily transfer limit.",
    "8": "Declined due to limit rule: would exceed the maximum balance.",
    "11": "The DebitParty is in an invalid state.",
    "15": "Duplicate detected.",
    "17": "Rule limited.",
    "18": "Credential check failed.",
    "19": "Message sequence is wrong.",
    "20": "Unresolved initiator.",
    "21": "The initiator is not allowed to initiate this request.",
    "22": "The initiator to primary party permission failure.",
    "24": "Missing mandatory fields.",
    "25": "The request parameters are invalid.",
    "26": "System busy. Traffic blocking condition in place.",
    "29": "Invalid command.",
    "1001": "Unable to lock subscriber, a transaction is already in process for the current subscriber",
    "1019": "Transaction has expired",
    "1025": "An error occurred while sending a push request",
    "1031": "Request cancelled by user",
    "1032": "Request cancelled by user",
    "1036": "SMSC ACK timeout.",
    "1037": "DS timeout user cannot be reached",
    "2001": "The initiator information is invalid.",
    "2006": "Declined due to account rule: The account status does not allow this transaction.",
    "2028": "The request is not permitted according to product assignment.",
    "2040": "Credit Party customer type (Unregistered or Registered Customer) can't be supported by the service.",
    "4001": "User cancelled transaction",
    "8006": "The security credential is locked.",
    "9999": "An error occurred while sending a push request",
    "SFC_IC0003": "The operator does not exist.",
    "R000001": "The transaction has already been reversed.",
    "R000002": "The OriginalTransactionID is invalid.",
    "C2B00011": "Invalid MSISDN",
    "C2B00012": "Invalid Account Number",
    "C2B00013": "Invalid Amount",
    "C2B00014": "Invalid KYC Details",
    "C2B00015": "Invalid Shortcode",
    "C2B00016": "Other Error",
    **{str(100_000_000 + n): "Request was not routed by the gateway." for n in range(12)},
}
ACCEPTED = "Accept the service request successfully."


def text(code: str) -> str:
    """What comes along with a result code."""
    return RESULTS.get(code, "The service request failed.")


def typed(code: str) -> int | str:
    """A number where it is one: `0`, but `"SFC_IC0003"`."""
    return int(code) if code.isdigit() else code


class Refused(Exception):
    """A synchronous refusal: an HTTP status, a code, a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self) -> Response:
        """The error body."""
        return wire.answer(
            {"requestId": wire.proxy_id(), "errorCode": self.code, "errorMessage": self.message}, self.status
        )


class Declined(Exception):
    """The platform says no after it took the request; nothing moves."""

    def __init__(self, code: str, receipt: str = "") -> None:
        super().__init__(text(code))
        self.code, self.receipt = code, receipt


def invalid(field: str) -> Refused:
    """A field that is missing or wrong."""
    return Refused(400, "400.002.02", f"Bad Request - Invalid {field}")
