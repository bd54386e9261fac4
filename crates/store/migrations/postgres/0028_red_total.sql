-- The points of the whole worksheet that a red pen wrote on this page, in tenths.
ALTER TABLE paper ADD COLUMN red_total BIGINT;
