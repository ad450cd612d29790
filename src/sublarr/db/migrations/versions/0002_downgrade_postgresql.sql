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

DELETE FROM search_documents
