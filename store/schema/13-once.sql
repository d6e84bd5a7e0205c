ALTER TABLE inbox ADD COLUMN done TEXT NOT NULL DEFAULT ''; -- what is answered to a message whose order was carried out; blank once answered
ALTER TABLE audit ADD COLUMN message TEXT NOT NULL DEFAULT ''; -- the message by which it was done; empty where there was none
CREATE UNIQUE INDEX audit_once ON audit (platform, room, message, act, outcome) WHERE message <> '';
