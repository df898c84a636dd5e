"""The ways a group says no."""

from apps.kernel.errors import Conflict, DomainError


class Invalid(DomainError):
    """Fields that cannot be used; `errors` names them."""

    code, status = "invalid", 400


class GroupNotOpen(Conflict):
    """The group has not begun, or is closed."""

    code = "group_not_open"


class GroupRestricted(Conflict):
    """The bank lets nothing out of the group."""

    code = "group_restricted"


class AlreadyMember(Conflict):
    """They belong to the group, or were asked already."""

    code = "already_member"


class RoleTaken(Conflict):
    """A group has one chair, one treasurer, one secretary."""

    code = "role_taken"


class TooManyGroups(Conflict):
    """A person belongs to as many groups as one can, or a group has as many members or invitations."""

    code = "too_many"


class NotEnoughInPurse(DomainError):
    """The pot, the welfare fund or the rotation holds less than this takes; `facts` say how much."""

    code = "not_enough_in_pot"


class NotAccepted(Conflict):
    """The constitution waits to be accepted."""

    code = "constitution_not_accepted"


class NoSay(Conflict):
    """It is not theirs to decide, or not any more."""

    code = "no_say"


class OwnMatter(NoSay):
    """It is about them, so the others decide."""

    code, status = "own_matter", 403


class AlreadySaid(Conflict):
    """One vote, one signature."""

    code = "already_said"


class AlreadyDone(Conflict):
    """It was done before, and is done once."""

    code = "already_done"


class NotYet(Conflict):
    """Its time has not come, or something must be paid first; `facts` say what."""

    code = "not_yet"


class OverTheLimit(DomainError):
    """More than the constitution or a member's own savings allow."""

    code = "over_the_limit"


class NotVerified(DomainError):
    """A group whose papers were not checked would hold or pay out more than it may; `facts` say how much."""

    code, status = "group_not_verified", 422


class PaperRefused(DomainError):
    """The file cannot be taken; nothing was kept. `because` is one of a few words."""

    code, status = "paper_refused", 400
