-- How a school keeps its pens: in sets, each pen under a number that stands on it. A pen that has not
-- said hello yet has no model.
ALTER TABLE pen ADD COLUMN set_name TEXT;
ALTER TABLE pen ADD COLUMN number BIGINT;
-- Since when it is missing.
ALTER TABLE pen ADD COLUMN lost_ms BIGINT;
CREATE UNIQUE INDEX pen_of_set ON pen (set_name, number) WHERE set_name IS NOT NULL;
