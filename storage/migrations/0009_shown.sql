-- What the platform calls a message that was sent, so that a chat can be cleared of what it shows.
ALTER TABLE outbox ADD COLUMN ref TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_shown ON outbox (chat, settled_at) WHERE ref <> '';
