"""Every address that takes calls: its product, its version, who answers, and its word for an invalid token."""

from simulators.providers.daraja import b2b, b2c, c2b, enquiries, reversal, stk
from simulators.providers.daraja.calls import View
from simulators.providers.daraja.tokens import BAD, DENIED, NOT_FOUND

PRODUCTS: dict[str, tuple[str, str, View, tuple[int, str, str]]] = {
    "mpesa/stkpush/v1/processrequest": ("stk", "v1", stk.push, NOT_FOUND),
    "mpesa/stkpushquery/v1/query": ("query", "v1", stk.query, NOT_FOUND),
    "mpesa/c2b/v1/registerurl": ("register", "v1", c2b.register, BAD),
    "mpesa/c2b/v2/registerurl": ("register", "v2", c2b.register, BAD),
    "mpesa/c2b/v1/simulate": ("simulate", "v1", c2b.simulate, BAD),
    "mpesa/c2b/v2/simulate": ("simulate", "v2", c2b.simulate, BAD),
    "mpesa/b2c/v1/paymentrequest": ("b2c", "v1", b2c.pay, DENIED),
    "mpesa/b2c/v3/paymentrequest": ("b2c", "v3", b2c.pay, DENIED),
    "mpesa/b2pochi/v1/paymentrequest": ("pochi", "v3", b2c.pay, DENIED),
    "mpesa/b2b/v1/paymentrequest": ("b2b", "v1", b2b.pay, DENIED),
    "mpesa/b2b/v1/remittax": ("tax", "v1", b2b.remit_tax, DENIED),
    "mpesa/reversal/v1/request": ("reversal", "v1", reversal.reverse, DENIED),
    "mpesa/transactionstatus/v1/query": ("status", "v1", enquiries.status, DENIED),
    "mpesa/accountbalance/v1/query": ("balance", "v1", enquiries.balance, DENIED),
}
