-- What is kept beyond a session, in the unit whose it is. Over is from when it stands no more.
CREATE TABLE record (
    unit TEXT NOT NULL REFERENCES unit (id),
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    over INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (unit, kind, id)
) WITHOUT ROWID;
CREATE INDEX record_over ON record (over);
