-- Whose account an aside was for: on some platforms it is shown in that person's own chat, which can be cleared.
ALTER TABLE outbox ADD COLUMN aside TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_aside ON outbox (aside, settled_at) WHERE ref <> '' AND aside <> '';
