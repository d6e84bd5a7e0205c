CREATE TABLE calendar_version (
	version TEXT NOT NULL PRIMARY KEY, -- names what is shown by its content
	row_id  TEXT NOT NULL,
	shown   TEXT NOT NULL -- JSON
);
CREATE TABLE calendar_row (
	row_id     TEXT   NOT NULL PRIMARY KEY,
	version    TEXT   NOT NULL,
	generation TEXT   NOT NULL, -- the day on which the calendar that says so was checked
	sequence   BIGINT NOT NULL, -- of the changes; SEQUENCE in calendar files
	changed_ms BIGINT NOT NULL,
	gone       BIGINT NOT NULL
);
CREATE TABLE calendar_amendment (
	id           INTEGER PRIMARY KEY,
	row_id       TEXT   NOT NULL,
	field        TEXT   NOT NULL,
	value        TEXT   NOT NULL,
	source       TEXT   NOT NULL,
	proposed_by  TEXT   NOT NULL,
	proposed_ms  BIGINT NOT NULL,
	confirmed_by TEXT   NOT NULL,
	confirmed_ms BIGINT NOT NULL,
	withdrawn    BIGINT NOT NULL
);
CREATE TABLE posted (
	post_key  TEXT   NOT NULL PRIMARY KEY,
	platform  TEXT   NOT NULL,
	room      TEXT   NOT NULL,
	thread    TEXT   NOT NULL,
	receipt   TEXT   NOT NULL,
	purpose   BIGINT NOT NULL,
	reply     TEXT   NOT NULL, -- JSON; what the bot said
	as_of_ms  BIGINT NOT NULL,
	posted_ms BIGINT NOT NULL
);
CREATE INDEX posted_age ON posted (posted_ms);
CREATE TABLE relied (
	post_key     TEXT NOT NULL REFERENCES posted (post_key) ON DELETE CASCADE,
	row_id       TEXT NOT NULL,
	said_version TEXT NOT NULL, -- as it was posted
	version      TEXT NOT NULL, -- as it stands in the room now, corrected
	section      TEXT NOT NULL,
	PRIMARY KEY (post_key, row_id)
);
CREATE INDEX relied_row ON relied (row_id, version);
CREATE TABLE correction (
	correction_key TEXT   NOT NULL PRIMARY KEY, -- one for each room, row and change
	platform       TEXT   NOT NULL,
	room           TEXT   NOT NULL,
	row_id         TEXT   NOT NULL,
	was_version    TEXT   NOT NULL,
	now_version    TEXT   NOT NULL,
	sequence       BIGINT NOT NULL,
	state          TEXT   NOT NULL CHECK (state IN ('planned', 'sending', 'sent', 'failed')),
	reason         TEXT   NOT NULL,
	attempts       BIGINT NOT NULL,
	first_ms       BIGINT NOT NULL,
	not_before_ms  BIGINT NOT NULL,
	lease_ms       BIGINT NOT NULL,
	receipt        TEXT   NOT NULL,
	created_ms     BIGINT NOT NULL,
	done_ms        BIGINT NOT NULL
);
CREATE INDEX correction_open ON correction (not_before_ms) WHERE state IN ('planned', 'sending');
CREATE TABLE known_item (
	item     TEXT   NOT NULL PRIMARY KEY, -- "document:ID" or "row:ID"
	first_ms BIGINT NOT NULL -- when it was first seen; 0 for what was there from the beginning
);
CREATE INDEX known_item_first ON known_item (first_ms);
CREATE TABLE topic (
	id            INTEGER PRIMARY KEY,
	platform      TEXT   NOT NULL,
	room          TEXT   NOT NULL,
	topic         TEXT   NOT NULL,
	created_by    TEXT   NOT NULL,
	created_ms    BIGINT NOT NULL,
	checked_ms    BIGINT NOT NULL, -- up to when what came in was looked at
	state         TEXT   NOT NULL CHECK (state IN ('followed', 'found', 'sending', 'told', 'ended')),
	reason        TEXT   NOT NULL,
	found         TEXT   NOT NULL, -- items, parted by line ends
	attempts      BIGINT NOT NULL,
	first_ms      BIGINT NOT NULL,
	not_before_ms BIGINT NOT NULL,
	lease_ms      BIGINT NOT NULL,
	receipt       TEXT   NOT NULL
);
CREATE UNIQUE INDEX topic_once ON topic (platform, room, topic) WHERE state = 'followed';
CREATE INDEX topic_open ON topic (not_before_ms) WHERE state IN ('found', 'sending');
