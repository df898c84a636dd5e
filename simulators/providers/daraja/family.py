"""The common shape of 1.7: an initiator asks, the platform accepts, the result is posted later."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulators.providers.daraja import clock, credential, money, results, switches, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import ACCEPTED, DONE, Declined, Refused, text
from simulators.providers.daraja.money import Move
from simulators.web import Response


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What every request of the family names."""

    initiator: str
    credential: str
    result_url: str
    timeout_url: str
    remarks: str
    conversation_id: str
    originator_id: str
    is_ours: bool


@dataclass(frozen=True)
class Outcome:
    """What went well."""

    receipt: str
    parameters: dict[str, Any]
    references: list[dict[str, Any]] | dict[str, Any] | None = None


def asked(call: Call, *, initiator: str = "Initiator", own_id: str = "") -> Asked:
    """Read it. Raises Refused."""
    told = call.fields
    return Asked(
        initiator=told.text(initiator, also="InitiatorName" if initiator == "Initiator" else "Initiator"),
        credential=told.text("SecurityCredential", most=1000),
        remarks=told.text("Remarks", least=2, most=100),
        timeout_url=told.url("QueueTimeOutURL"),
        result_url=told.url("ResultURL"),
        conversation_id=wire.conversation_id(clock.now(call.house)),
        originator_id=own_id or wire.proxy_id(),
        is_ours=bool(own_id),
    )


def accept(
    call: Call,
    by: Asked,
    perform: Callable[[], Outcome],
    *,
    in_text: bool = False,
    failure: Callable[[], dict[str, Any]] | None = None,
) -> Response:
    """Carry it out, have its result posted, and say that it was accepted."""
    house = call.house
    with house.store.write():
        _remember(call, by)
        try:
            credential.require(house, call.product, by.initiator, by.credential)
            outcome = perform()
            code, receipt = DONE, outcome.receipt
            parameters: Any = results.pairs(outcome.parameters)
            references = outcome.references or _queue_url(by)
        except Declined as no:
            code, receipt = no.code, no.receipt or wire.no_receipt(clock.now(house))
            parameters, references = failure() if failure else None, _queue_url(by)
        house.store.change(
            "UPDATE daraja_request SET result_code = ?, receipt = ? WHERE conversation_id = ?",
            code,
            receipt,
            by.conversation_id,
        )
        body = results.result(
            code,
            text(code),
            ids=_ids(call, by),
            receipt=receipt,
            parameters=parameters,
            references=references,
            in_text=in_text,
        )
        _post(call, by, body)
    return wire.answer(
        {
            "ConversationID": by.conversation_id,
            "OriginatorConversationID": by.originator_id,
            "ResponseCode": "0",
            "ResponseDescription": ACCEPTED,
        }
    )


def _remember(call: Call, by: Asked) -> None:
    try:
        call.house.store.add(
            "daraja_request",
            conversation_id=by.conversation_id,
            originator_id=by.originator_id,
            is_ours=int(by.is_ours),
            product=call.product,
            at=clock.now(call.house),
        )
    except sqlite3.IntegrityError:
        raise Refused(500, "500.002.1001", "Duplicate OriginatorConversationID.") from None


def _ids(call: Call, by: Asked) -> tuple[str, str]:
    of_the_proxy = by.is_ours and switches.value(call.house, "originator_in_result") == "PROXY"
    return wire.proxy_id() if of_the_proxy else by.originator_id, by.conversation_id


def _queue_url(by: Asked) -> dict[str, str]:
    return {"Key": "QueueTimeoutURL", "Value": by.timeout_url}


def _post(call: Call, by: Asked, body: dict[str, Any]) -> None:
    how = str(call.plan.get("callback") or "")
    if not how.startswith("QUEUE_TIMEOUT"):
        call.later(results.post(call.house, call.plan, by.result_url, body))
        return
    unknown = results.result("26", "Queue timeout.", ids=_ids(call, by), receipt=wire.no_receipt(clock.now(call.house)))
    results.post(call.house, {}, by.timeout_url, unknown)
    if how == "QUEUE_TIMEOUT_THEN_RESULT":
        later = {"delay": float(call.plan.get("delay") or results.AFTER_OTHERS)}
        results.post(call.house, later, by.result_url, body)


def require_not_forced(call: Call) -> None:
    """A result that somebody planned. Raises Declined."""
    forced = str(call.plan.get("result_code") or DONE)
    if forced != DONE:
        raise Declined(forced)


def moved(call: Call, what: Move, check: Callable[[], None]) -> str:
    """Move money after a check; what is turned down is remembered with a receipt. Raises Declined."""
    try:
        require_not_forced(call)
        check()
        return money.move(call.house, what)
    except Declined as no:
        raise Declined(no.code, money.decline(call.house, what, no.code)) from no
