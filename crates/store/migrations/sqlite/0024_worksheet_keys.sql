-- What teachers corrected in the keys of a worksheet, by the version that the school put in or printed.
-- What is given of that version later begins with the last one; an assignment keeps its own, and taking
-- it back takes nothing from here.
CREATE TABLE worksheet_key (
    id           INTEGER PRIMARY KEY,
    school       TEXT NOT NULL REFERENCES school (id),
    worksheet    TEXT NOT NULL,
    version      INTEGER NOT NULL,  -- as it was put in
    from_version INTEGER NOT NULL,  -- before
    to_version   INTEGER NOT NULL,  -- since
    part         TEXT NOT NULL,
    was          TEXT NOT NULL,  -- the key as a person types it
    becomes      TEXT NOT NULL,
    staff        TEXT NOT NULL REFERENCES staff (id),
    at_ms        INTEGER NOT NULL,
    FOREIGN KEY (worksheet, to_version) REFERENCES worksheet (id, version)
) STRICT;
CREATE INDEX worksheet_key_of_version ON worksheet_key (school, worksheet, version);
CREATE INDEX worksheet_key_to_version ON worksheet_key (school, worksheet, to_version);

-- What was corrected before this table was there. A version that no correction made is one that was put in.
WITH RECURSIVE origin (school, worksheet, version, began) AS (
    SELECT DISTINCT school, worksheet, version, version FROM key_change c
    WHERE NOT EXISTS (SELECT 1 FROM key_change b WHERE b.school = c.school
                      AND b.worksheet = c.worksheet AND b.to_version = c.version)
    UNION
    SELECT c.school, c.worksheet, c.to_version, o.began FROM key_change c
    JOIN origin o ON o.school = c.school AND o.worksheet = c.worksheet AND o.version = c.version
)
INSERT INTO worksheet_key (school, worksheet, version, from_version, to_version, part, was, becomes,
                           staff, at_ms)
SELECT c.school, c.worksheet, o.began, c.version, c.to_version, c.part, c.was, c.becomes, c.staff, c.at_ms
FROM key_change c
JOIN origin o ON o.school = c.school AND o.worksheet = c.worksheet AND o.version = c.version
WHERE NOT EXISTS (SELECT 1 FROM key_change b WHERE b.id < c.id AND b.school = c.school
                  AND b.worksheet = c.worksheet AND b.to_version = c.to_version AND b.at_ms = c.at_ms)
ORDER BY c.id;

-- Who gave it on a page; NULL: a command, or it was given before this column was there.
ALTER TABLE assignment ADD COLUMN staff TEXT REFERENCES staff (id);
