-- Bodies are sealed: storage/sealing.py. A key is wrapped by the master key of that name; without its key, what a
-- unit's rows hold is gone.
CREATE TABLE key (
    unit TEXT PRIMARY KEY,
    master TEXT NOT NULL,
    wrapped BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX key_master ON key (master);

-- What a body is sealed for beside its row: the unit, and the version of the unit with which a session was written.
ALTER TABLE session ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE prompt ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE prompt ADD COLUMN person TEXT NOT NULL DEFAULT '';
UPDATE prompt SET unit = json_extract(CAST(body AS TEXT), '$.unit');
UPDATE prompt SET person = json_extract(CAST(body AS TEXT), '$.person');
