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

DELETE FROM search_documents
