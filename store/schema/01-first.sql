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
