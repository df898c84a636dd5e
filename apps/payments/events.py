"""What payments tell the floors above (amounts in minor units)."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCompleted(Event):
    """Money moved."""

    name = "payments.payment.completed"
    payment_id: int
    payer_id: int
    payee_id: int | None  # nobody of this bank when a rail carried it
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentHeld(Event):
    """Confirmed, its money set aside, and waiting: for a moment, or for a person's look."""

    name = "payments.payment.held"
    payment_id: int
    payer_id: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentQueued(Event):
    """Confirmed, its money set aside, and ready for its rail."""

    name = "payments.payment.queued"
    payment_id: int
    rail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(Event):
    """A confirmed payment was refused; nothing moved."""

    name = "payments.payment.failed"
    payment_id: int
    payer_id: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReversed(Event):
    """A payment that was made has gone back: refunded to the last cent, or returned by another bank."""

    name = "payments.payment.reversed"
    payment_id: int
    payer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundMade(Event):
    """Money of a payment went back to its payer."""

    name = "payments.refund.made"
    refund_id: int
    payment_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeAdded(Event):
    """Somebody was written into a recipient book."""

    name = "payments.payee.added"
    payee_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrderConfirmed(Event):
    """A standing order was proven and will pay by itself."""

    name = "payments.standing_order.confirmed"
    order_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrderFailed(Event):
    """A date of a standing order was not paid, and will not be."""

    name = "payments.standing_order.failed"
    order_id: int
    run_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOrderEnded(Event):
    """The last date of a standing order is behind it."""

    name = "payments.standing_order.ended"
    order_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMade(Event):
    """Somebody was asked for money."""

    name = "payments.request.made"
    request_id: int
    asker_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReminded(Event):
    """They were asked once more."""

    name = "payments.request.reminded"
    request_id: int
    asker_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPaid(Event):
    """A request was paid, in the transaction that moved the money."""

    name = "payments.request.paid"
    request_id: int
    payment_id: int
    asker_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDeclined(Event):
    """The asked person said no."""

    name = "payments.request.declined"
    request_id: int
    asker_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkSubmitted(Event):
    """A batch waits for a second person."""

    name = "payments.bulk.submitted"
    bulk_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkStarted(Event):
    """A batch was allowed, its money taken, and it is being paid."""

    name = "payments.bulk.started"
    bulk_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRowsPaid(Event):
    """Rows of a batch reached accounts of this bank: those with numbers from `first` to `last`."""

    name = "payments.bulk.rows_paid"
    bulk_id: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkEnded(Event):
    """Nothing of a batch is open any more."""

    name = "payments.bulk.ended"
    bulk_id: int
    status: str
    paid: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantsSettled(Event):
    """Shops were paid what they took: the settlements from `first` to `last` of a day."""

    name = "payments.merchants.settled"
    day: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReturned(Event):
    """Another bank sent a settled payment back; its payer has what came of it."""

    name = "payments.payment.returned"
    return_id: int
    payment_id: int
    payer_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JointAsked(Event):
    """A payment of a business waits for signatures."""

    name = "payments.joint.asked"
    joint_id: int
    business_id: int
    by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JointEnded(Event):
    """A payment that waited for signatures is signed, turned down, taken back or too old; signed, it may be stopped
    while it is held, and ends a second time.
    """

    name = "payments.joint.ended"
    joint_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JointOrderAsked(Event):
    """A standing order of a business waits for signatures."""

    name = "payments.joint_order.asked"
    joint_id: int
    business_id: int
    by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JointOrderEnded(Event):
    """One that waited for signatures was turned down or taken back, or one in force was stopped."""

    name = "payments.joint_order.ended"
    joint_id: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReceived(Event):
    """Another bank sent money that is on an account now; once for each."""

    name = "payments.incoming.received"
    incoming_id: int
    account_id: int
    owner_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRefused(Event):
    """Another bank's transfer to a customer was refused; no money moved."""

    name = "payments.incoming.refused"
    incoming_id: int
    owner_id: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferWaits(Event):
    """Money of another bank waits in suspense for a person."""

    name = "payments.incoming.waits"
    incoming_id: int
    minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAskedBack(Event):
    """Another bank asks for a transfer back; whose money it is shall say."""

    name = "payments.incoming.asked_back"
    asked_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReturned(Event):
    """Money of another bank is with it again; `owner_id` had agreed, None when it never reached an account."""

    name = "payments.incoming.returned"
    return_id: int
    incoming_id: int
    owner_id: int | None
