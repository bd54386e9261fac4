-- Worksheets that people of a school draw over the pages of a PDF of their own. What was typed stays
-- here, sound or not, before a worksheet is made of it and after.
CREATE TABLE drawing (
    id         TEXT COLLATE "C" PRIMARY KEY,
    school     TEXT COLLATE "C" NOT NULL REFERENCES school (id),
    staff      TEXT COLLATE "C" NOT NULL REFERENCES staff (id),    -- who began it
    begun_ms   BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    revision   BIGINT NOT NULL,             -- rises with each change
    title      TEXT COLLATE "C" NOT NULL,
    content    TEXT COLLATE "C" NOT NULL,                -- JSON: title, grade, subject, fields
    worksheet  TEXT COLLATE "C" NOT NULL,                -- the id of what is made of it
    version    BIGINT                       -- the last that was made; NULL: none yet
);
CREATE INDEX drawing_of_school ON drawing (school, changed_ms);
CREATE TABLE drawing_page (
    drawing   TEXT COLLATE "C" NOT NULL REFERENCES drawing (id) ON DELETE CASCADE,
    page      BIGINT NOT NULL,
    width_um  BIGINT NOT NULL,
    height_um BIGINT NOT NULL,
    svg       TEXT COLLATE "C" NOT NULL,
    found     TEXT COLLATE "C" NOT NULL,                 -- JSON: spots to write on, notes of reading
    PRIMARY KEY (drawing, page)
);
