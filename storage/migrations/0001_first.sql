-- Every hot key starts with the unit's id. Times are epoch milliseconds.
CREATE TABLE unit (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE chat (
    platform TEXT NOT NULL,
    place TEXT NOT NULL,
    unit TEXT NOT NULL REFERENCES unit (id),
    PRIMARY KEY (platform, place)
) WITHOUT ROWID;

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    unit TEXT NOT NULL REFERENCES unit (id),
    open INTEGER NOT NULL,
    frozen INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_open ON session (unit) WHERE open = 1;

-- One row a session that has a deadline; entry fences it.
CREATE TABLE timer (
    unit TEXT NOT NULL,
    session TEXT NOT NULL PRIMARY KEY,
    entry INTEGER NOT NULL,
    due INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due);

CREATE TABLE inbox (
    event TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL,
    session TEXT NOT NULL,
    chat TEXT NOT NULL,
    waits_while_frozen INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'sent', 'dropped')),
    settled_at INTEGER,
    body BLOB
);
CREATE INDEX outbox_open ON outbox (chat, seq) WHERE state IN ('queued', 'claimed');
CREATE INDEX outbox_delayed ON outbox (not_before) WHERE state = 'queued' AND not_before > 0;

CREATE TABLE prompt (
    token TEXT PRIMARY KEY,
    session TEXT NOT NULL,
    lane TEXT NOT NULL,
    entry INTEGER NOT NULL,
    ref TEXT,
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX prompt_fence ON prompt (session, lane, entry);

CREATE TABLE invite (
    digest TEXT PRIMARY KEY,
    body BLOB NOT NULL
) WITHOUT ROWID;
