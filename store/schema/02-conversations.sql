ALTER TABLE inbox ADD COLUMN quoted TEXT NOT NULL DEFAULT ''; -- blank once answered
CREATE TABLE turn (
	id       INTEGER PRIMARY KEY, -- in the order in which they were settled
	platform TEXT   NOT NULL,
	room     TEXT   NOT NULL,
	thread   TEXT   NOT NULL, -- empty where the room is the thread
	message  TEXT   NOT NULL,
	question TEXT   NOT NULL, -- complete by itself; deleted after a day
	said     TEXT   NOT NULL, -- codes and facts, parted by spaces
	sent_ms  BIGINT NOT NULL,
	kept_ms  BIGINT NOT NULL,
	UNIQUE (platform, room, message)
);
CREATE INDEX turn_thread ON turn (platform, room, thread, id);
CREATE INDEX turn_age ON turn (kept_ms);
CREATE TABLE quotation (
	code      TEXT   NOT NULL PRIMARY KEY, -- Q-7F3A2C, or longer where another had that first
	short     TEXT   NOT NULL,             -- the code as it would be alone
	digest    TEXT   NOT NULL UNIQUE,      -- the code in full: one for each document and words
	document  TEXT   NOT NULL,
	paragraph BIGINT NOT NULL,
	place     BIGINT NOT NULL, -- byte offset in the paragraph
	words     TEXT   NOT NULL,
	given_ms  BIGINT NOT NULL
);
CREATE INDEX quotation_short ON quotation (short);
