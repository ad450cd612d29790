ALTER TABLE wanted_items ADD COLUMN source_id BIGINT

ALTER TABLE media_file_links ADD COLUMN owner_id BIGINT

CREATE TABLE row_counts (
	id BIGSERIAL NOT NULL,
	topic VARCHAR NOT NULL,
	source_id BIGINT NOT NULL,
	kind VARCHAR NOT NULL,
	status VARCHAR NOT NULL,
	language VARCHAR NOT NULL,
	subtitle_type VARCHAR NOT NULL,
	is_upgrade BOOLEAN NOT NULL,
	amount BIGINT NOT NULL,
	is_folded BOOLEAN NOT NULL,
	CONSTRAINT pk_row_counts PRIMARY KEY (id)
)

ALTER TABLE media_file_links DISABLE TRIGGER search_link_changed

UPDATE wanted_items
    SET source_id = (SELECT source_id FROM media_files WHERE media_files.id = wanted_items.file_id)
    WHERE EXISTS (SELECT 1 FROM media_files WHERE media_files.id = wanted_items.file_id
        AND (wanted_items.source_id IS NULL OR wanted_items.source_id <> media_files.source_id))

UPDATE media_file_links
    SET owner_id = (SELECT coalesce(series_id, id) FROM media WHERE media.id = media_file_links.media_id)
    WHERE EXISTS (SELECT 1 FROM media WHERE media.id = media_file_links.media_id
        AND (media_file_links.owner_id IS NULL OR media_file_links.owner_id <> coalesce(series_id, id)))

ALTER TABLE media_file_links ENABLE TRIGGER search_link_changed

INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) SELECT 'wanted', source_id, item_type, status, target_language, subtitle_type, upgrade_candidate, count(*), true FROM wanted_items GROUP BY source_id, item_type, status, target_language, subtitle_type, upgrade_candidate

INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) SELECT 'media', source_id, kind, '', '', '', false, count(*), true FROM media GROUP BY source_id, kind

INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) SELECT 'files', source_id, '', '', '', '', false, count(*), true FROM media_files GROUP BY source_id

INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) SELECT 'jobs', 0, kind, status, '', '', false, count(*), true FROM jobs GROUP BY kind, status

DROP INDEX ix_blacklist_entries_added

DROP INDEX ix_upgrade_history_file_path

DROP INDEX ix_jobs_file_path

DROP INDEX ix_jobs_kind

DROP INDEX ix_media_episodes

DROP INDEX ix_subtitle_downloads_file_path

DROP INDEX ix_wanted_items_series

DROP INDEX ix_wanted_items_status_language

CREATE INDEX ix_blacklist_entries_added ON blacklist_entries (added_at, id) WHERE deleted_at IS NULL

CREATE INDEX ix_blacklist_entries_deleted ON blacklist_entries (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_blacklist_entries_removed ON blacklist_entries (added_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_config_entries_deleted ON config_entries (deleted_at, key) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_hook_configs_deleted ON hook_configs (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_language_profiles_deleted ON language_profiles (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_prompt_presets_deleted ON prompt_presets (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_row_counts_loose ON row_counts (id) WHERE NOT is_folded

CREATE UNIQUE INDEX uq_row_counts_cell ON row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade) WHERE is_folded

CREATE INDEX ix_scoring_weights_deleted ON scoring_weights (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_sources_deleted ON sources (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_translation_config_history_last_used_at ON translation_config_history (last_used_at)

CREATE INDEX ix_upgrade_history_file_path ON upgrade_history (file_path, upgraded_at, id)

CREATE INDEX ix_webhook_configs_deleted ON webhook_configs (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_glossary_entries_deleted ON glossary_entries (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_jobs_file_path ON jobs (file_path, created_at, id)

CREATE INDEX ix_jobs_kind ON jobs (kind, status, created_at, id)

CREATE INDEX ix_jobs_outdated ON jobs (completed_at, id, status, config_hash) WHERE completed_at IS NOT NULL AND config_hash <> ''

CREATE INDEX ix_media_episodes ON media (series_id, coalesce(season, -1), coalesce(episode, -1), id)

CREATE INDEX ix_movie_language_profiles_deleted ON movie_language_profiles (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_series_language_profiles_deleted ON series_language_profiles (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_watched_folders_deleted ON watched_folders (deleted_at, id) WHERE deleted_at IS NOT NULL

CREATE INDEX ix_media_file_links_owner ON media_file_links (owner_id, file_id)

CREATE INDEX ix_subtitle_downloads_file_path ON subtitle_downloads (file_path, downloaded_at, id)

CREATE INDEX ix_subtitle_downloads_provider_language ON subtitle_downloads (provider_name, language, downloaded_at, id)

CREATE INDEX ix_wanted_items_forced ON wanted_items (status, added_at, id) WHERE subtitle_type = 'forced'

CREATE INDEX ix_wanted_items_series ON wanted_items (series_id, status, added_at, id)

CREATE INDEX ix_wanted_items_status_language ON wanted_items (status, item_type, target_language, added_at, id)

CREATE INDEX ix_wanted_items_upgrades ON wanted_items (status, added_at, id) WHERE upgrade_candidate

ALTER TABLE row_counts SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1)

CREATE FUNCTION fold_row_counts() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF pg_try_advisory_xact_lock(1398096451) THEN
        WITH loose AS (DELETE FROM row_counts WHERE NOT is_folded RETURNING topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount)
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) SELECT topic, source_id, kind, status, language, subtitle_type, is_upgrade, sum(amount), true FROM loose GROUP BY topic, source_id, kind, status, language, subtitle_type, is_upgrade HAVING sum(amount) <> 0
        ON CONFLICT (topic, source_id, kind, status, language, subtitle_type, is_upgrade) WHERE is_folded DO UPDATE SET amount = row_counts.amount + excluded.amount;
    END IF;
END
$$

CREATE FUNCTION count_source_of_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT source_id INTO NEW.source_id FROM media_files WHERE id = NEW.file_id FOR SHARE;
    RETURN NEW;
END
$$

CREATE TRIGGER count_source_of_wanted BEFORE INSERT OR UPDATE OF file_id ON wanted_items FOR EACH ROW EXECUTE FUNCTION count_source_of_wanted()

CREATE FUNCTION count_source_of_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE wanted_items SET source_id = NEW.source_id WHERE file_id = NEW.id;
    RETURN NULL;
END
$$

CREATE TRIGGER count_source_of_file AFTER UPDATE OF source_id ON media_files FOR EACH ROW WHEN (OLD.source_id IS DISTINCT FROM NEW.source_id) EXECUTE FUNCTION count_source_of_file()

CREATE FUNCTION count_owner_of_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(series_id, id) INTO NEW.owner_id FROM media WHERE id = NEW.media_id FOR SHARE;
    RETURN NEW;
END
$$

CREATE TRIGGER count_owner_of_link BEFORE INSERT OR UPDATE OF media_id ON media_file_links FOR EACH ROW EXECUTE FUNCTION count_owner_of_link()

CREATE FUNCTION count_owner_of_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE media_file_links SET owner_id = coalesce(NEW.series_id, NEW.id) WHERE media_id = NEW.id;
    RETURN NULL;
END
$$

CREATE TRIGGER count_owner_of_media AFTER UPDATE OF series_id ON media FOR EACH ROW WHEN (OLD.series_id IS DISTINCT FROM NEW.series_id) EXECUTE FUNCTION count_owner_of_media()

CREATE FUNCTION count_wanted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loose bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('wanted', NEW.source_id, NEW.item_type, NEW.status, NEW.target_language, NEW.subtitle_type, NEW.upgrade_candidate, 1, false) RETURNING id INTO loose;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('wanted', OLD.source_id, OLD.item_type, OLD.status, OLD.target_language, OLD.subtitle_type, OLD.upgrade_candidate, -1, false) RETURNING id INTO loose;
    ELSE
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('wanted', OLD.source_id, OLD.item_type, OLD.status, OLD.target_language, OLD.subtitle_type, OLD.upgrade_candidate, -1, false);
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('wanted', NEW.source_id, NEW.item_type, NEW.status, NEW.target_language, NEW.subtitle_type, NEW.upgrade_candidate, 1, false) RETURNING id INTO loose;
    END IF;
    -- Of two ids in a row one is asked here.
    IF loose % 512 < 2 THEN
        PERFORM fold_row_counts();
    END IF;
    RETURN NULL;
END
$$

CREATE TRIGGER count_wanted_added AFTER INSERT ON wanted_items FOR EACH ROW EXECUTE FUNCTION count_wanted()

CREATE TRIGGER count_wanted_removed AFTER DELETE ON wanted_items FOR EACH ROW EXECUTE FUNCTION count_wanted()

CREATE TRIGGER count_wanted_changed AFTER UPDATE OF source_id, item_type, status, target_language, subtitle_type, upgrade_candidate ON wanted_items FOR EACH ROW WHEN ((OLD.source_id, OLD.item_type, OLD.status, OLD.target_language, OLD.subtitle_type, OLD.upgrade_candidate) IS DISTINCT FROM (NEW.source_id, NEW.item_type, NEW.status, NEW.target_language, NEW.subtitle_type, NEW.upgrade_candidate)) EXECUTE FUNCTION count_wanted()

CREATE FUNCTION count_media() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loose bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('media', NEW.source_id, NEW.kind, '', '', '', false, 1, false) RETURNING id INTO loose;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('media', OLD.source_id, OLD.kind, '', '', '', false, -1, false) RETURNING id INTO loose;
    ELSE
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('media', OLD.source_id, OLD.kind, '', '', '', false, -1, false);
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('media', NEW.source_id, NEW.kind, '', '', '', false, 1, false) RETURNING id INTO loose;
    END IF;
    -- Of two ids in a row one is asked here.
    IF loose % 512 < 2 THEN
        PERFORM fold_row_counts();
    END IF;
    RETURN NULL;
END
$$

CREATE TRIGGER count_media_added AFTER INSERT ON media FOR EACH ROW EXECUTE FUNCTION count_media()

CREATE TRIGGER count_media_removed AFTER DELETE ON media FOR EACH ROW EXECUTE FUNCTION count_media()

CREATE TRIGGER count_media_changed AFTER UPDATE OF source_id, kind ON media FOR EACH ROW WHEN ((OLD.source_id, OLD.kind) IS DISTINCT FROM (NEW.source_id, NEW.kind)) EXECUTE FUNCTION count_media()

CREATE FUNCTION count_files() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loose bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('files', NEW.source_id, '', '', '', '', false, 1, false) RETURNING id INTO loose;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('files', OLD.source_id, '', '', '', '', false, -1, false) RETURNING id INTO loose;
    ELSE
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('files', OLD.source_id, '', '', '', '', false, -1, false);
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('files', NEW.source_id, '', '', '', '', false, 1, false) RETURNING id INTO loose;
    END IF;
    -- Of two ids in a row one is asked here.
    IF loose % 512 < 2 THEN
        PERFORM fold_row_counts();
    END IF;
    RETURN NULL;
END
$$

CREATE TRIGGER count_files_added AFTER INSERT ON media_files FOR EACH ROW EXECUTE FUNCTION count_files()

CREATE TRIGGER count_files_removed AFTER DELETE ON media_files FOR EACH ROW EXECUTE FUNCTION count_files()

CREATE TRIGGER count_files_changed AFTER UPDATE OF source_id ON media_files FOR EACH ROW WHEN ((OLD.source_id) IS DISTINCT FROM (NEW.source_id)) EXECUTE FUNCTION count_files()

CREATE FUNCTION count_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loose bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('jobs', 0, NEW.kind, NEW.status, '', '', false, 1, false) RETURNING id INTO loose;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('jobs', 0, OLD.kind, OLD.status, '', '', false, -1, false) RETURNING id INTO loose;
    ELSE
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('jobs', 0, OLD.kind, OLD.status, '', '', false, -1, false);
        INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded) VALUES ('jobs', 0, NEW.kind, NEW.status, '', '', false, 1, false) RETURNING id INTO loose;
    END IF;
    -- Of two ids in a row one is asked here.
    IF loose % 512 < 2 THEN
        PERFORM fold_row_counts();
    END IF;
    RETURN NULL;
END
$$

CREATE TRIGGER count_jobs_added AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION count_jobs()

CREATE TRIGGER count_jobs_removed AFTER DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION count_jobs()

CREATE TRIGGER count_jobs_changed AFTER UPDATE OF kind, status ON jobs FOR EACH ROW WHEN ((OLD.kind, OLD.status) IS DISTINCT FROM (NEW.kind, NEW.status)) EXECUTE FUNCTION count_jobs()
