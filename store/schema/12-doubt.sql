ALTER TABLE correction ADD COLUMN doubtful BIGINT NOT NULL DEFAULT 0; -- an attempt may have told the room
ALTER TABLE topic ADD COLUMN doubtful BIGINT NOT NULL DEFAULT 0;
