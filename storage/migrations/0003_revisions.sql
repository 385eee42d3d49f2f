-- What sessions are pinned to. The body, compressed, is enough to make the revision again: bot/flows/revisions.py.
CREATE TABLE flow_revision (
    revision TEXT PRIMARY KEY,
    flow TEXT NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;

-- Who needs which revision is told by what is stored of them, beside the body. Lists are JSON.
ALTER TABLE session ADD COLUMN revision TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN composed TEXT NOT NULL DEFAULT '[]';
ALTER TABLE unit ADD COLUMN revisions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox ADD COLUMN revisions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE record ADD COLUMN revisions TEXT NOT NULL DEFAULT '[]';
UPDATE session SET revision = json_extract(CAST(body AS TEXT), '$.revision');
CREATE INDEX session_revision ON session (revision) WHERE open = 1;
CREATE INDEX session_composed ON session (composed) WHERE open = 1 AND composed <> '[]';
CREATE INDEX unit_revisions ON unit (revisions) WHERE revisions <> '[]';
CREATE INDEX record_revisions ON record (revisions) WHERE revisions <> '[]';
