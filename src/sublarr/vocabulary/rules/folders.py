"""What may be said of a watched folder."""

from sublarr.vocabulary.media import FolderContent
from sublarr.vocabulary.rules.kinds import FolderPath, Label
from sublarr.vocabulary.rules.rule import rule


@rule
class NewFolder:
    """A folder to be watched; its path is path text (`sublarr.vocabulary.paths`)."""

    path: FolderPath
    label: Label = ""
    media_type: FolderContent = FolderContent.AUTO


@rule
class FolderEdit:
    """What a person may change of a watched folder; None leaves a field as it is."""

    label: Label | None = None
    media_type: FolderContent | None = None
    enabled: bool | None = None
