"""What people can take away whole, and in which form."""

from enum import StrEnum


class ExportName(StrEnum):
    """A list that can be exported."""

    WANTED = "wanted"
    MEDIA = "media"
    FILES = "files"
    JOBS = "jobs"
    DOWNLOADS = "downloads"
    UPGRADES = "upgrades"
    BLOCKLIST = "blocklist"
    GLOSSARY = "glossary"
    TRANSLATION_MEMORY = "translation-memory"
    PROVIDERS = "providers"
    DELIVERIES = "deliveries"
    EVENTS = "events"
    DAYS = "days"
    BREAKDOWNS = "breakdowns"
    AUDIT = "audit"


class ExportFormat(StrEnum):
    """How an export is written: an object a line, a table, or one array."""

    JSONL = "jsonl"
    CSV = "csv"
    JSON = "json"
