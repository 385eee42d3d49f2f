-- From when on a key may be deleted, and with it the words that it seals: those of somebody who has nothing kept beyond
-- a session, in one that has ended.
ALTER TABLE key ADD COLUMN over INTEGER;
CREATE INDEX key_over ON key (over) WHERE over IS NOT NULL;
