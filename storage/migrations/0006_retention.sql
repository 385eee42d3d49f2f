-- From when on a row may be deleted, found without looking at those that stay. What ended before this is as if it had
-- ended with the newest event: 30 days more.
ALTER TABLE session ADD COLUMN over INTEGER;
UPDATE session SET over = (SELECT coalesce(max(at), 0) FROM inbox) + 2592000000 WHERE open = 0;
CREATE INDEX session_over ON session (over) WHERE over IS NOT NULL;
ALTER TABLE prompt ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
UPDATE prompt SET at = (SELECT coalesce(max(at), 0) FROM inbox);
CREATE INDEX prompt_at ON prompt (at) WHERE session = '';
ALTER TABLE invite ADD COLUMN over INTEGER NOT NULL DEFAULT 0;
UPDATE invite SET over = (SELECT coalesce(max(at), 0) FROM inbox) + 2592000000;
CREATE INDEX invite_over ON invite (over);
CREATE INDEX inbox_at ON inbox (at);
CREATE INDEX outbox_worded ON outbox (settled_at) WHERE settled_at IS NOT NULL AND body IS NOT NULL;
CREATE INDEX outbox_blank ON outbox (settled_at) WHERE settled_at IS NOT NULL AND body IS NULL;

-- What somebody has is looked for when they want it exported or erased, ended sessions included.
DROP INDEX session_open;
CREATE INDEX session_unit ON session (unit, open);
