-- Whether a row is sent again when nobody knows if it was sent; and since when that is so: for a time its key keeps it
-- single. Attempts are counted for the back-off.
ALTER TABLE outbox ADD COLUMN again INTEGER NOT NULL DEFAULT 1;
ALTER TABLE outbox ADD COLUMN uncertain_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
-- Whether doing it twice harms nobody, such as taking away buttons.
ALTER TABLE outbox ADD COLUMN light INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_queue ON outbox (seq) WHERE state IN ('queued', 'claimed');
