CREATE TABLE saved_quotation (
	platform TEXT   NOT NULL,
	person   TEXT   NOT NULL,
	code     TEXT   NOT NULL, -- of the quotation, as it was given: Q-5D5E21
	saved_ms BIGINT NOT NULL,
	PRIMARY KEY (platform, person, code)
);
