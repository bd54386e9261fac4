-- A pupil's classes over time, one at a time, in place of the one class. Nothing tells since when
-- pupils have been in their class: they are enrolled from before everything that the store holds.
CREATE TABLE enrolment (
    pupil    TEXT NOT NULL REFERENCES pupil (id),
    class    TEXT NOT NULL REFERENCES class (id),
    number   INTEGER NOT NULL,
    from_ms  INTEGER NOT NULL,
    until_ms INTEGER,                        -- exclusive; NULL: still
    PRIMARY KEY (pupil, from_ms),
    CHECK (until_ms > from_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolment_of_class ON enrolment (class, pupil);
-- At one time nobody else in the class has the number.
CREATE UNIQUE INDEX enrolment_number ON enrolment (class, number) WHERE until_ms IS NULL;
INSERT INTO enrolment (pupil, class, number, from_ms) SELECT id, class, number, 0 FROM pupil;
-- Who has papers of another class was in it before, nothing tells when: its papers stay theirs.
INSERT INTO enrolment (pupil, class, number, from_ms, until_ms)
SELECT f.id, f.class, f.number, -f.place, 1 - f.place
FROM (SELECT u.id, a.class, u.number,
             row_number() OVER (PARTITION BY u.id ORDER BY max(a.assigned_ms) DESC, a.class) AS place
      FROM paper p JOIN assignment a ON a.id = p.assignment JOIN pupil u ON u.id = p.pupil
      WHERE a.class <> u.class GROUP BY u.id, a.class, u.number) f;

-- A column with a constraint can only be left behind in a new table. What refers to a pupil does so
-- again once the rows are back; until then, whether it does is not asked.
PRAGMA defer_foreign_keys = ON;
-- For each row that goes and comes back, every table is searched that refers to it.
CREATE INDEX kept_copy ON copy (pupil);
CREATE INDEX kept_given_ink ON given_ink (pupil);
CREATE INDEX kept_profile ON profile (pupil);
CREATE INDEX kept_knowledge_state ON knowledge_state (pupil);
CREATE TABLE pupil_kept AS SELECT id, school, name FROM pupil;
DROP TABLE pupil;
-- The id is a pseudonym: the name stands in this table alone.
CREATE TABLE pupil (
    id     TEXT PRIMARY KEY,
    school TEXT NOT NULL REFERENCES school (id),
    name   TEXT NOT NULL
) STRICT;
INSERT INTO pupil (id, school, name) SELECT id, school, name FROM pupil_kept;
DROP TABLE pupil_kept;
DROP INDEX kept_copy;
DROP INDEX kept_given_ink;
DROP INDEX kept_profile;
DROP INDEX kept_knowledge_state;

ALTER TABLE school ADD COLUMN district TEXT;
CREATE INDEX school_of_district ON school (district) WHERE district IS NOT NULL;
CREATE INDEX class_of_school ON class (school, grade);
-- Whose class was given a worksheet is asked for each of its pictures.
CREATE INDEX assignment_of_worksheet ON assignment (worksheet, version, class);

-- What members of staff are, from when to when, in place of the classes that they teach.
CREATE TABLE role_grant (
    staff    TEXT NOT NULL REFERENCES staff (id),
    role     TEXT NOT NULL,
    class    TEXT REFERENCES class (id),
    subject  TEXT,                           -- a teacher's; NULL: all
    school   TEXT REFERENCES school (id),
    grade    INTEGER,
    district TEXT,
    from_ms  INTEGER NOT NULL,
    until_ms INTEGER,                        -- exclusive; NULL: still
    CHECK (until_ms > from_ms),
    -- Over what each role is held.
    CHECK (CASE role
        WHEN 'teacher' THEN class IS NOT NULL
        WHEN 'class_teacher' THEN class IS NOT NULL
        WHEN 'marker' THEN class IS NOT NULL
        WHEN 'head_of_year' THEN school IS NOT NULL AND grade BETWEEN 1 AND 12
        WHEN 'head' THEN school IS NOT NULL
        WHEN 'administrator' THEN school IS NOT NULL
        WHEN 'district' THEN district IS NOT NULL
        ELSE 0 = 1 END)
) STRICT;
CREATE INDEX role_grant_of_staff ON role_grant (staff);
INSERT INTO role_grant (staff, role, class, from_ms) SELECT staff, 'teacher', class, 0 FROM teaches;
DROP TABLE teaches;

-- What other systems call those whom we know, so that what came from there can come again.
CREATE TABLE source_identity (
    entity TEXT NOT NULL CHECK (entity IN ('school', 'class', 'pupil', 'staff')),
    source TEXT NOT NULL,                    -- who gave it: 'xueji', a OneRoster system
    value  TEXT NOT NULL,
    id     TEXT NOT NULL,                    -- ours
    PRIMARY KEY (entity, source, value),
    UNIQUE (entity, source, id)
) STRICT, WITHOUT ROWID;
