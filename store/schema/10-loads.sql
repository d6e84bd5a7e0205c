-- The calendar files that were loaded, in their order: of two that were checked on
-- the same day, the one that was loaded later is right.
CREATE TABLE calendar_load (
	generation TEXT   NOT NULL, -- the day on which they were checked
	files      TEXT   NOT NULL, -- names what is in them
	load       BIGINT NOT NULL,
	PRIMARY KEY (generation, files)
);
ALTER TABLE calendar_row ADD COLUMN load BIGINT NOT NULL DEFAULT 0; -- of the files that say so
ALTER TABLE calendar_row ADD COLUMN amended_ms BIGINT NOT NULL DEFAULT 0; -- the last change by hand that whoever says so knew of
