-- Worksheets that people of a school draw over the pages of a PDF of their own. What was typed stays
-- here, sound or not, before a worksheet is made of it and after.
CREATE TABLE drawing (
    id         TEXT PRIMARY KEY,
    school     TEXT NOT NULL REFERENCES school (id),
    staff      TEXT NOT NULL REFERENCES staff (id),    -- who began it
    begun_ms   INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    revision   INTEGER NOT NULL,             -- rises with each change
    title      TEXT NOT NULL,
    content    TEXT NOT NULL,                -- JSON: title, grade, subject, fields
    worksheet  TEXT NOT NULL,                -- the id of what is made of it
    version    INTEGER                       -- the last that was made; NULL: none yet
) STRICT;
CREATE INDEX drawing_of_school ON drawing (school, changed_ms);
CREATE TABLE drawing_page (
    drawing   TEXT NOT NULL REFERENCES drawing (id) ON DELETE CASCADE,
    page      INTEGER NOT NULL,
    width_um  INTEGER NOT NULL,
    height_um INTEGER NOT NULL,
    svg       TEXT NOT NULL,
    found     TEXT NOT NULL,                 -- JSON: spots to write on, notes of reading
    PRIMARY KEY (drawing, page)
) STRICT;
