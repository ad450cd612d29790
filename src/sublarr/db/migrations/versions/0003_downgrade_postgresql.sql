DROP FUNCTION fold_row_counts() CASCADE

DROP FUNCTION count_source_of_wanted() CASCADE

DROP FUNCTION count_source_of_file() CASCADE

DROP FUNCTION count_owner_of_link() CASCADE

DROP FUNCTION count_owner_of_media() CASCADE

DROP FUNCTION count_wanted() CASCADE

DROP FUNCTION count_media() CASCADE

DROP FUNCTION count_files() CASCADE

DROP FUNCTION count_jobs() CASCADE

DROP INDEX ix_blacklist_entries_added

DROP INDEX ix_blacklist_entries_deleted

DROP INDEX ix_blacklist_entries_removed

DROP INDEX ix_config_entries_deleted

DROP INDEX ix_hook_configs_deleted

DROP INDEX ix_language_profiles_deleted

DROP INDEX ix_prompt_presets_deleted

DROP INDEX ix_scoring_weights_deleted

DROP INDEX ix_sources_deleted

DROP INDEX ix_translation_config_history_last_used_at

DROP INDEX ix_upgrade_history_file_path

DROP INDEX ix_webhook_configs_deleted

DROP INDEX ix_glossary_entries_deleted

DROP INDEX ix_jobs_file_path

DROP INDEX ix_jobs_kind

DROP INDEX ix_jobs_outdated

DROP INDEX ix_media_episodes

DROP INDEX ix_movie_language_profiles_deleted

DROP INDEX ix_series_language_profiles_deleted

DROP INDEX ix_watched_folders_deleted

DROP INDEX ix_media_file_links_owner

DROP INDEX ix_subtitle_downloads_file_path

DROP INDEX ix_subtitle_downloads_provider_language

DROP INDEX ix_wanted_items_forced

DROP INDEX ix_wanted_items_series

DROP INDEX ix_wanted_items_status_language

DROP INDEX ix_wanted_items_upgrades

DROP TABLE row_counts

ALTER TABLE media_file_links DROP COLUMN owner_id

ALTER TABLE wanted_items DROP COLUMN source_id

CREATE INDEX ix_blacklist_entries_added ON blacklist_entries (added_at, id)

CREATE INDEX ix_upgrade_history_file_path ON upgrade_history (file_path, upgraded_at)

CREATE INDEX ix_jobs_file_path ON jobs (file_path, created_at)

CREATE INDEX ix_jobs_kind ON jobs (kind, created_at, id)

CREATE INDEX ix_media_episodes ON media (series_id, season, episode, id)

CREATE INDEX ix_subtitle_downloads_file_path ON subtitle_downloads (file_path, downloaded_at)

CREATE INDEX ix_wanted_items_series ON wanted_items (series_id, status)

CREATE INDEX ix_wanted_items_status_language ON wanted_items (status, target_language, added_at, id)
