-- The schema of version 6 as it was released, filled. It is frozen: never change it.
-- Times are Unix milliseconds; 0 is "not yet".
CREATE TABLE inbox (
	platform     TEXT   NOT NULL,
	room         TEXT   NOT NULL,
	message      TEXT   NOT NULL,
	thread       TEXT   NOT NULL,
	sender       TEXT   NOT NULL,
	body         TEXT   NOT NULL, -- blank once answered: questions are not kept
	return_to    TEXT   NOT NULL, -- blank once answered
	sent_ms      BIGINT NOT NULL,
	received_ms  BIGINT NOT NULL,
	lease_ms     BIGINT NOT NULL, -- until when the process that took it may work on it
	attempts     BIGINT NOT NULL,
	state        TEXT   NOT NULL CHECK (state IN ('pending', 'answered')),
	receipt      TEXT   NOT NULL,
	answered_ms  BIGINT NOT NULL,
	PRIMARY KEY (platform, room, message)
);
CREATE INDEX inbox_pending ON inbox (platform, lease_ms) WHERE state = 'pending';
CREATE TABLE subscription (
	id          INTEGER PRIMARY KEY,
	platform    TEXT   NOT NULL,
	room        TEXT   NOT NULL,
	kind        TEXT   NOT NULL,
	cron        TEXT   NOT NULL,
	zone        TEXT   NOT NULL,
	options     TEXT   NOT NULL, -- a JSON object
	created_by  TEXT   NOT NULL,
	created_ms  BIGINT NOT NULL,
	next_ms     BIGINT NOT NULL,
	slot        TEXT   NOT NULL, -- the civil time that names the next occurrence
	state       TEXT   NOT NULL CHECK (state IN ('active', 'paused', 'gone', 'removed')),
	reason      TEXT   NOT NULL
);
CREATE UNIQUE INDEX subscription_once ON subscription (platform, room, kind, cron, zone, options) WHERE state <> 'removed';
CREATE INDEX subscription_due ON subscription (next_ms) WHERE state = 'active';
CREATE TABLE delivery (
	id            TEXT   NOT NULL PRIMARY KEY, -- opaque; the key that platforms see
	subscription  BIGINT NOT NULL REFERENCES subscription (id),
	slot          TEXT   NOT NULL,
	due_ms        BIGINT NOT NULL,
	state         TEXT   NOT NULL CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'missed')),
	reason        TEXT   NOT NULL,
	attempts      BIGINT NOT NULL,
	first_ms      BIGINT NOT NULL, -- when the first attempt began
	not_before_ms BIGINT NOT NULL,
	lease_ms      BIGINT NOT NULL,
	receipt       TEXT   NOT NULL,
	done_ms       BIGINT NOT NULL,
	UNIQUE (subscription, slot)
);
CREATE INDEX delivery_open ON delivery (not_before_ms) WHERE state IN ('planned', 'sending');
CREATE TABLE setting (
	space TEXT NOT NULL,
	name  TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (space, name)
);
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
ALTER TABLE inbox ADD COLUMN unsent BIGINT NOT NULL DEFAULT 0; -- 1: given back, and nothing of an answer can have been posted
CREATE TABLE message_name (
	platform TEXT   NOT NULL,
	room     TEXT   NOT NULL,
	name     TEXT   NOT NULL, -- a further name of a message, such as a client's own
	message  TEXT   NOT NULL, -- what the name was first given to
	named_ms BIGINT NOT NULL,
	PRIMARY KEY (platform, room, name)
);
CREATE INDEX message_name_age ON message_name (named_ms);
CREATE TABLE feedback (
	platform TEXT   NOT NULL,
	room     TEXT   NOT NULL,
	message  TEXT   NOT NULL, -- the bot's post
	sender   TEXT   NOT NULL,
	good     BIGINT NOT NULL, -- 1 or 0
	reason   TEXT   NOT NULL, -- in the person's words; empty where nothing was said
	given_ms BIGINT NOT NULL,
	PRIMARY KEY (platform, room, message, sender)
);
CREATE TABLE slack_install (
	enterprise  TEXT   NOT NULL, -- empty where the workspace belongs to none
	team        TEXT   NOT NULL, -- empty for an installation on the whole organisation
	bot_user    TEXT   NOT NULL,
	sealed      TEXT   NOT NULL, -- the tokens, encrypted: base64
	expires_ms  BIGINT NOT NULL, -- when the access token ends; 0 for never
	lease_ms    BIGINT NOT NULL, -- until when one replica exchanges the tokens
	changed_ms  BIGINT NOT NULL,
	PRIMARY KEY (enterprise, team)
);
CREATE TABLE slack_state (
	state      TEXT   NOT NULL PRIMARY KEY, -- the hash of one that was given to a browser
	expires_ms BIGINT NOT NULL
);
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
ALTER TABLE subscription ADD COLUMN state_ms BIGINT NOT NULL DEFAULT 0; -- since when it is in its state
ALTER TABLE subscription ADD COLUMN was TEXT NOT NULL DEFAULT ''; -- the state before it was removed
ALTER TABLE subscription ADD COLUMN tell_ms BIGINT NOT NULL DEFAULT 0; -- from when its owner is to be told that the room is gone; 0 for nothing to tell
ALTER TABLE delivery ADD COLUMN platform TEXT NOT NULL DEFAULT ''; -- of the subscription
ALTER TABLE delivery ADD COLUMN doubtful BIGINT NOT NULL DEFAULT 0; -- 1 where an attempt ended without a word
UPDATE delivery SET platform = (SELECT s.platform FROM subscription s WHERE s.id = delivery.subscription);
UPDATE delivery SET doubtful = 1 WHERE state = 'sending';
DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (platform, due_ms, id) WHERE state IN ('planned', 'sending');
CREATE INDEX subscription_untold ON subscription (platform, tell_ms) WHERE tell_ms > 0;
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
INSERT INTO inbox (platform, room, message, thread, sender, body, quoted, return_to, sent_ms, received_ms, lease_ms, attempts, state, receipt, answered_ms, unsent) VALUES ('slack', 'C1', 'm1', 't', 'U1', 'words', '', '', 1795435200000, 1795435200000, 1795435260000, 1, 'pending', '', 0, 0);
INSERT INTO subscription (platform, room, kind, cron, zone, options, created_by, created_ms, next_ms, slot, state, reason) VALUES ('slack', 'C1', 'digest', '0 8 * * 1', 'Europe/Zurich', '{}', 'U1', 1795435200000, 1796022000000, '2026-11-30T08:00', 'active', '');
INSERT INTO delivery (id, subscription, slot, due_ms, state, reason, attempts, first_ms, not_before_ms, lease_ms, receipt, done_ms, platform, doubtful) VALUES ('d-sent', 1, '2026-11-16T08:00', 1794812400000, 'sent', '', 1, 1794812400000, 0, 0, 'ts-1', 1794812401000, 'slack', 0);
INSERT INTO delivery (id, subscription, slot, due_ms, state, reason, attempts, first_ms, not_before_ms, lease_ms, receipt, done_ms, platform, doubtful) VALUES ('d-dying', 1, '2026-11-23T08:00', 1795417200000, 'sending', '', 1, 1795417200000, 0, 1795417260000, '', 0, 'slack', 0);
INSERT INTO calendar_version (version, row_id, shown) VALUES ('a1', 'a', '{"row":"a"}');
INSERT INTO calendar_version (version, row_id, shown) VALUES ('a2', 'a', '{"row":"a"}');
INSERT INTO calendar_row (row_id, version, generation, sequence, changed_ms, gone) VALUES ('a', 'a2', '2026-11-22', 1, 1795348800000, 0);
INSERT INTO posted (post_key, platform, room, thread, receipt, purpose, reply, as_of_ms, posted_ms) VALUES ('d-sent', 'slack', 'C1', '', 'ts-1', 1, '[]', 1794812400000, 1794812401000);
INSERT INTO relied (post_key, row_id, said_version, version, section) VALUES ('d-sent', 'a', 'a1', 'a1', 'This week');
INSERT INTO posted (post_key, platform, room, thread, receipt, purpose, reply, as_of_ms, posted_ms) VALUES ('other', 'slack', 'C2', '', 'ts-2', 0, '[]', 1794812400000, 1794812401000);
INSERT INTO relied (post_key, row_id, said_version, version, section) VALUES ('other', 'a', 'a1', 'a1', '');
INSERT INTO correction (correction_key, platform, room, row_id, was_version, now_version, sequence, state, reason, attempts, first_ms, not_before_ms, lease_ms, receipt, created_ms, done_ms) VALUES ('correction/given-up', 'slack', 'C2', 'a', 'a1', 'a2', 1, 'failed', 'room gone', 3, 1795348800000, 0, 0, '', 1795348800000, 1795348900000);
INSERT INTO calendar_amendment (row_id, field, value, source, proposed_by, proposed_ms, confirmed_by, confirmed_ms, withdrawn) VALUES ('a', 'end', '2026-12-18', 'https://example.org', 'slack:U1', 1795348800000, 'slack:U2', 1795348900000, 0);
INSERT INTO topic (platform, room, topic, created_by, created_ms, checked_ms, state, reason, found, attempts, first_ms, not_before_ms, lease_ms, receipt) VALUES ('slack', 'C1', 'norms', 'U1', 1795348800000, 1795348800000, 'followed', '', '', 0, 0, 0, 0, '');
