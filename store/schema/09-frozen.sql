ALTER TABLE delivery ADD COLUMN body TEXT NOT NULL DEFAULT ''; -- JSON; what is being said, from the first attempt until it is sent
CREATE INDEX delivery_body ON delivery (done_ms) WHERE body <> '' AND state = 'failed';
ALTER TABLE relied ADD COLUMN settled BIGINT NOT NULL DEFAULT 0; -- the last change that the post was corrected for, or given up
UPDATE relied SET settled = COALESCE((
	SELECT MAX(c.sequence) FROM correction c JOIN posted p ON p.platform = c.platform AND p.room = c.room
	WHERE p.post_key = relied.post_key AND c.row_id = relied.row_id AND c.was_version = relied.version
		AND c.state = 'failed' AND c.attempts > 0), 0);
