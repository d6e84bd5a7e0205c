-- What only one replica may do at a time. The fence grows with each new holder.
CREATE TABLE lease (
	name     TEXT   NOT NULL PRIMARY KEY,
	holder   TEXT   NOT NULL,
	fence    BIGINT NOT NULL,
	until_ms BIGINT NOT NULL
);
-- Small things that a platform remembers for a while: what it posted for whom,
-- which reaction means which command, what it could not read yet.
CREATE TABLE note (
	space   TEXT   NOT NULL,
	name    TEXT   NOT NULL,
	value   TEXT   NOT NULL,
	kept_ms BIGINT NOT NULL,
	PRIMARY KEY (space, name)
);
CREATE INDEX note_age ON note (kept_ms);
