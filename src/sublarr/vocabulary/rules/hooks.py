"""What may be said of a script hook."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from sublarr.vocabulary.events import EventName
from sublarr.vocabulary.rules.kinds import EventChoice, Name, ScriptPath, TimeoutSeconds
from sublarr.vocabulary.rules.rule import rule


def _not_of_itself(name: str) -> str:
    if name == EventName.HOOK_EXECUTED:
        raise ValueError(f"{name} starts no hooks, because each would start the next")
    return name


HookEvent = Annotated[EventChoice, AfterValidator(_not_of_itself)]


@rule
class NewHook:
    """A hook to be; `event_name` may be `*` for every event."""

    name: Name
    event_name: HookEvent
    script_path: ScriptPath
    timeout_seconds: TimeoutSeconds = 30
    hook_type: Literal["script"] = "script"
    enabled: bool = True


@rule
class HookEdit:
    """What a person may change of a hook; None leaves a field as it is."""

    name: Name | None = None
    event_name: HookEvent | None = None
    script_path: ScriptPath | None = None
    timeout_seconds: TimeoutSeconds | None = None
    enabled: bool | None = None
