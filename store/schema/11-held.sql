ALTER TABLE inbox ADD COLUMN held_ms BIGINT NOT NULL DEFAULT 0; -- until when, by the clock of the process that took it: the name of its claim
