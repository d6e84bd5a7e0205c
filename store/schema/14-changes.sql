-- A change by hand may set several fields of a row at once. Each is an amendment of
-- its own; those behind the first have the number of the first here, and it has 0.
ALTER TABLE calendar_amendment ADD COLUMN change_id BIGINT NOT NULL DEFAULT 0;
