"""What of the floors above stands on a transfer, so that undoing it in the books alone would leave that behind."""

from collections.abc import Callable, Mapping

from django.utils.functional import Promise

from apps.ledger.errors import TransferTied

Tie = Callable[[int, str], str | Promise | None]  # of the transfer's id and reference: a sentence for staff, or None

_ties: list[Tie] = []


def register(tie: Tie) -> None:
    """Let a floor above say what stands on a transfer, and where it is put right instead; None where nothing does."""
    _ties.append(tie)


def under(beginnings: Mapping[str, Promise]) -> Tie:
    """A tie of all transfers whose reference begins so."""

    def tie(_transfer_id: int, reference: str) -> Promise | None:
        return next((said for beginning, said in beginnings.items() if reference.startswith(beginning)), None)

    return tie


def require_untied(transfer_id: int, reference: str) -> None:
    """Raises TransferTied, with what the first who knows it says."""
    for tie in _ties:
        if said := tie(transfer_id, reference):
            raise TransferTied(said, transfer=transfer_id)
