"""Standing orders of a business: setting them up, signing and paying them."""

from apps.accounts.testing import kes
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.notifications.testing import code_sent_to, messages_to
from apps.payments import operations
from apps.payments.schedule import Schedule
from apps.payments.tests.people import working_day
from apps.users import operations as people


def ask_order(account, payee, amount="2000", *, by, schedule=None, at=None, **more):
    asked = {"key": "rent", "day_off": "SAME_DAY", "note": "Rent"} | more
    return operations.ask_joint_order(
        from_account=account,
        where=operations.place_here(to=payee.number, owner=account.owner, at=at or now()),
        amount=kes(amount), schedule=schedule or Schedule("WEEKLY", working_day()), by=by, at=at or now(), **asked,
    )  # fmt: skip


def order_proof(joint, by, at=None):
    at = at or now()
    row = operations.challenge_joint_order(joint=joint, by=by, at=at, method="SMS")
    people.answer(challenge_id=row.pk, user=by, answer=code_sent_to(str(by.phone)), at=at)
    return row.pk


def sign_order(joint, by, at=None):
    proved = order_proof(joint, by, at)
    return operations.sign_joint_order(joint=joint, challenge_id=proved, by=by, at=at or now())


def signed_order(account, payee, *who, **more):
    joint = ask_order(account, payee, by=who[0], **more)
    for one in who:
        joint = sign_order(joint, one)
    return joint


def run(joint, at):
    return operations.pay_order(order_id=joint.order_id, at=at)


def told(who):
    deliver_events()
    return [str(one.body) for one in messages_to(str(who.phone))]
