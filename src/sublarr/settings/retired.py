"""The predecessor's settings that this design has no use for: accepted, without effect, and said so."""

from collections.abc import Mapping

_NO_REMUX = "Sublarr writes beside media files and never into them."
_NO_CAPTCHA = "No provider that asks for a captcha is included."
_ONE_SYNC = "Synchronising has one engine, ffsubsync."

RETIRED: Mapping[str, str] = {
    "cors_origins": "Pages and API come from one origin; other origins use an API key from their own server.",
    "github_token": "There is no plug-in marketplace to query; plug-ins are Python packages.",
    "plugin_hot_reload": "Plug-ins are read at start, and again when asked to.",
    "anti_captcha_provider": _NO_CAPTCHA,
    "anti_captcha_api_key": _NO_CAPTCHA,
    "translation_max_workers": "All background work shares the workers of `SUBLARR_QUEUE_WORKERS`.",
    "scan_metadata_engine": "Media files are read with PyAV; neither ffprobe nor mediainfo is needed.",
    "scan_yield_ms": "Scans run in processes of their own and do not slow the pages down.",
    "auto_sync_engine": _ONE_SYNC,
    "auto_process_sync_fallback_engine": _ONE_SYNC,
    "auto_nfo_export": "What is known about a subtitle is kept in the database and shown on the pages.",
    "streaming_enabled": "Sublarr does not stream video; media servers do.",
    "jellyfin_play_translate_enabled": "When to translate is a profile's choice.",
    "remux_trash_dir": _NO_REMUX,
    "remux_backup_retention_days": _NO_REMUX,
    "remux_use_reflink": _NO_REMUX,
    "remux_arr_pause_enabled": _NO_REMUX,
}
