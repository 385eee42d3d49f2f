-- When to look whether a record comes by itself.
ALTER TABLE record ADD COLUMN due INTEGER;
CREATE INDEX record_due ON record (due) WHERE due IS NOT NULL;
