CREATE TABLE accounts (
	id BIGSERIAL NOT NULL,
	username VARCHAR NOT NULL,
	password_hash VARCHAR NOT NULL,
	is_enabled BOOLEAN NOT NULL,
	preferences JSONB NOT NULL,
	last_login_at TIMESTAMP WITH TIME ZONE,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_accounts PRIMARY KEY (id),
	CONSTRAINT uq_accounts_username UNIQUE (username)
);

CREATE TABLE adoption_quarantine (
	id BIGSERIAL NOT NULL,
	source_table VARCHAR NOT NULL,
	source_key VARCHAR NOT NULL,
	reason VARCHAR NOT NULL,
	row JSONB NOT NULL,
	quarantined_at TIMESTAMP WITH TIME ZONE NOT NULL,
	readmitted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_adoption_quarantine PRIMARY KEY (id)
);

CREATE INDEX ix_adoption_quarantine_source_table ON adoption_quarantine (source_table, id);

CREATE TABLE anidb_mappings (
	tvdb_id BIGINT NOT NULL,
	anidb_id BIGINT NOT NULL,
	series_title VARCHAR NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_used TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_anidb_mappings PRIMARY KEY (tvdb_id)
);

CREATE INDEX ix_anidb_mappings_anidb_id ON anidb_mappings (anidb_id);

CREATE INDEX ix_anidb_mappings_last_used ON anidb_mappings (last_used);

CREATE TABLE audit_log (
	id BIGSERIAL NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	actor VARCHAR NOT NULL,
	action VARCHAR NOT NULL,
	entity VARCHAR NOT NULL,
	entity_id VARCHAR NOT NULL,
	before JSONB,
	after JSONB,
	request_id VARCHAR NOT NULL,
	undoes_id BIGINT,
	CONSTRAINT pk_audit_log PRIMARY KEY (id),
	CONSTRAINT fk_audit_log_undoes_id_audit_log FOREIGN KEY(undoes_id) REFERENCES audit_log (id) ON DELETE SET NULL
);

CREATE INDEX ix_audit_log_at ON audit_log (at, id);

CREATE INDEX ix_audit_log_entity ON audit_log (entity, entity_id, id);

CREATE INDEX ix_audit_log_undoes_id ON audit_log (undoes_id);

CREATE TABLE blacklist_entries (
	id BIGSERIAL NOT NULL,
	provider_name VARCHAR NOT NULL,
	subtitle_id VARCHAR NOT NULL,
	language VARCHAR NOT NULL,
	file_path TEXT NOT NULL,
	title VARCHAR NOT NULL,
	reason VARCHAR NOT NULL,
	added_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_blacklist_entries PRIMARY KEY (id)
);

CREATE INDEX ix_blacklist_entries_added ON blacklist_entries (added_at, id);

CREATE UNIQUE INDEX uq_blacklist_entries_provider_name_subtitle_id ON blacklist_entries (provider_name, subtitle_id) WHERE deleted_at IS NULL;

CREATE TABLE config_entries (
	key VARCHAR NOT NULL,
	value VARCHAR NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_config_entries PRIMARY KEY (key)
);

CREATE TABLE daily_stats (
	date DATE NOT NULL,
	translated INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	CONSTRAINT pk_daily_stats PRIMARY KEY (date)
);

CREATE TABLE event_outbox (
	id BIGSERIAL NOT NULL,
	name VARCHAR NOT NULL,
	payload JSONB NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	dispatched_at TIMESTAMP WITH TIME ZONE,
	job_id VARCHAR NOT NULL,
	request_id VARCHAR NOT NULL,
	CONSTRAINT pk_event_outbox PRIMARY KEY (id)
);

CREATE INDEX ix_event_outbox_created_at ON event_outbox (created_at);

CREATE INDEX ix_event_outbox_pending ON event_outbox (id) WHERE dispatched_at IS NULL;

CREATE TABLE ffprobe_cache (
	file_path TEXT NOT NULL,
	mtime_ns BIGINT NOT NULL,
	size BIGINT NOT NULL,
	status VARCHAR(32) NOT NULL,
	probe_data JSONB,
	message VARCHAR NOT NULL,
	cached_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_ffprobe_cache PRIMARY KEY (file_path),
	CONSTRAINT ck_ffprobe_cache_status CHECK (status IN ('ok', 'broken', 'crashed', 'timed_out', 'unreadable'))
);

CREATE INDEX ix_ffprobe_cache_cached_at ON ffprobe_cache (cached_at);

CREATE TABLE hook_configs (
	id BIGSERIAL NOT NULL,
	name VARCHAR NOT NULL,
	event_name VARCHAR NOT NULL,
	hook_type VARCHAR NOT NULL,
	enabled BOOLEAN NOT NULL,
	script_path VARCHAR NOT NULL,
	timeout_seconds INTEGER NOT NULL,
	last_triggered_at TIMESTAMP WITH TIME ZONE,
	last_status VARCHAR NOT NULL,
	trigger_count INTEGER NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_hook_configs PRIMARY KEY (id)
);

CREATE INDEX ix_hook_configs_event_name ON hook_configs (event_name);

CREATE TABLE job_workers (
	id VARCHAR NOT NULL,
	host VARCHAR NOT NULL,
	pid INTEGER NOT NULL,
	kind VARCHAR NOT NULL,
	threads INTEGER NOT NULL,
	version VARCHAR NOT NULL,
	lock_name VARCHAR NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE NOT NULL,
	heartbeat_at TIMESTAMP WITH TIME ZONE NOT NULL,
	stopped_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_job_workers PRIMARY KEY (id)
);

CREATE INDEX ix_job_workers_heartbeat_at ON job_workers (heartbeat_at);

CREATE TABLE language_profiles (
	id BIGSERIAL NOT NULL,
	name VARCHAR NOT NULL,
	source_language VARCHAR NOT NULL,
	source_language_name VARCHAR NOT NULL,
	target_languages JSONB NOT NULL,
	target_language_names JSONB NOT NULL,
	is_default BOOLEAN NOT NULL,
	translation_backend VARCHAR NOT NULL,
	fallback_chain JSONB NOT NULL,
	forced_preference VARCHAR(32) NOT NULL,
	preferred_format VARCHAR(32) NOT NULL,
	hearing_impaired_preference VARCHAR(32) NOT NULL,
	cutoff_score INTEGER,
	minimum_score INTEGER NOT NULL,
	translate_after_days INTEGER,
	tags JSONB NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_language_profiles PRIMARY KEY (id),
	CONSTRAINT ck_language_profiles_forced_preference CHECK (forced_preference IN ('disabled', 'separate', 'auto')),
	CONSTRAINT ck_language_profiles_preferred_format CHECK (preferred_format IN ('any', 'ass_first')),
	CONSTRAINT ck_language_profiles_hearing_impaired_preference CHECK (hearing_impaired_preference IN ('include', 'prefer', 'exclude', 'only'))
);

CREATE UNIQUE INDEX uq_language_profiles_is_default ON language_profiles (is_default) WHERE is_default AND deleted_at IS NULL;

CREATE UNIQUE INDEX uq_language_profiles_name ON language_profiles (name) WHERE deleted_at IS NULL;

CREATE TABLE metadata_cache (
	cache_key VARCHAR NOT NULL,
	provider VARCHAR NOT NULL,
	response JSONB NOT NULL,
	cached_at TIMESTAMP WITH TIME ZONE NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_metadata_cache PRIMARY KEY (cache_key)
);

CREATE INDEX ix_metadata_cache_expires_at ON metadata_cache (expires_at);

CREATE TABLE prompt_presets (
	id BIGSERIAL NOT NULL,
	name VARCHAR NOT NULL,
	prompt_template VARCHAR NOT NULL,
	is_default BOOLEAN NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_prompt_presets PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_prompt_presets_is_default ON prompt_presets (is_default) WHERE is_default AND deleted_at IS NULL;

CREATE UNIQUE INDEX uq_prompt_presets_name ON prompt_presets (name) WHERE deleted_at IS NULL;

CREATE TABLE provider_cache (
	id BIGSERIAL NOT NULL,
	provider_name VARCHAR NOT NULL,
	query_hash VARCHAR NOT NULL,
	results JSONB NOT NULL,
	cached_at TIMESTAMP WITH TIME ZONE NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_provider_cache PRIMARY KEY (id),
	CONSTRAINT uq_provider_cache_provider_name_query_hash UNIQUE (provider_name, query_hash)
);

CREATE INDEX ix_provider_cache_expires_at ON provider_cache (expires_at);

CREATE TABLE provider_score_modifiers (
	provider_name VARCHAR NOT NULL,
	modifier INTEGER NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_provider_score_modifiers PRIMARY KEY (provider_name)
);

CREATE INDEX ix_provider_score_modifiers_deleted_at ON provider_score_modifiers (deleted_at);

CREATE TABLE provider_stats (
	provider_name VARCHAR NOT NULL,
	total_searches INTEGER NOT NULL,
	failed_searches INTEGER NOT NULL,
	successful_downloads INTEGER NOT NULL,
	failed_downloads INTEGER NOT NULL,
	scored_downloads INTEGER NOT NULL,
	avg_score DOUBLE PRECISION NOT NULL,
	timed_responses INTEGER NOT NULL,
	avg_response_time_ms DOUBLE PRECISION NOT NULL,
	last_response_time_ms DOUBLE PRECISION NOT NULL,
	last_success_at TIMESTAMP WITH TIME ZONE,
	last_failure_at TIMESTAMP WITH TIME ZONE,
	consecutive_failures INTEGER NOT NULL,
	auto_disabled BOOLEAN NOT NULL,
	disabled_until TIMESTAMP WITH TIME ZONE,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_provider_stats PRIMARY KEY (provider_name)
);

CREATE INDEX ix_provider_stats_disabled_until ON provider_stats (disabled_until);

CREATE TABLE scoring_weights (
	id BIGSERIAL NOT NULL,
	score_type VARCHAR NOT NULL,
	weight_key VARCHAR NOT NULL,
	weight_value INTEGER NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_scoring_weights PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_scoring_weights_score_type_weight_key ON scoring_weights (score_type, weight_key) WHERE deleted_at IS NULL;

CREATE TABLE secrets (
	name VARCHAR NOT NULL,
	value VARCHAR NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_secrets PRIMARY KEY (name)
);

CREATE TABLE sources (
	id BIGSERIAL NOT NULL,
	kind VARCHAR(32) NOT NULL,
	name VARCHAR NOT NULL,
	url VARCHAR NOT NULL,
	api_key VARCHAR NOT NULL,
	enabled BOOLEAN NOT NULL,
	settings JSONB NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE,
	last_problem VARCHAR NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_sources PRIMARY KEY (id),
	CONSTRAINT ck_sources_kind CHECK (kind IN ('folder', 'sonarr', 'radarr'))
);

CREATE UNIQUE INDEX uq_sources_kind_name ON sources (kind, name) WHERE deleted_at IS NULL;

CREATE TABLE translation_backend_stats (
	backend_name VARCHAR NOT NULL,
	total_requests INTEGER NOT NULL,
	successful_translations INTEGER NOT NULL,
	failed_translations INTEGER NOT NULL,
	total_characters BIGINT NOT NULL,
	avg_response_time_ms DOUBLE PRECISION NOT NULL,
	last_response_time_ms DOUBLE PRECISION NOT NULL,
	last_success_at TIMESTAMP WITH TIME ZONE,
	last_failure_at TIMESTAMP WITH TIME ZONE,
	last_error VARCHAR NOT NULL,
	consecutive_failures INTEGER NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_translation_backend_stats PRIMARY KEY (backend_name)
);

CREATE TABLE translation_config_history (
	id BIGSERIAL NOT NULL,
	config_hash VARCHAR NOT NULL,
	ollama_model VARCHAR NOT NULL,
	prompt_template VARCHAR NOT NULL,
	target_language VARCHAR NOT NULL,
	first_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_translation_config_history PRIMARY KEY (id),
	CONSTRAINT uq_translation_config_history_config_hash UNIQUE (config_hash)
);

CREATE TABLE translation_memory (
	id BIGSERIAL NOT NULL,
	source_lang VARCHAR NOT NULL,
	target_lang VARCHAR NOT NULL,
	text_hash VARCHAR NOT NULL,
	glossary_version VARCHAR NOT NULL,
	source_text_normalized VARCHAR NOT NULL,
	translated_text VARCHAR NOT NULL,
	use_count INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_translation_memory PRIMARY KEY (id),
	CONSTRAINT uq_translation_memory_source_lang_target_lang_text_hash_f224 UNIQUE (source_lang, target_lang, text_hash, glossary_version)
);

CREATE INDEX ix_translation_memory_last_used_at ON translation_memory (last_used_at);

CREATE TABLE upgrade_history (
	id BIGSERIAL NOT NULL,
	file_path TEXT NOT NULL,
	old_format VARCHAR NOT NULL,
	old_score INTEGER,
	new_format VARCHAR NOT NULL,
	new_score INTEGER,
	provider_name VARCHAR NOT NULL,
	upgrade_reason VARCHAR NOT NULL,
	upgraded_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_upgrade_history PRIMARY KEY (id)
);

CREATE INDEX ix_upgrade_history_file_path ON upgrade_history (file_path, upgraded_at);

CREATE INDEX ix_upgrade_history_upgraded ON upgrade_history (upgraded_at, id);

CREATE TABLE webhook_configs (
	id BIGSERIAL NOT NULL,
	name VARCHAR NOT NULL,
	event_name VARCHAR NOT NULL,
	url VARCHAR NOT NULL,
	secret VARCHAR NOT NULL,
	enabled BOOLEAN NOT NULL,
	retry_count INTEGER NOT NULL,
	timeout_seconds INTEGER NOT NULL,
	last_triggered_at TIMESTAMP WITH TIME ZONE,
	last_status_code INTEGER NOT NULL,
	last_error VARCHAR NOT NULL,
	consecutive_failures INTEGER NOT NULL,
	trigger_count INTEGER NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_webhook_configs PRIMARY KEY (id)
);

CREATE INDEX ix_webhook_configs_event_name ON webhook_configs (event_name);

CREATE TABLE account_sessions (
	id VARCHAR NOT NULL,
	account_id BIGINT NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
	revoked_at TIMESTAMP WITH TIME ZONE,
	address VARCHAR NOT NULL,
	user_agent VARCHAR NOT NULL,
	CONSTRAINT pk_account_sessions PRIMARY KEY (id),
	CONSTRAINT fk_account_sessions_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE INDEX ix_account_sessions_account_id ON account_sessions (account_id);

CREATE INDEX ix_account_sessions_expires_at ON account_sessions (expires_at);

CREATE TABLE api_keys (
	id BIGSERIAL NOT NULL,
	account_id BIGINT,
	name VARCHAR NOT NULL,
	prefix VARCHAR NOT NULL,
	key_hash VARCHAR NOT NULL,
	scopes JSONB NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	last_used_at TIMESTAMP WITH TIME ZONE,
	expires_at TIMESTAMP WITH TIME ZONE,
	revoked_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_api_keys PRIMARY KEY (id),
	CONSTRAINT uq_api_keys_key_hash UNIQUE (key_hash),
	CONSTRAINT fk_api_keys_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);

CREATE INDEX ix_api_keys_account_id ON api_keys (account_id);

CREATE TABLE daily_breakdowns (
	date DATE NOT NULL,
	dimension VARCHAR NOT NULL,
	key VARCHAR NOT NULL,
	count INTEGER NOT NULL,
	CONSTRAINT pk_daily_breakdowns PRIMARY KEY (date, dimension, key),
	CONSTRAINT fk_daily_breakdowns_date_daily_stats FOREIGN KEY(date) REFERENCES daily_stats (date) ON DELETE CASCADE
);

CREATE TABLE glossary_entries (
	id BIGSERIAL NOT NULL,
	source_id BIGINT,
	series_id BIGINT,
	source_term VARCHAR NOT NULL,
	target_term VARCHAR NOT NULL,
	notes VARCHAR NOT NULL,
	term_type VARCHAR NOT NULL,
	confidence DOUBLE PRECISION,
	approved BOOLEAN NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_glossary_entries PRIMARY KEY (id),
	CONSTRAINT fk_glossary_entries_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE
);

CREATE INDEX ix_glossary_entries_series ON glossary_entries (source_id, series_id, source_term, id);

CREATE INDEX ix_glossary_entries_source_term ON glossary_entries (source_term);

CREATE TABLE hook_log (
	id BIGSERIAL NOT NULL,
	hook_id BIGINT,
	webhook_id BIGINT,
	event_name VARCHAR NOT NULL,
	hook_type VARCHAR NOT NULL,
	success BOOLEAN NOT NULL,
	exit_code INTEGER,
	status_code INTEGER,
	stdout VARCHAR NOT NULL,
	stderr VARCHAR NOT NULL,
	error VARCHAR NOT NULL,
	duration_ms DOUBLE PRECISION NOT NULL,
	triggered_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_hook_log PRIMARY KEY (id),
	CONSTRAINT fk_hook_log_hook_id_hook_configs FOREIGN KEY(hook_id) REFERENCES hook_configs (id) ON DELETE CASCADE,
	CONSTRAINT fk_hook_log_webhook_id_webhook_configs FOREIGN KEY(webhook_id) REFERENCES webhook_configs (id) ON DELETE CASCADE
);

CREATE INDEX ix_hook_log_hook_id ON hook_log (hook_id, triggered_at, id);

CREATE INDEX ix_hook_log_triggered ON hook_log (triggered_at, id);

CREATE INDEX ix_hook_log_webhook_id ON hook_log (webhook_id, triggered_at, id);

CREATE TABLE jobs (
	id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	title TEXT NOT NULL,
	payload JSONB NOT NULL,
	status VARCHAR(32) NOT NULL,
	origin VARCHAR(32) NOT NULL,
	priority INTEGER NOT NULL,
	unique_key TEXT,
	frees_key_at_claim BOOLEAN NOT NULL,
	concurrency_key TEXT,
	request_id VARCHAR NOT NULL,
	parent_id VARCHAR,
	run_at TIMESTAMP WITH TIME ZONE NOT NULL,
	claim_no INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	max_attempts INTEGER NOT NULL,
	crashes INTEGER NOT NULL,
	worker_id VARCHAR,
	lease_until TIMESTAMP WITH TIME ZONE,
	cancel_requested BOOLEAN NOT NULL,
	pause_requested BOOLEAN NOT NULL,
	progress_done BIGINT NOT NULL,
	progress_total BIGINT,
	progress_note TEXT NOT NULL,
	error VARCHAR NOT NULL,
	error_detail VARCHAR NOT NULL,
	result JSONB,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE,
	completed_at TIMESTAMP WITH TIME ZONE,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	file_path TEXT NOT NULL,
	source_format VARCHAR NOT NULL,
	output_path TEXT NOT NULL,
	config_hash VARCHAR NOT NULL,
	force BOOLEAN NOT NULL,
	stats JSONB,
	arr_context JSONB,
	CONSTRAINT pk_jobs PRIMARY KEY (id),
	CONSTRAINT ck_jobs_status CHECK (status IN ('queued', 'running', 'paused', 'completed', 'failed', 'cancelled')),
	CONSTRAINT ck_jobs_origin CHECK (origin IN ('person', 'schedule', 'watcher', 'job', 'webhook', 'adopted')),
	CONSTRAINT fk_jobs_parent_id_jobs FOREIGN KEY(parent_id) REFERENCES jobs (id) ON DELETE SET NULL,
	CONSTRAINT fk_jobs_worker_id_job_workers FOREIGN KEY(worker_id) REFERENCES job_workers (id) ON DELETE SET NULL
);

CREATE INDEX ix_jobs_claim ON jobs (priority DESC, run_at, id) WHERE status = 'queued';

CREATE INDEX ix_jobs_created ON jobs (created_at, id);

CREATE INDEX ix_jobs_file_path ON jobs (file_path, created_at);

CREATE INDEX ix_jobs_finished ON jobs (completed_at);

CREATE INDEX ix_jobs_kind ON jobs (kind, created_at, id);

CREATE INDEX ix_jobs_lease ON jobs (lease_until) WHERE status = 'running';

CREATE INDEX ix_jobs_parent_id ON jobs (parent_id);

CREATE INDEX ix_jobs_status ON jobs (status, created_at, id);

CREATE INDEX ix_jobs_updated ON jobs (updated_at);

CREATE INDEX ix_jobs_worker_id ON jobs (worker_id);

CREATE UNIQUE INDEX uq_jobs_concurrency_key ON jobs (concurrency_key) WHERE status = 'running' AND concurrency_key IS NOT NULL;

CREATE UNIQUE INDEX uq_jobs_unique_key ON jobs (unique_key) WHERE unique_key IS NOT NULL AND status IN ('queued', 'running', 'paused');

CREATE TABLE media (
	id BIGSERIAL NOT NULL,
	kind VARCHAR(32) NOT NULL,
	source_id BIGINT NOT NULL,
	source_key TEXT NOT NULL,
	external_id BIGINT,
	title VARCHAR NOT NULL,
	sort_title VARCHAR NOT NULL,
	original_title VARCHAR NOT NULL,
	alternative_titles JSONB NOT NULL,
	year INTEGER,
	folder_path TEXT NOT NULL,
	is_anime BOOLEAN NOT NULL,
	is_monitored BOOLEAN NOT NULL,
	original_language VARCHAR NOT NULL,
	tags JSONB NOT NULL,
	poster_url VARCHAR NOT NULL,
	tvdb_id BIGINT,
	tmdb_id BIGINT,
	imdb_id VARCHAR NOT NULL,
	anidb_id BIGINT,
	anilist_id BIGINT,
	series_id BIGINT,
	season INTEGER,
	episode INTEGER,
	absolute_number INTEGER,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_media PRIMARY KEY (id),
	CONSTRAINT uq_media_source_id_source_key UNIQUE (source_id, source_key),
	CONSTRAINT ck_media_episode_has_series CHECK ((kind = 'episode') = (series_id IS NOT NULL)),
	CONSTRAINT ck_media_kind CHECK (kind IN ('movie', 'series', 'episode')),
	CONSTRAINT fk_media_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_series_id_media FOREIGN KEY(series_id) REFERENCES media (id) ON DELETE CASCADE
);

CREATE INDEX ix_media_episodes ON media (series_id, season, episode, id);

CREATE INDEX ix_media_external ON media (source_id, kind, external_id);

CREATE INDEX ix_media_list ON media (kind, sort_title, id);

CREATE INDEX ix_media_tmdb_id ON media (tmdb_id);

CREATE INDEX ix_media_tvdb_id ON media (tvdb_id);

CREATE TABLE media_files (
	id BIGSERIAL NOT NULL,
	source_id BIGINT NOT NULL,
	path TEXT NOT NULL,
	size BIGINT NOT NULL,
	mtime_ns BIGINT NOT NULL,
	probe_status VARCHAR(32),
	probe_message VARCHAR NOT NULL,
	container VARCHAR NOT NULL,
	duration_seconds DOUBLE PRECISION,
	audio_languages JSONB NOT NULL,
	release_group VARCHAR NOT NULL,
	release_source VARCHAR NOT NULL,
	resolution VARCHAR NOT NULL,
	scene_name VARCHAR NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_media_files PRIMARY KEY (id),
	CONSTRAINT uq_media_files_path UNIQUE (path),
	CONSTRAINT fk_media_files_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE,
	CONSTRAINT ck_media_files_probe_status CHECK (probe_status IN ('ok', 'broken', 'crashed', 'timed_out', 'unreadable'))
);

CREATE INDEX ix_media_files_source ON media_files (source_id, path);

CREATE TABLE movie_language_profiles (
	radarr_movie_id BIGINT,
	id BIGSERIAL NOT NULL,
	source_id BIGINT NOT NULL,
	source_key TEXT NOT NULL,
	profile_id BIGINT NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_movie_language_profiles PRIMARY KEY (id),
	CONSTRAINT fk_movie_language_profiles_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE,
	CONSTRAINT fk_movie_language_profiles_profile_id_language_profiles FOREIGN KEY(profile_id) REFERENCES language_profiles (id) ON DELETE CASCADE
);

CREATE INDEX ix_movie_language_profiles_profile_id ON movie_language_profiles (profile_id);

CREATE UNIQUE INDEX uq_movie_language_profiles_source_id_source_key ON movie_language_profiles (source_id, source_key) WHERE deleted_at IS NULL;

CREATE TABLE series_language_profiles (
	sonarr_series_id BIGINT,
	id BIGSERIAL NOT NULL,
	source_id BIGINT NOT NULL,
	source_key TEXT NOT NULL,
	profile_id BIGINT NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_series_language_profiles PRIMARY KEY (id),
	CONSTRAINT fk_series_language_profiles_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE,
	CONSTRAINT fk_series_language_profiles_profile_id_language_profiles FOREIGN KEY(profile_id) REFERENCES language_profiles (id) ON DELETE CASCADE
);

CREATE INDEX ix_series_language_profiles_profile_id ON series_language_profiles (profile_id);

CREATE UNIQUE INDEX uq_series_language_profiles_source_id_source_key ON series_language_profiles (source_id, source_key) WHERE deleted_at IS NULL;

CREATE TABLE watched_folders (
	id BIGSERIAL NOT NULL,
	source_id BIGINT NOT NULL,
	path TEXT NOT NULL,
	label VARCHAR NOT NULL,
	media_type VARCHAR(32) NOT NULL,
	enabled BOOLEAN NOT NULL,
	mount_points JSONB NOT NULL,
	wanted_rules VARCHAR NOT NULL,
	last_scan_at TIMESTAMP WITH TIME ZONE,
	last_problem VARCHAR NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	deleted_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_watched_folders PRIMARY KEY (id),
	CONSTRAINT fk_watched_folders_source_id_sources FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE CASCADE,
	CONSTRAINT ck_watched_folders_media_type CHECK (media_type IN ('auto', 'tv', 'movie'))
);

CREATE UNIQUE INDEX uq_watched_folders_path ON watched_folders (path) WHERE deleted_at IS NULL;

CREATE UNIQUE INDEX uq_watched_folders_source_id ON watched_folders (source_id) WHERE deleted_at IS NULL;

CREATE TABLE job_events (
	id BIGSERIAL NOT NULL,
	job_id VARCHAR NOT NULL,
	event VARCHAR(32) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	worker_id VARCHAR NOT NULL,
	claim_no INTEGER NOT NULL,
	note VARCHAR NOT NULL,
	CONSTRAINT pk_job_events PRIMARY KEY (id),
	CONSTRAINT fk_job_events_job_id_jobs FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE,
	CONSTRAINT ck_job_events_event CHECK (event IN ('queued', 'claimed', 'completed', 'failed', 'retry', 'rescued', 'handed_back', 'cancel_requested', 'cancelled', 'pause_requested', 'paused', 'resumed', 'replayed', 'refused_late'))
);

CREATE INDEX ix_job_events_job_id ON job_events (job_id, id);

CREATE TABLE job_schedules (
	name VARCHAR NOT NULL,
	title VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	payload JSONB NOT NULL,
	interval_seconds INTEGER,
	daily_at VARCHAR,
	enabled BOOLEAN NOT NULL,
	next_run_at TIMESTAMP WITH TIME ZONE,
	last_run_at TIMESTAMP WITH TIME ZONE,
	last_job_id VARCHAR,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_job_schedules PRIMARY KEY (name),
	CONSTRAINT fk_job_schedules_last_job_id_jobs FOREIGN KEY(last_job_id) REFERENCES jobs (id) ON DELETE SET NULL
);

CREATE INDEX ix_job_schedules_next_run_at ON job_schedules (next_run_at);

CREATE TABLE media_file_links (
	media_id BIGINT NOT NULL,
	file_id BIGINT NOT NULL,
	CONSTRAINT pk_media_file_links PRIMARY KEY (media_id, file_id),
	CONSTRAINT fk_media_file_links_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE,
	CONSTRAINT fk_media_file_links_file_id_media_files FOREIGN KEY(file_id) REFERENCES media_files (id) ON DELETE CASCADE
);

CREATE INDEX ix_media_file_links_file_id ON media_file_links (file_id);

CREATE TABLE media_subtitles (
	id BIGSERIAL NOT NULL,
	file_id BIGINT NOT NULL,
	origin VARCHAR(32) NOT NULL,
	origin_key TEXT NOT NULL,
	track_index INTEGER,
	language VARCHAR,
	subtitle_type VARCHAR(32) NOT NULL,
	format VARCHAR(32) NOT NULL,
	is_hearing_impaired BOOLEAN NOT NULL,
	is_default BOOLEAN NOT NULL,
	title VARCHAR NOT NULL,
	size BIGINT,
	mtime_ns BIGINT,
	CONSTRAINT pk_media_subtitles PRIMARY KEY (id),
	CONSTRAINT uq_media_subtitles_file_id_origin_key UNIQUE (file_id, origin_key),
	CONSTRAINT fk_media_subtitles_file_id_media_files FOREIGN KEY(file_id) REFERENCES media_files (id) ON DELETE CASCADE,
	CONSTRAINT ck_media_subtitles_origin CHECK (origin IN ('embedded', 'sidecar')),
	CONSTRAINT ck_media_subtitles_subtitle_type CHECK (subtitle_type IN ('full', 'forced')),
	CONSTRAINT ck_media_subtitles_format CHECK (format IN ('ass', 'ssa', 'srt', 'vtt', 'mov_text', 'pgs', 'vobsub', 'dvb', 'other'))
);

CREATE INDEX ix_media_subtitles_language ON media_subtitles (language, file_id);

CREATE TABLE search_documents (
	media_id BIGINT NOT NULL,
	titles VARCHAR NOT NULL,
	files TEXT NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_search_documents PRIMARY KEY (media_id),
	CONSTRAINT fk_search_documents_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
);

CREATE TABLE standalone_movies (
	id BIGSERIAL NOT NULL,
	media_id BIGINT,
	title VARCHAR NOT NULL,
	year INTEGER,
	file_path TEXT NOT NULL,
	tmdb_id BIGINT,
	imdb_id VARCHAR NOT NULL,
	poster_url VARCHAR NOT NULL,
	metadata_source VARCHAR NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_standalone_movies PRIMARY KEY (id),
	CONSTRAINT uq_standalone_movies_file_path UNIQUE (file_path),
	CONSTRAINT fk_standalone_movies_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE SET NULL
);

CREATE INDEX ix_standalone_movies_media_id ON standalone_movies (media_id);

CREATE INDEX ix_standalone_movies_title ON standalone_movies (title, id);

CREATE TABLE standalone_series (
	id BIGSERIAL NOT NULL,
	media_id BIGINT,
	title VARCHAR NOT NULL,
	year INTEGER,
	folder_path TEXT NOT NULL,
	tmdb_id BIGINT,
	tvdb_id BIGINT,
	anilist_id BIGINT,
	imdb_id VARCHAR NOT NULL,
	poster_url VARCHAR NOT NULL,
	is_anime BOOLEAN NOT NULL,
	episode_count INTEGER NOT NULL,
	season_count INTEGER NOT NULL,
	metadata_source VARCHAR NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_standalone_series PRIMARY KEY (id),
	CONSTRAINT uq_standalone_series_folder_path UNIQUE (folder_path),
	CONSTRAINT fk_standalone_series_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE SET NULL
);

CREATE INDEX ix_standalone_series_media_id ON standalone_series (media_id);

CREATE INDEX ix_standalone_series_title ON standalone_series (title, id);

CREATE TABLE subtitle_downloads (
	id BIGSERIAL NOT NULL,
	provider_name VARCHAR NOT NULL,
	subtitle_id VARCHAR NOT NULL,
	language VARCHAR NOT NULL,
	format VARCHAR NOT NULL,
	file_path TEXT NOT NULL,
	sidecar_path TEXT NOT NULL,
	score INTEGER NOT NULL,
	downloaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
	subtitle_type VARCHAR(32) NOT NULL,
	source VARCHAR NOT NULL,
	is_machine_made BOOLEAN NOT NULL,
	sha256 VARCHAR NOT NULL,
	media_id BIGINT,
	job_id VARCHAR NOT NULL,
	CONSTRAINT pk_subtitle_downloads PRIMARY KEY (id),
	CONSTRAINT ck_subtitle_downloads_subtitle_type CHECK (subtitle_type IN ('full', 'forced')),
	CONSTRAINT fk_subtitle_downloads_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE SET NULL
);

CREATE INDEX ix_subtitle_downloads_downloaded ON subtitle_downloads (downloaded_at, id);

CREATE INDEX ix_subtitle_downloads_file_path ON subtitle_downloads (file_path, downloaded_at);

CREATE INDEX ix_subtitle_downloads_language ON subtitle_downloads (language, downloaded_at, id);

CREATE INDEX ix_subtitle_downloads_media_id ON subtitle_downloads (media_id);

CREATE INDEX ix_subtitle_downloads_provider ON subtitle_downloads (provider_name, downloaded_at, id);

CREATE INDEX ix_subtitle_downloads_sha256 ON subtitle_downloads (sha256);

CREATE TABLE wanted_items (
	id BIGSERIAL NOT NULL,
	file_id BIGINT NOT NULL,
	media_id BIGINT NOT NULL,
	series_id BIGINT,
	item_type VARCHAR(32) NOT NULL,
	target_language VARCHAR NOT NULL,
	subtitle_type VARCHAR(32) NOT NULL,
	status VARCHAR(32) NOT NULL,
	existing_sub VARCHAR NOT NULL,
	upgrade_candidate BOOLEAN NOT NULL,
	current_score INTEGER NOT NULL,
	search_count INTEGER NOT NULL,
	last_search_at TIMESTAMP WITH TIME ZONE,
	retry_after TIMESTAMP WITH TIME ZONE,
	error VARCHAR NOT NULL,
	added_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_wanted_items PRIMARY KEY (id),
	CONSTRAINT uq_wanted_items_file_id_target_language_subtitle_type UNIQUE (file_id, target_language, subtitle_type),
	CONSTRAINT fk_wanted_items_file_id_media_files FOREIGN KEY(file_id) REFERENCES media_files (id) ON DELETE CASCADE,
	CONSTRAINT fk_wanted_items_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE,
	CONSTRAINT fk_wanted_items_series_id_media FOREIGN KEY(series_id) REFERENCES media (id) ON DELETE CASCADE,
	CONSTRAINT ck_wanted_items_item_type CHECK (item_type IN ('movie', 'series', 'episode')),
	CONSTRAINT ck_wanted_items_subtitle_type CHECK (subtitle_type IN ('full', 'forced')),
	CONSTRAINT ck_wanted_items_status CHECK (status IN ('wanted', 'searching', 'found', 'extracted', 'failed', 'ignored'))
);

CREATE INDEX ix_wanted_items_added ON wanted_items (added_at, id);

CREATE INDEX ix_wanted_items_due ON wanted_items (status, search_count, last_search_at, id);

CREATE INDEX ix_wanted_items_media ON wanted_items (media_id);

CREATE INDEX ix_wanted_items_series ON wanted_items (series_id, status);

CREATE INDEX ix_wanted_items_status ON wanted_items (status, added_at, id);

CREATE INDEX ix_wanted_items_status_language ON wanted_items (status, target_language, added_at, id);

CREATE INDEX ix_wanted_items_status_type ON wanted_items (status, item_type, added_at, id);

CREATE TABLE whisper_jobs (
	id VARCHAR NOT NULL,
	job_id VARCHAR,
	file_path TEXT NOT NULL,
	language VARCHAR NOT NULL,
	audio_track_index INTEGER,
	status VARCHAR NOT NULL,
	progress DOUBLE PRECISION NOT NULL,
	phase VARCHAR NOT NULL,
	backend_name VARCHAR NOT NULL,
	detected_language VARCHAR NOT NULL,
	language_probability DOUBLE PRECISION NOT NULL,
	srt_content VARCHAR NOT NULL,
	segment_count INTEGER NOT NULL,
	duration_seconds DOUBLE PRECISION NOT NULL,
	processing_time_ms DOUBLE PRECISION NOT NULL,
	error VARCHAR NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE,
	completed_at TIMESTAMP WITH TIME ZONE,
	CONSTRAINT pk_whisper_jobs PRIMARY KEY (id),
	CONSTRAINT fk_whisper_jobs_job_id_jobs FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE SET NULL
);

CREATE INDEX ix_whisper_jobs_created ON whisper_jobs (created_at, id);

CREATE INDEX ix_whisper_jobs_job_id ON whisper_jobs (job_id);

CREATE INDEX ix_whisper_jobs_status ON whisper_jobs (status, created_at, id);

