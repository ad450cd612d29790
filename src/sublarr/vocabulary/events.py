"""The catalogue of events: what happens in the house that others may want to hear of."""

from enum import StrEnum


class EventName(StrEnum):
    """The names under which events are stored and sent; sixteen are the predecessor's."""

    SUBTITLE_DOWNLOADED = "subtitle_downloaded"
    TRANSLATION_COMPLETE = "translation_complete"
    TRANSLATION_FAILED = "translation_failed"
    PROVIDER_SEARCH_COMPLETE = "provider_search_complete"
    PROVIDER_FAILED = "provider_failed"
    WANTED_SCAN_COMPLETE = "wanted_scan_complete"
    WANTED_ITEM_PROCESSED = "wanted_item_processed"
    UPGRADE_COMPLETE = "upgrade_complete"
    BATCH_COMPLETE = "batch_complete"
    WEBHOOK_RECEIVED = "webhook_received"
    CONFIG_UPDATED = "config_updated"
    WHISPER_COMPLETE = "whisper_complete"
    WHISPER_FAILED = "whisper_failed"
    HOOK_EXECUTED = "hook_executed"
    STANDALONE_SCAN_COMPLETE = "standalone_scan_complete"
    STANDALONE_FILE_DETECTED = "standalone_file_detected"
    JOB_FAILED = "job_failed"
    BACKUP_COMPLETE = "backup_complete"
    BACKUP_FAILED = "backup_failed"
    HEALTH_CHANGED = "health_changed"
