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
