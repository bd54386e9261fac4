-- When a chunk was received bounds the times of its pen's clock. It stands here, so that attribution
-- never touches the blobs.
ALTER TABLE chunk_address ADD COLUMN received_ms INTEGER NOT NULL DEFAULT 0;
UPDATE chunk_address
SET received_ms = (SELECT c.received_ms FROM chunk c WHERE c.id = chunk_address.chunk);

-- Why ink of this row is nobody's, by the code of a reason, as it was when last looked at; NULL
-- where all of it has a hand and a paper.
ALTER TABLE ink ADD COLUMN nobody TEXT;
CREATE INDEX ink_nobody ON ink (pen) WHERE nobody IS NOT NULL;
-- Ink that went to no paper is looked at again, so that it gets its reason.
UPDATE ink SET attributed_rev = 0 WHERE papers = 0;

-- Whose hand a person says that ink is which nothing else tells: strokes of one start of a pen on
-- one page face. Strokes that a lease tells are not touched by it.
CREATE TABLE given_ink (
    folio        INTEGER NOT NULL,
    page         INTEGER NOT NULL,
    pen          INTEGER NOT NULL,
    boot_counter INTEGER NOT NULL,
    boot_random  INTEGER NOT NULL,
    pupil        TEXT REFERENCES pupil (id),
    marker       TEXT REFERENCES staff (id),
    staff        TEXT NOT NULL REFERENCES staff (id),  -- who said so
    at_ms        INTEGER NOT NULL,
    PRIMARY KEY (folio, page, pen, boot_counter, boot_random),
    CHECK ((pupil IS NULL) <> (marker IS NULL))
) STRICT, WITHOUT ROWID;
