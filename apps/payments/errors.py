"""The ways a payment says no. None of them has moved money."""

from apps.kernel.errors import Conflict, DomainError, NotAllowed


class PayeeNotFound(DomainError):
    """Nobody here has that phone or account number."""

    code, status = "payee_not_found", 404


class PayeeCannotReceive(DomainError):
    """The payee's account is closed."""

    code, status = "payee_cannot_receive", 422


class ToYourself(DomainError):
    """The account money would come from, or another of one's own."""

    code, status = "payment_to_self", 422


class BadQr(DomainError):
    """Not a payment code, altered, used or out of time."""

    code, status = "qr_not_valid", 422


class BadMerchant(DomainError):
    """A shop or a counter cannot be written down like that; `errors` says which words."""

    code, status = "bad_merchant", 422


class BadLargeSale(DomainError):
    """Sales cannot be called large from that amount on, or not from that day."""

    code, status = "bad_large_sale", 422


class MerchantClosed(DomainError):
    """The shop does not take payments any more."""

    code, status = "merchant_closed", 422


class ShopOpen(Conflict):
    """Whoever has a shop that still takes payments is not closed."""

    code = "shop_open"


class SaleOver(Conflict):
    """The sale was paid, taken back or has run out, or is being paid."""

    code = "sale_over"


class KeyReused(Conflict):
    """The same form or key came with other contents."""

    code = "idempotency_key_reused"


class PaymentExpired(DomainError):
    """Not confirmed in time."""

    code, status = "payment_expired", 422


class RailNotConnected(DomainError):
    """No provider carries that kind of payment here."""

    code, status = "rail_not_connected", 422


class StillUnderWay(Conflict):
    """The outcome is not known yet, so nothing may be done with it."""

    code = "payment_under_way"


class NotRefundable(DomainError):
    """It left the bank, did not move money, or has been given back in full."""

    code, status = "not_refundable", 422


class AlreadySaved(Conflict):
    """The payee stands in the book; `payee` says as which."""

    code = "payee_saved_already"


class BadNickname(DomainError):
    """Empty, too long, or not to be printed."""

    code, status = "bad_nickname", 422


class BadDates(DomainError):
    """The parts do not make a schedule, or it lies in the past."""

    code, status = "bad_schedule", 422


class RequestOver(Conflict):
    """The request was answered, taken back or has run out."""

    code = "request_over"


class TooManyRequests(DomainError):
    """Nobody may flood others with requests to pay."""

    code, status = "too_many_payment_requests", 429


class RemindedAlready(DomainError):
    """Once a day, and not on the day it was asked."""

    code, status = "reminded_already", 429


class BadSplit(DomainError):
    """The shares do not make the bill, or somebody stands in it twice."""

    code, status = "bad_split", 422


class FileRefused(DomainError):
    """A file of payments that cannot be read as a whole; `reason` is its code."""

    code, status = "bulk_file_refused", 422


class BadRowsLeft(DomainError):
    """Some rows cannot be paid, and nobody agreed to leave them out."""

    code, status = "bulk_bad_rows", 422


class RepeatsNotMeant(DomainError):
    """Rows, or the whole file, look like a repetition, and nobody said that they are meant."""

    code, status = "bulk_repeats", 422


class NothingToPay(DomainError):
    """No row can be paid."""

    code, status = "bulk_nothing_to_pay", 422


class BatchTooLarge(DomainError):
    """The batch comes to more than one may."""

    code, status = "bulk_too_large", 422


class SecondPersonNeeded(DomainError):
    """The business has nobody else who could approve."""

    code, status = "second_person_needed", 422


class RowsChanged(Conflict):
    """What would be paid is not what was looked at."""

    code = "bulk_rows_changed"


class BillerNotFound(DomainError):
    """No biller of the directory has that code."""

    code, status = "biller_not_found", 404


class BadBillAccount(DomainError):
    """Not what an account with that biller looks like; `errors` names the field, `example` shows one."""

    code, status = "bill_account_not_valid", 400


class BadBillAmount(DomainError):
    """Less or more than the biller takes at once."""

    code, status = "bill_amount_not_taken", 422


class BadBiller(DomainError):
    """What was written down of a biller does not hold together."""

    code, status = "bad_biller", 422


class BadAirtimePhone(DomainError):
    """Not a Kenyan mobile number whose network sells airtime here."""

    code, status = "airtime_phone_not_valid", 422


class BadAirtimeAmount(DomainError):
    """Airtime is sold in whole shillings, between a least and a most."""

    code, status = "airtime_amount_not_valid", 422


class ChannelLimit(DomainError):
    """More than may leave in a day by this door; `limit` and `left` say how much."""

    code, status = "channel_limit_exceeded", 422


class BankNotFound(DomainError):
    """Not in the directory of banks on that day."""

    code, status = "bank_not_found", 404


class BadBankAccount(DomainError):
    """Not an account, or details that belong to it are missing."""

    code, status = "bad_bank_account", 422


class OutsideBankLimits(DomainError):
    """More than that way carries, or a bank that takes no part in it; less or more than a corridor takes."""

    code, status = "amount_outside_rail_limits", 422


class CorridorNotFound(DomainError):
    """The bank sends no money there in that way."""

    code, status = "corridor_not_found", 404


class TierTooLow(DomainError):
    """Money abroad needs checked papers: TIER_2."""

    code, status = "tier_too_low", 403


class BadNostroStatement(DomainError):
    """Not a statement of that account and day, or not the next in its sequence."""

    code, status = "bad_nostro_statement", 422


class AirtimeNotToDecide(DomainError):
    """The provider still has a word, or has had it."""

    code, status = "airtime_not_to_decide", 409


class NotToRecall(DomainError):
    """Nothing another bank has, or it was asked already."""

    code, status = "not_to_recall", 409


class NotASignatory(NotAllowed):
    """The mandate of the business does not name who asks."""

    code = "not_a_signatory"


class SignaturesLacking(Conflict):
    """Those who signed what pays itself are not enough by the mandate of the day; more must sign it again."""

    code = "signatures_lacking"


class NotWaiting(Conflict):
    """Money that another bank sent does not wait for a person (any more)."""

    code = "transfer_not_waiting"


class AnsweredAlready(Conflict):
    """What another bank asked was answered, or its time is over."""

    code = "asked_back_answered"
