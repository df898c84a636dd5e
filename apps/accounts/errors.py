"""The ways an account says no."""

from apps.kernel.errors import Conflict, DomainError


class AccountNotActive(DomainError):
    """Frozen or dormant: no money leaves."""

    code, status = "account_not_active", 422


class AccountClosed(DomainError):
    """Closed: nothing comes or goes."""

    code, status = "account_closed", 422


class LimitExceeded(DomainError):
    """Over a limit of the customer's tier; `limit` and `left` say which and how much remains."""

    code, status = "limit_exceeded", 422


class PayeeLimit(DomainError):
    """The receiving account may not hold that much; whose limit it is, is all that is said."""

    code, status = "payee_limit", 422


class NotEmpty(Conflict):
    """Only an empty account can be closed."""

    code = "account_not_empty"


class NoTill(DomainError):
    """The teller has no open till."""

    code, status = "no_till", 422


class TillShort(DomainError):
    """The till does not hold that much cash."""

    code, status = "till_short", 422


class FormReused(Conflict):
    """The same form was sent with other contents."""

    code = "form_reused"


class TopUpNotConnected(DomainError):
    """No provider that could fill an account by phone is connected to this bank."""

    code, status = "top_up_not_connected", 422


class StatementTooLong(DomainError):
    """More lines than one document holds."""

    code, status = "statement_too_long", 422


class NotOffered(DomainError):
    """The tariff ends below that amount."""

    code, status = "amount_not_offered", 422


class BadTariff(DomainError):
    """Bands that overlap, a day that has begun, a figure below nothing."""

    code, status = "bad_tariff", 422


class NotKnownYet(DomainError):
    """The bank does not know the business yet: its verification comes first."""

    code, status = "business_not_verified", 422


class BadMandate(DomainError):
    """What the mandate says cannot be; `because` says what."""

    code, status = "bad_mandate", 422


class NoMandate(DomainError):
    """No mandate of the business is in force, so nobody may pay from its account."""

    code, status = "no_mandate", 422


class TooFewSign(Conflict):
    """Fewer are left than the mandate asks for."""

    code = "too_few_signatories"


class AccountsOpen(Conflict):
    """Whoever has money with the bank, and a business with open accounts, is not closed."""

    code = "accounts_open"


class BadInterestBack(DomainError):
    """Interest cannot be taken back like that, or not from there."""

    code, status = "bad_interest_back", 422


class BadInterest(DomainError):
    """Slices that overlap, a day that has begun, a rate that is none."""

    code, status = "bad_interest", 422


class BadLargePayment(DomainError):
    """An amount that is none or holds already, or a day that has begun."""

    code, status = "bad_large_payment", 422


class NotSpendable(DomainError):
    """A goal or a deposit: its money leaves by its own acts alone."""

    code, status = "account_not_spendable", 422


class TakesNoMoney(AccountClosed):
    """A fixed deposit: its amount was agreed, so nothing can be paid into it."""

    code = "account_takes_no_money"


class BadRule(DomainError):
    """An automatic transfer that does not hold together."""

    code, status = "bad_transfer_rule", 422


class RuleReused(Conflict):
    """The same form was sent with other figures."""

    code = "transfer_rule_reused"


class TooManyRules(DomainError):
    """A person has as many rules as one can have."""

    code, status = "too_many_rules", 422


class BadGoal(DomainError):
    """A goal without a name, a target or a day that can be."""

    code, status = "bad_goal", 422


class GoalReused(Conflict):
    """The same form was sent with other figures."""

    code = "goal_reused"


class GoalLocked(DomainError):
    """Locked until a day; `can_be_broken` says whether its owner may take it out all the same."""

    code, status = "goal_locked", 422


class NotYourShare(DomainError):
    """More than one's own share of a goal."""

    code, status = "more_than_your_share", 422


class NoAccountForShare(DomainError):
    """Somebody has a share and no account to take it."""

    code, status = "no_account_for_share", 422


class DepositNotOffered(DomainError):
    """Too little, or a term that the chart does not have."""

    code, status = "deposit_not_offered", 422


class DepositReused(Conflict):
    """The same form was sent with other figures."""

    code = "deposit_reused"


class NotAsleep(Conflict):
    """The account is not dormant, or what slept went on."""

    code = "account_not_asleep"


class ImportRefused(DomainError):
    """A file of movements that cannot be taken; facts say why, and which rows."""

    code, status = "import_refused", 422


class NotLinked(Conflict):
    """The account is held here; only accounts at other banks are asked for."""

    code = "account_not_linked"
