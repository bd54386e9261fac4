-- What is known of items and knowledge points, fitted from settled responses. The last one is in
-- force; a profile names the one it was folded with, 0 where none was there.
CREATE TABLE item_fit (
    version    INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    pupils     INTEGER NOT NULL,
    answers    INTEGER NOT NULL,
    parameters TEXT NOT NULL                 -- JSON: items, skills, medians
) STRICT;

ALTER TABLE profile ADD COLUMN item_version INTEGER NOT NULL DEFAULT 0;
