"""What the household has and wants: folders, Sonarr and Radarr, wanted subtitles, notifications."""

from pathlib import Path

from pydantic import Field, SecretStr

from sublarr.settings.kinds import (
    Amount,
    Count,
    CountOrZero,
    Folder,
    HttpUrl,
    JsonObjects,
    MaskedUrl,
    NotificationUrls,
    PathMappings,
)
from sublarr.settings.sections.section import Section

_NO_SECRET = SecretStr("")
_NO_URL = MaskedUrl("")


class LibrarySettings(Section):
    """Watched folders, how they are scanned, and where titles come from."""

    media_path: Folder = Field(
        Path("/media"), description="The media folder where no watched folder is set up."
    )
    standalone_enabled: bool = Field(True, description="Whether watched folders are scanned and watched.")
    standalone_scan_interval_hours: CountOrZero = Field(
        6, description="Hours between full scans; 0: never by itself."
    )
    standalone_debounce_seconds: CountOrZero = Field(
        10, description="Seconds a new file must be left alone before it is read."
    )
    standalone_skip_extras: bool = Field(
        True, description="Whether trailers, featurettes and samples are skipped."
    )
    scan_metadata_max_workers: Count = Field(4, description="Processes that read media files during a scan.")
    ffmpeg_timeout: Count = Field(
        120, description="Seconds after which reading the subtitles of one file is given up."
    )
    use_embedded_subs: bool = Field(
        True, description="Whether subtitle tracks inside media files count and are used."
    )
    tmdb_api_key: SecretStr = Field(_NO_SECRET, description="The key for titles from TMDB.")
    tvdb_api_key: SecretStr = Field(_NO_SECRET, description="The key for titles from TheTVDB.")
    tvdb_pin: SecretStr = Field(_NO_SECRET, description="The PIN that belongs to a TheTVDB subscriber key.")
    metadata_cache_ttl_days: Count = Field(30, description="Days titles from the services above are kept.")
    anidb_enabled: bool = Field(
        True, description="Whether AniDB ids and absolute numbers are resolved for anime."
    )
    anidb_cache_ttl_days: Count = Field(30, description="Days a resolved AniDB id is kept.")
    anidb_custom_field_name: str = Field(
        "anidb_id", description="The custom field in Sonarr that holds an AniDB id."
    )
    anidb_fallback_to_mapping: bool = Field(
        True, description="Whether known mappings serve where Sonarr has no id."
    )


class SourceSettings(Section):
    """Sonarr, Radarr and the media servers, as they are set up at first start."""

    sonarr_url: HttpUrl = Field(_NO_URL, description="Sonarr.")
    sonarr_api_key: SecretStr = Field(_NO_SECRET, description="Sonarr's API key.")
    sonarr_instances_json: JsonObjects = Field(
        _NO_SECRET, description="Several Sonarrs: objects with name, url, api_key and path_mapping."
    )
    radarr_url: HttpUrl = Field(_NO_URL, description="Radarr.")
    radarr_api_key: SecretStr = Field(_NO_SECRET, description="Radarr's API key.")
    radarr_instances_json: JsonObjects = Field(
        _NO_SECRET, description="Several Radarrs: objects with name, url, api_key and path_mapping."
    )
    jellyfin_url: HttpUrl = Field(_NO_URL, description="Jellyfin or Emby, told when a subtitle is written.")
    jellyfin_api_key: SecretStr = Field(_NO_SECRET, description="The API key of Jellyfin or Emby.")
    media_servers_json: JsonObjects = Field(
        _NO_SECRET, description="Several media servers: objects with type, name, url and their key or token."
    )
    path_mapping: PathMappings = Field(
        (), description="How paths of Sonarr and Radarr are found on this machine."
    )
    webhook_delay_minutes: CountOrZero = Field(
        5, description="Minutes waited after a message from Sonarr or Radarr."
    )
    webhook_auto_scan: bool = Field(True, description="Whether such a message makes the file be scanned.")
    webhook_auto_search: bool = Field(True, description="Whether subtitles are then searched for.")
    webhook_auto_translate: bool | None = Field(
        None, description="Whether they are then translated where none is found; empty: the profile decides."
    )


class WantedSettings(Section):
    """What is wanted, when it is searched for, and when a better subtitle replaces one."""

    wanted_scan_interval_hours: CountOrZero = Field(
        0, description="Hours between looks for missing subtitles; 0: on events only."
    )
    wanted_scan_on_startup: bool = Field(
        False, description="Whether missing subtitles are looked for at start."
    )
    wanted_anime_only: bool = Field(False, description="Whether only anime series are considered.")
    wanted_anime_movies_only: bool = Field(False, description="Whether only anime films are considered.")
    wanted_search_interval_hours: CountOrZero = Field(
        24, description="Hours between searches; 0: never by itself."
    )
    wanted_search_on_startup: bool = Field(False, description="Whether a search runs at start.")
    wanted_search_max_items_per_run: Count = Field(50, description="Items searched for in one run.")
    wanted_max_search_attempts: Count = Field(
        3, description="Searches without result after which an item is failed."
    )
    wanted_adaptive_backoff_enabled: bool = Field(
        True, description="Whether fruitless searches become rarer."
    )
    wanted_backoff_base_hours: Amount = Field(
        1.0, description="Hours until the second search; doubled each time."
    )
    wanted_backoff_cap_hours: Count = Field(
        168, description="The most hours between two searches of an item."
    )
    wanted_skip_srt_on_no_ass: bool = Field(
        False, description="Whether SRT is left out where a search found no ASS."
    )
    wanted_auto_extract: bool = Field(
        False, description="Whether a scan writes embedded subtitles beside the file."
    )
    wanted_auto_translate: bool = Field(False, description="Whether what a scan extracted is translated.")
    upgrade_enabled: bool = Field(True, description="Whether better subtitles replace what is there.")
    upgrade_scan_interval_hours: CountOrZero = Field(
        0, description="Hours between searches for better ones; 0: never by itself."
    )
    upgrade_min_score_delta: CountOrZero = Field(50, description="Points by which another must be better.")
    upgrade_window_days: CountOrZero = Field(
        7, description="Days for which a new subtitle needs twice as many."
    )
    upgrade_prefer_ass: bool = Field(True, description="Whether ASS always replaces SRT.")


class EventSettings(Section):
    """Whom the household hears from."""

    notification_urls_json: NotificationUrls = Field((), description="Where notifications go (Apprise).")
    notify_on_download: bool = Field(True, description="Whether a downloaded subtitle is told.")
    notify_on_upgrade: bool = Field(True, description="Whether a replaced subtitle is told.")
    notify_on_batch_complete: bool = Field(True, description="Whether the end of a batch is told.")
    notify_on_error: bool = Field(True, description="Whether failures are told.")
    notify_manual_actions: bool = Field(False, description="Whether what a person just did is told too.")
