"""What may be said of the points for all that a provider offers."""

from sublarr.vocabulary.rules.kinds import Name, Points, Version
from sublarr.vocabulary.rules.rule import rule


@rule
class ModifierEdit:
    """Points for a provider; below 0 they are taken from it.

    `version` is the one that was seen, 0 where none was set; None sets them whatever is there.
    """

    provider_name: Name
    modifier: Points
    version: Version | None = None
