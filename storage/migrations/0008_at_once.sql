-- Replies, and the signals of rooms: they are sent before anything else that is due.
CREATE INDEX outbox_at_once ON outbox (seq) WHERE state IN ('queued', 'claimed') AND waits_while_frozen = 0;
