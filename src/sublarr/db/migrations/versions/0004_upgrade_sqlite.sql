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

CREATE TABLE search_pending (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	media_id INTEGER NOT NULL
)

CREATE TABLE search_documents (
	media_id INTEGER NOT NULL,
	kind_order SMALLINT NOT NULL,
	title_key TEXT NOT NULL,
	titles TEXT NOT NULL,
	files TEXT NOT NULL,
	updated_at TEXT NOT NULL,
	CONSTRAINT pk_search_documents PRIMARY KEY (media_id),
	CONSTRAINT fk_search_documents_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
)

CREATE INDEX ix_search_documents_title ON search_documents (kind_order, title_key, media_id)

CREATE VIEW search_sources AS
SELECT media.id AS media_id, media.kind AS kind, media.title AS title,
    media.original_title || char(10)
        || coalesce((SELECT group_concat(value, char(10)) FROM json_each(media.alternative_titles)), '')
        || char(10)
        || coalesce(series.title || char(10) || series.original_title || char(10)
            || (SELECT coalesce(group_concat(value, char(10)), '') FROM json_each(series.alternative_titles)), '')
        AS other_titles,
    media.folder_path || char(10)
        || coalesce((SELECT group_concat(name, char(10)) FROM (
            SELECT media_files.path || char(10) || media_files.scene_name AS name
            FROM media_file_links JOIN media_files ON media_files.id = media_file_links.file_id
            WHERE media_file_links.media_id = media.id ORDER BY media_files.id)), '') AS files
FROM media LEFT JOIN media AS series ON series.id = media.series_id

CREATE VIRTUAL TABLE search_index USING fts5(titles, files, content='search_documents', content_rowid='media_id', columnsize=0, tokenize='trigram case_sensitive 1')

CREATE VIRTUAL TABLE search_terms USING fts5vocab(search_index, instance)

CREATE TRIGGER search_document_added AFTER INSERT ON search_documents BEGIN INSERT INTO search_index (rowid, titles, files) VALUES (NEW.media_id, NEW.titles, NEW.files); END

CREATE TRIGGER search_document_removed AFTER DELETE ON search_documents BEGIN INSERT INTO search_index (search_index, rowid, titles, files) VALUES ('delete', OLD.media_id, OLD.titles, OLD.files); END

CREATE TRIGGER search_document_changed AFTER UPDATE OF media_id, titles, files ON search_documents WHEN (OLD.media_id, OLD.titles, OLD.files) IS NOT (NEW.media_id, NEW.titles, NEW.files) BEGIN INSERT INTO search_index (search_index, rowid, titles, files) VALUES ('delete', OLD.media_id, OLD.titles, OLD.files); INSERT INTO search_index (rowid, titles, files) VALUES (NEW.media_id, NEW.titles, NEW.files); END

CREATE TRIGGER search_media_added AFTER INSERT ON media BEGIN
    INSERT INTO search_pending (media_id) SELECT NEW.id;
END

CREATE TRIGGER search_media_changed AFTER UPDATE OF title, original_title, alternative_titles, folder_path, series_id, kind ON media WHEN (OLD.title, OLD.original_title, OLD.alternative_titles, OLD.folder_path, OLD.series_id, OLD.kind) IS NOT (NEW.title, NEW.original_title, NEW.alternative_titles, NEW.folder_path, NEW.series_id, NEW.kind) BEGIN
    INSERT INTO search_pending (media_id) SELECT NEW.id;
END

CREATE TRIGGER search_series_changed AFTER UPDATE OF title, original_title, alternative_titles ON media WHEN NEW.kind = 'series' AND (OLD.title, OLD.original_title, OLD.alternative_titles) IS NOT (NEW.title, NEW.original_title, NEW.alternative_titles) BEGIN
    INSERT INTO search_pending (media_id) SELECT id FROM media WHERE series_id = NEW.id;
END

CREATE TRIGGER search_link_added AFTER INSERT ON media_file_links BEGIN
    INSERT INTO search_pending (media_id) SELECT NEW.media_id;
END

CREATE TRIGGER search_link_removed AFTER DELETE ON media_file_links BEGIN
    INSERT INTO search_pending (media_id) SELECT OLD.media_id;
END

CREATE TRIGGER search_link_changed AFTER UPDATE ON media_file_links WHEN (OLD.media_id, OLD.file_id) IS NOT (NEW.media_id, NEW.file_id) BEGIN
    INSERT INTO search_pending (media_id) SELECT OLD.media_id UNION SELECT NEW.media_id;
END

CREATE TRIGGER search_file_changed AFTER UPDATE OF path, scene_name ON media_files WHEN (OLD.path, OLD.scene_name) IS NOT (NEW.path, NEW.scene_name) BEGIN
    INSERT INTO search_pending (media_id) SELECT media_id FROM media_file_links WHERE file_id = NEW.id;
END

DROP INDEX ix_series_language_profiles_profile_id

DROP INDEX ix_movie_language_profiles_profile_id

CREATE INDEX ix_series_language_profiles_profile_id ON series_language_profiles (profile_id, id)

CREATE INDEX ix_movie_language_profiles_profile_id ON movie_language_profiles (profile_id, id)

CREATE INDEX ix_series_language_profiles_entry ON series_language_profiles (source_id, source_key)

CREATE INDEX ix_movie_language_profiles_entry ON movie_language_profiles (source_id, source_key)

CREATE INDEX ix_audit_log_kind ON audit_log (entity, id)

CREATE INDEX ix_audit_log_actor ON audit_log (actor, id)

CREATE INDEX ix_audit_log_kind_actor ON audit_log (entity, actor, id)

INSERT INTO search_pending (media_id) SELECT id FROM media
