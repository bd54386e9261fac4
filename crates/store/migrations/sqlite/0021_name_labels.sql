-- Name labels: a page face of its own for each pupil, which a red pen touches before it marks the
-- pupil's shared sheets.
CREATE TABLE name_label (
    folio INTEGER NOT NULL,
    page  INTEGER NOT NULL,
    pupil TEXT NOT NULL UNIQUE REFERENCES pupil (id),
    PRIMARY KEY (folio, page)
) STRICT, WITHOUT ROWID;
