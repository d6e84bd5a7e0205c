CREATE TABLE audit (
	id       INTEGER PRIMARY KEY,
	at_ms    BIGINT NOT NULL,
	platform TEXT   NOT NULL,
	room     TEXT   NOT NULL, -- where it was done; empty for nowhere
	person   TEXT   NOT NULL, -- who did it; empty for nobody who is known
	act      TEXT   NOT NULL, -- the verb, such as subscribe
	outcome  TEXT   NOT NULL  -- what came of it, in the bot's own words
);
CREATE INDEX audit_age ON audit (at_ms);
