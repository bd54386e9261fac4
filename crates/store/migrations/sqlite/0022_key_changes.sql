-- Keys that teachers corrected on a page. The key of an assignment is that of its worksheet version: a
-- correction gives it a later version, which differs from the former in this key alone. What was
-- printed stays of its own version. A correction of several assignments is a row for each.
CREATE TABLE key_change (
    id         INTEGER PRIMARY KEY,
    school     TEXT NOT NULL REFERENCES school (id),
    assignment TEXT NOT NULL REFERENCES assignment (id),
    worksheet  TEXT NOT NULL,
    version    INTEGER NOT NULL,  -- before
    to_version INTEGER NOT NULL,  -- since
    part       TEXT NOT NULL,
    was        TEXT NOT NULL,  -- the key as a person types it
    becomes    TEXT NOT NULL,
    staff      TEXT NOT NULL REFERENCES staff (id),
    at_ms      INTEGER NOT NULL,
    FOREIGN KEY (worksheet, to_version) REFERENCES worksheet (id, version)
) STRICT;
CREATE INDEX key_change_of_assignment ON key_change (assignment);
CREATE INDEX key_change_of_worksheet ON key_change (worksheet, version, school);

-- The papers that are marked again after a correction, and what counted on them before.
CREATE TABLE key_change_paper (
    change  INTEGER NOT NULL REFERENCES key_change (id),
    pupil   TEXT NOT NULL REFERENCES pupil (id),
    page    INTEGER NOT NULL,
    ink_rev INTEGER NOT NULL,  -- marked again once marked_rev is no less
    answers TEXT NOT NULL,  -- JSON: part, source, verdict, score, what it waited for
    PRIMARY KEY (change, pupil, page)
) STRICT, WITHOUT ROWID;
