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
