DROP INDEX ix_series_language_profiles_entry

DROP INDEX ix_movie_language_profiles_entry

DROP INDEX ix_audit_log_kind

DROP INDEX ix_audit_log_actor

DROP INDEX ix_audit_log_kind_actor

DROP INDEX ix_series_language_profiles_profile_id

DROP INDEX ix_movie_language_profiles_profile_id

CREATE INDEX ix_series_language_profiles_profile_id ON series_language_profiles (profile_id)

CREATE INDEX ix_movie_language_profiles_profile_id ON movie_language_profiles (profile_id)

DROP TRIGGER search_media_added

DROP TRIGGER search_media_changed

DROP TRIGGER search_series_changed

DROP TRIGGER search_link_added

DROP TRIGGER search_link_removed

DROP TRIGGER search_link_changed

DROP TRIGGER search_file_changed

DROP TRIGGER search_document_added

DROP TRIGGER search_document_removed

DROP TRIGGER search_document_changed

DROP TABLE search_terms

DROP TABLE search_index

DROP VIEW search_sources

DROP TABLE search_documents

DROP TABLE search_pending

CREATE TABLE search_documents (
	media_id INTEGER NOT NULL,
	titles VARCHAR NOT NULL,
	files TEXT NOT NULL,
	updated_at TEXT NOT NULL,
	CONSTRAINT pk_search_documents PRIMARY KEY (media_id),
	CONSTRAINT fk_search_documents_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
)

CREATE VIEW search_sources AS
SELECT media.id AS media_id,
    media.title || char(10) || media.original_title || char(10)
        || coalesce((SELECT group_concat(value, char(10)) FROM json_each(media.alternative_titles)), '')
        || char(10)
        || coalesce(series.title || char(10) || series.original_title || char(10)
            || (SELECT coalesce(group_concat(value, char(10)), '') FROM json_each(series.alternative_titles)), '')
        || char(10) || char(10) AS titles,
    media.folder_path || char(10)
        || coalesce((SELECT group_concat(name, char(10)) FROM (
            SELECT media_files.path || char(10) || media_files.scene_name AS name
            FROM media_file_links JOIN media_files ON media_files.id = media_file_links.file_id
            WHERE media_file_links.media_id = media.id ORDER BY media_files.id)), '')
        || char(10) || char(10) AS files
FROM media LEFT JOIN media AS series ON series.id = media.series_id

CREATE VIRTUAL TABLE search_index USING fts5(titles, files, content='search_documents', content_rowid='media_id', columnsize=0, tokenize='trigram')

CREATE VIRTUAL TABLE search_terms USING fts5vocab(search_index, instance)

CREATE TRIGGER search_document_added AFTER INSERT ON search_documents BEGIN INSERT INTO search_index (rowid, titles, files) VALUES (NEW.media_id, NEW.titles, NEW.files); END

CREATE TRIGGER search_document_removed AFTER DELETE ON search_documents BEGIN INSERT INTO search_index (search_index, rowid, titles, files) VALUES ('delete', OLD.media_id, OLD.titles, OLD.files); END

CREATE TRIGGER search_document_changed AFTER UPDATE OF media_id, titles, files ON search_documents BEGIN INSERT INTO search_index (search_index, rowid, titles, files) VALUES ('delete', OLD.media_id, OLD.titles, OLD.files); INSERT INTO search_index (rowid, titles, files) VALUES (NEW.media_id, NEW.titles, NEW.files); END

CREATE TRIGGER search_media_added AFTER INSERT ON media BEGIN
    INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z' FROM search_sources WHERE media_id IN (NEW.id)
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files;
END

CREATE TRIGGER search_media_changed AFTER UPDATE OF title, original_title, alternative_titles, folder_path, series_id ON media WHEN (OLD.title, OLD.original_title, OLD.alternative_titles, OLD.folder_path, OLD.series_id) IS NOT (NEW.title, NEW.original_title, NEW.alternative_titles, NEW.folder_path, NEW.series_id) BEGIN
    INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z' FROM search_sources WHERE media_id IN (NEW.id)
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files;
END

CREATE TRIGGER search_series_changed AFTER UPDATE OF title, original_title, alternative_titles ON media WHEN NEW.kind = 'series' AND (OLD.title, OLD.original_title, OLD.alternative_titles) IS NOT (NEW.title, NEW.original_title, NEW.alternative_titles) BEGIN
    INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z' FROM search_sources WHERE media_id IN (SELECT id FROM media WHERE series_id = NEW.id)
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files;
END

CREATE TRIGGER search_link_added AFTER INSERT ON media_file_links BEGIN
    INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z' FROM search_sources WHERE media_id IN (NEW.media_id)
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files;
END

CREATE TRIGGER search_link_removed AFTER DELETE ON media_file_links BEGIN
    INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z' FROM search_sources WHERE media_id IN (OLD.media_id)
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files;
END

CREATE TRIGGER search_link_changed AFTER UPDATE ON media_file_links BEGIN
    INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z' FROM search_sources WHERE media_id IN (OLD.media_id, NEW.media_id)
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files;
END

CREATE TRIGGER search_file_changed AFTER UPDATE OF path, scene_name ON media_files WHEN (OLD.path, OLD.scene_name) IS NOT (NEW.path, NEW.scene_name) BEGIN
    INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z' FROM search_sources WHERE media_id IN (SELECT media_id FROM media_file_links WHERE file_id = NEW.id)
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files;
END

INSERT INTO search_documents (media_id, titles, files, updated_at)
    SELECT media_id, titles, files, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z' FROM search_sources WHERE media_id IN (SELECT id FROM media)
    ON CONFLICT (media_id) DO UPDATE
    SET titles = excluded.titles, files = excluded.files, updated_at = excluded.updated_at
    WHERE search_documents.titles <> excluded.titles OR search_documents.files <> excluded.files
