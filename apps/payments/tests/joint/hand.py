"""Asking for payments of a business, and signing them."""

from apps.accounts import operations as accounts
from apps.accounts.signing import ANY, SOME, Band
from apps.accounts.testing import kes, sign_mandate
from apps.kernel.clock import now
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.users import operations as people

TWO_OF = [Band(100_000, ANY), Band(None, SOME, 2)]


def ask(account, payee, amount="2000", *, by, key="one", at=None):
    return operations.ask_joint(
        from_account=account, to=payee.number, amount=kes(amount), key=key, by=by, at=at or now(), note="Steel"
    )


def proof(joint, by):
    row = operations.challenge_joint(joint=joint, by=by, at=now(), method="SMS")
    people.answer(challenge_id=row.pk, user=by, answer=code_sent_to(str(by.phone)), at=now())
    return row.pk


def sign(joint, by):
    return operations.sign_joint(joint=joint, challenge_id=proof(joint, by), by=by, at=now())


def make_mandate_of_three(firm, second, third):
    who = [firm.created_by, second, third]
    mandate = accounts.propose_mandate(
        business=firm, signatories=[one.pk for one in who], bands=[Band(None, SOME, 2)], by=second, at=now()
    )
    for one in who:
        mandate = sign_mandate(mandate, one)
