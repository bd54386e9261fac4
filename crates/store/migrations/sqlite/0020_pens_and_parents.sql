-- On whose paper ink is, by a person's word that holds against its address and against the leases of
-- its pen: the ink of one start of a pen on one page face.
CREATE TABLE moved_ink (
    folio        INTEGER NOT NULL,
    page         INTEGER NOT NULL,
    pen          INTEGER NOT NULL,
    boot_counter INTEGER NOT NULL,
    boot_random  INTEGER NOT NULL,
    pupil        TEXT NOT NULL REFERENCES pupil (id),
    staff        TEXT NOT NULL REFERENCES staff (id),  -- who said so
    at_ms        INTEGER NOT NULL,
    PRIMARY KEY (folio, page, pen, boot_counter, boot_random)
) STRICT;
-- A paper may hold ink of several page faces: its own, and those from which ink was moved to it.
CREATE INDEX attribution_of_paper ON attribution (assignment, pupil, paper_page);

-- What teachers said of whose ink it is on a paper, and what it changed, so that it can be taken back.
CREATE TABLE correction (
    id         INTEGER PRIMARY KEY,
    class      TEXT NOT NULL REFERENCES class (id),
    assignment TEXT NOT NULL,                    -- the paper on which it was said
    pupil      TEXT NOT NULL,
    page       INTEGER NOT NULL,
    what       TEXT NOT NULL CHECK (what IN ('wrote', 'swapped')),
    to_pupil   TEXT NOT NULL REFERENCES pupil (id),
    staff      TEXT NOT NULL REFERENCES staff (id),
    at_ms      INTEGER NOT NULL,
    from_ms    INTEGER,                        -- of the leases; NULL: ink was moved alone
    until_ms   INTEGER,                        -- exclusive; NULL: from then on
    held_before TEXT NOT NULL,                -- JSON: leases of its pens and moved ink, before and after
    held_after  TEXT NOT NULL,
    undone_ms  INTEGER
) STRICT;
CREATE INDEX correction_of_class ON correction (class, assignment);

-- Links by which parents see one pupil's paper. Of a token only its SHA-256 is stored. Rows outlive
-- an assignment that is withdrawn, and open nothing then.
CREATE TABLE parent_link (
    token_hash  BLOB PRIMARY KEY,
    assignment  TEXT NOT NULL,
    pupil       TEXT NOT NULL REFERENCES pupil (id),
    staff       TEXT NOT NULL REFERENCES staff (id),  -- who made it
    made_ms     INTEGER NOT NULL,
    expires_ms  INTEGER NOT NULL,
    revoked_ms  INTEGER,
    opened_ms   INTEGER,                       -- when it was bound to a device
    device_hash BLOB                         -- SHA-256 of that device's own token
) STRICT;
CREATE INDEX parent_link_of_paper ON parent_link (assignment, pupil);
