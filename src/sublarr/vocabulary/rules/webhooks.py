"""What may be said of a webhook. Its address may hold a password, and is not shown in logs."""

from dataclasses import field

from sublarr.vocabulary.rules.kinds import EventChoice, Name, RetryCount, Secret, TimeoutSeconds, WebUrl
from sublarr.vocabulary.rules.rule import rule


@rule
class NewWebhook:
    """A webhook to be; `event_name` may be `*` for every event."""

    name: Name
    event_name: EventChoice
    url: WebUrl = field(repr=False)
    secret: Secret = field(default="", repr=False)
    retry_count: RetryCount = 3
    timeout_seconds: TimeoutSeconds = 10
    enabled: bool = True


@rule
class WebhookEdit:
    """What a person may change of a webhook; None leaves a field as it is."""

    name: Name | None = None
    event_name: EventChoice | None = None
    url: WebUrl | None = field(default=None, repr=False)
    secret: Secret | None = field(default=None, repr=False)
    retry_count: RetryCount | None = None
    timeout_seconds: TimeoutSeconds | None = None
    enabled: bool | None = None
