CREATE TABLE builds (
    id TEXT PRIMARY KEY NOT NULL,
    -- Seconds since 1970.
    created BIGINT NOT NULL,
    -- queued, running or finished.
    status TEXT NOT NULL,
    -- JSON, compressed.
    request BYTEA NOT NULL,
    -- The hash of its owner's token.
    owner BYTEA NOT NULL,
    -- JSON; NULL until it is finished.
    outcome TEXT,
    -- The number of the last event that is kept.
    last BIGINT NOT NULL DEFAULT 0,
    -- When it goes, in seconds since 1970; NULL for never.
    expires BIGINT
);
CREATE INDEX builds_by_status ON builds (status);
CREATE INDEX builds_by_expiry ON builds (expires);

-- The events of a build in pieces: a JSON object a line, compressed.
CREATE TABLE pieces (
    build TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    first BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (build, first)
);

CREATE TABLE links (
    id TEXT PRIMARY KEY NOT NULL,
    fragment TEXT NOT NULL,
    created BIGINT NOT NULL
);
