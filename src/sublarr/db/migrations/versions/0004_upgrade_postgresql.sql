DROP FUNCTION search_media_added() CASCADE

DROP FUNCTION search_media_changed() CASCADE

DROP FUNCTION search_series_changed() CASCADE

DROP FUNCTION search_link_added() CASCADE

DROP FUNCTION search_link_removed() CASCADE

DROP FUNCTION search_link_changed() CASCADE

DROP FUNCTION search_file_changed() CASCADE

DROP INDEX ix_search_documents_grams

DROP FUNCTION search_grams(text)

DROP FUNCTION search_query(text)

DROP VIEW search_sources

DROP TABLE search_documents

CREATE TABLE search_pending (
	id BIGSERIAL NOT NULL,
	media_id BIGINT NOT NULL,
	CONSTRAINT pk_search_pending PRIMARY KEY (id)
)

CREATE TABLE search_documents (
	media_id BIGINT NOT NULL,
	kind_order SMALLINT NOT NULL,
	title_key TEXT COLLATE "C" NOT NULL,
	titles TEXT NOT NULL,
	files TEXT NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	CONSTRAINT pk_search_documents PRIMARY KEY (media_id),
	CONSTRAINT fk_search_documents_media_id_media FOREIGN KEY(media_id) REFERENCES media (id) ON DELETE CASCADE
)

CREATE INDEX ix_search_documents_title ON search_documents (kind_order, title_key, media_id)

CREATE VIEW search_sources AS
SELECT media.id AS media_id, media.kind AS kind, media.title AS title,
    concat(media.original_title, chr(10),
        (SELECT string_agg(each.value, chr(10) ORDER BY each.ordinality)
            FROM jsonb_array_elements_text(media.alternative_titles) WITH ORDINALITY AS each),
        chr(10), series.title, chr(10), series.original_title, chr(10),
        (SELECT string_agg(each.value, chr(10) ORDER BY each.ordinality)
            FROM jsonb_array_elements_text(series.alternative_titles) WITH ORDINALITY AS each)) AS other_titles,
    concat(media.folder_path, chr(10),
        (SELECT string_agg(concat(media_files.path, chr(10), media_files.scene_name), chr(10)
                ORDER BY media_files.id)
            FROM media_file_links JOIN media_files ON media_files.id = media_file_links.file_id
            WHERE media_file_links.media_id = media.id)) AS files
FROM media LEFT JOIN media AS series ON series.id = media.series_id

CREATE FUNCTION search_grams(value text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    COST 5000 AS $$
DECLARE
    letters text[] := string_to_array(left(value, 20000), NULL);
BEGIN
    RETURN array_to_tsvector(ARRAY(
        SELECT a || b || c FROM unnest(letters, letters[2:], letters[3:]) AS three(a, b, c)
        WHERE c IS NOT NULL));
END
$$

CREATE FUNCTION search_query(value text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CAST(string_agg(DISTINCT '''' || replace(replace(substr(value, place, 3), '\', '\\'), '''', '''''')
        || '''' || CASE WHEN length(value) < 3 THEN ':*' ELSE '' END, ' & ') AS tsquery)
    FROM generate_series(1, greatest(length(value) - 2, 1)) AS place
$$

CREATE INDEX ix_search_documents_grams ON search_documents USING gin (search_grams(titles || files))

CREATE FUNCTION search_media_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_pending (media_id) SELECT NEW.id;
    RETURN NULL;
END
$$

CREATE TRIGGER search_media_added AFTER INSERT ON media FOR EACH ROW EXECUTE FUNCTION search_media_added()

CREATE FUNCTION search_media_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_pending (media_id) SELECT NEW.id;
    RETURN NULL;
END
$$

CREATE TRIGGER search_media_changed AFTER UPDATE OF title, original_title, alternative_titles, folder_path, series_id, kind ON media FOR EACH ROW WHEN ((OLD.title, OLD.original_title, OLD.alternative_titles, OLD.folder_path, OLD.series_id, OLD.kind) IS DISTINCT FROM (NEW.title, NEW.original_title, NEW.alternative_titles, NEW.folder_path, NEW.series_id, NEW.kind)) EXECUTE FUNCTION search_media_changed()

CREATE FUNCTION search_series_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_pending (media_id) SELECT id FROM media WHERE series_id = NEW.id;
    RETURN NULL;
END
$$

CREATE TRIGGER search_series_changed AFTER UPDATE OF title, original_title, alternative_titles ON media FOR EACH ROW WHEN (NEW.kind = 'series' AND (OLD.title, OLD.original_title, OLD.alternative_titles) IS DISTINCT FROM (NEW.title, NEW.original_title, NEW.alternative_titles)) EXECUTE FUNCTION search_series_changed()

CREATE FUNCTION search_link_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_pending (media_id) SELECT NEW.media_id;
    RETURN NULL;
END
$$

CREATE TRIGGER search_link_added AFTER INSERT ON media_file_links FOR EACH ROW EXECUTE FUNCTION search_link_added()

CREATE FUNCTION search_link_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_pending (media_id) SELECT OLD.media_id;
    RETURN NULL;
END
$$

CREATE TRIGGER search_link_removed AFTER DELETE ON media_file_links FOR EACH ROW EXECUTE FUNCTION search_link_removed()

CREATE FUNCTION search_link_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_pending (media_id) SELECT OLD.media_id UNION SELECT NEW.media_id;
    RETURN NULL;
END
$$

CREATE TRIGGER search_link_changed AFTER UPDATE ON media_file_links FOR EACH ROW WHEN ((OLD.media_id, OLD.file_id) IS DISTINCT FROM (NEW.media_id, NEW.file_id)) EXECUTE FUNCTION search_link_changed()

CREATE FUNCTION search_file_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_pending (media_id) SELECT media_id FROM media_file_links WHERE file_id = NEW.id;
    RETURN NULL;
END
$$

CREATE TRIGGER search_file_changed AFTER UPDATE OF path, scene_name ON media_files FOR EACH ROW WHEN ((OLD.path, OLD.scene_name) IS DISTINCT FROM (NEW.path, NEW.scene_name)) EXECUTE FUNCTION search_file_changed()

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
