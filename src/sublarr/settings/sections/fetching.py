"""How subtitles come: providers, scoring, what is done to the files, translation."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, SecretStr

from sublarr.settings.kinds import (
    Amount,
    Count,
    CountOrZero,
    Factor,
    Handling,
    HttpUrl,
    JsonObject,
    KeptFormat,
    Language,
    Languages,
    Lines,
    MaskedUrl,
    Names,
    Percent,
    Temperature,
)
from sublarr.settings.sections.section import Section
from sublarr.vocabulary.language import language_name
from sublarr.vocabulary.subtitles import HearingImpairedPreference

_NO_SECRET = SecretStr("")


class ProviderSettings(Section):
    """Subtitle providers: which, in what order, how patiently, and their accounts."""

    provider_priorities: Names = Field(
        ("animetosho", "jimaku", "opensubtitles", "subdl"), description="Providers in order of preference."
    )
    providers_enabled: Names = Field(
        (), description="The providers that are asked; empty: all that are installed."
    )
    providers_hidden: Names = Field((), description="Providers left off the pages.")
    provider_search_timeout: Count = Field(30, description="Seconds a search may take in all.")
    provider_cache_ttl_minutes: CountOrZero = Field(
        5, description="Minutes search results are kept; 0: not at all."
    )
    provider_auto_prioritize: bool = Field(
        True, description="Whether success changes the order of preference."
    )
    provider_rate_limit_enabled: bool = Field(
        True, description="Whether each provider's request limits are kept."
    )
    provider_auto_disable_cooldown_minutes: Count = Field(
        30, description="Minutes a failing provider is left alone."
    )
    provider_dynamic_timeout_enabled: bool = Field(
        True, description="Whether a provider's own speed sets its time limit."
    )
    provider_dynamic_timeout_min_samples: Count = Field(5, description="Answers needed before it does.")
    provider_dynamic_timeout_multiplier: Factor = Field(
        3.0, description="The limit as a multiple of the usual answer time."
    )
    provider_dynamic_timeout_buffer_secs: Amount = Field(2.0, description="Seconds added to that.")
    provider_dynamic_timeout_min_secs: Count = Field(5, description="The shortest such limit, in seconds.")
    provider_dynamic_timeout_max_secs: Count = Field(30, description="The longest such limit, in seconds.")
    circuit_breaker_failure_threshold: Count = Field(
        5, description="Failures in a row after which a provider is not asked."
    )
    circuit_breaker_cooldown_seconds: Count = Field(
        60, description="Seconds until it is asked once, as a trial."
    )
    opensubtitles_api_key: SecretStr = Field(_NO_SECRET, description="OpenSubtitles.com: API key.")
    opensubtitles_username: str = Field("", description="OpenSubtitles.com: user name.")
    opensubtitles_password: SecretStr = Field(_NO_SECRET, description="OpenSubtitles.com: password.")
    jimaku_api_key: SecretStr = Field(_NO_SECRET, description="Jimaku (anime): API key.")
    subdl_api_key: SecretStr = Field(_NO_SECRET, description="SubDL: API key.")
    addic7ed_username: str = Field("", description="Addic7ed: user name; an account may download more.")
    addic7ed_password: SecretStr = Field(_NO_SECRET, description="Addic7ed: password.")
    turkcealtyazi_username: str = Field("", description="Turkcealtyazi: user name.")
    turkcealtyazi_password: SecretStr = Field(_NO_SECRET, description="Turkcealtyazi: password.")
    betaseries_api_key: SecretStr = Field(_NO_SECRET, description="BetaSeries: API key.")


class ScoringSettings(Section):
    """What makes one subtitle better than another, beyond the weights kept in the database."""

    hi_preference: HearingImpairedPreference = Field(
        HearingImpairedPreference.INCLUDE, description="How subtitles for the hard of hearing are regarded."
    )
    forced_preference: Handling = Field("include", description="How forced subtitles are regarded.")
    release_group_prefer: Names = Field((), description="Release groups that are preferred.")
    release_group_exclude: Names = Field((), description="Release groups that are never taken.")
    release_group_prefer_bonus: int = Field(20, description="Points a preferred release group adds.")
    provider_reranking_enabled: bool = Field(
        False, description="Whether download history adjusts provider modifiers."
    )
    provider_reranking_min_downloads: Count = Field(20, description="Downloads needed before it does.")
    provider_reranking_max_modifier: CountOrZero = Field(50, description="The most points it adds or takes.")


class SubtitleSettings(Section):
    """What is done to a subtitle once it is here, and what is kept."""

    dedup_on_download: bool = Field(
        True, description="Whether a download with known content is not stored again."
    )
    auto_sync_after_download: bool = Field(
        False, description="Whether a download is synchronised to the audio."
    )
    auto_process_sync_threshold: Percent = Field(60, description="The score below which it is.")
    auto_process_common_fixes: bool = Field(
        False, description="Whether usual faults of a download are repaired."
    )
    auto_process_common_fixes_config_json: JsonObject = Field("", description="Which repairs; empty: all.")
    auto_process_hi_removal: bool = Field(
        False, description="Whether sound descriptions are removed from a download."
    )
    auto_process_credit_removal: bool = Field(
        False, description="Whether lines that credit makers are removed from it."
    )
    hi_removal_enabled: bool = Field(
        False, description="Whether sound descriptions are removed before translating."
    )
    hi_interjections_list: Lines = Field(
        (), description="Interjections removed with them; empty: the list included."
    )
    credit_threshold_sec: CountOrZero = Field(
        90, description="Seconds from the end within which credits are looked for."
    )
    op_window_sec: CountOrZero = Field(
        300, description="Seconds from start and end that openings and endings lie within."
    )
    auto_cleanup_after_extract: bool = Field(
        False, description="Whether extracted sidecars nobody wants are removed."
    )
    auto_cleanup_keep_languages: Languages = Field(
        (), description="The languages then kept; empty: nothing is removed."
    )
    auto_cleanup_keep_formats: KeptFormat = Field(
        KeptFormat.ANY, description="The format then kept, of several."
    )
    subtitle_trash_retention_days: CountOrZero = Field(
        7, description="Days replaced subtitles are kept; 0: for ever."
    )


class TranslationSettings(Section):
    """Languages, the translation server, and how a file is handed to it."""

    source_language: Language = Field("en", description="The language translated from.")
    target_language: Language = Field("en", description="The language subtitles are wanted in.")
    source_language_name: str = Field(
        "", description="The source language's name in prompts; empty: its English name."
    )
    target_language_name: str = Field(
        "", description="The target language's name in prompts; empty: its English name."
    )
    ollama_url: HttpUrl = Field(MaskedUrl("http://localhost:11434"), description="The Ollama server.")
    ollama_model: str = Field("qwen2.5:14b-instruct", description="The model it translates with.")
    prompt_template: str = Field("", description="The prompt; empty: made from the languages.")
    batch_size: Count = Field(15, description="Lines translated at once.")
    request_timeout: Count = Field(90, description="Seconds a translation request may take.")
    temperature: Temperature = Field(0.3, description="How freely the model words things.")
    max_retries: CountOrZero = Field(3, description="How often a failed request is repeated.")
    backoff_base: Count = Field(5, description="Seconds before the first repetition; doubled each time.")
    glossary_enabled: bool = Field(True, description="Whether glossary terms are handed to the model.")
    glossary_max_terms: Count = Field(100, description="The most terms handed over at once.")

    computed_defaults: ClassVar[Mapping[str, str]] = {
        "target_language": "the household's (`LC_ALL`, `LC_MESSAGES`, `LANG`), else English"
    }

    def source_name(self) -> str:
        """The source language's name as a prompt says it."""
        return self.source_language_name or language_name(self.source_language)

    def target_name(self) -> str:
        """The target language's name as a prompt says it."""
        return self.target_language_name or language_name(self.target_language)
