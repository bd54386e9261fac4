-- Which papers the ink of a pen on a page face went to when it was last looked at. A paper that
-- loses ink is marked again.
CREATE TABLE attribution (
    folio      INTEGER NOT NULL,
    page       INTEGER NOT NULL,
    pen        INTEGER NOT NULL,
    school     TEXT NOT NULL,
    assignment TEXT NOT NULL,
    pupil      TEXT NOT NULL,
    paper_page INTEGER NOT NULL,
    PRIMARY KEY (folio, page, pen, school, assignment, pupil, paper_page)
) STRICT, WITHOUT ROWID;
-- Of ink from before, every paper that it may have gone to: one too many is marked once too often.
INSERT INTO attribution
SELECT i.folio, i.page, i.pen, p.school, p.assignment, p.pupil, p.page
FROM ink i
JOIN paper p ON p.folio = i.folio AND p.address_page = i.page
JOIN assignment s ON s.id = p.assignment
JOIN print_run r ON r.id = s.print_run
WHERE r.copies IS NOT NULL
   OR EXISTS (SELECT 1 FROM lease l WHERE l.pen = i.pen AND l.pupil = p.pupil)
   OR EXISTS (SELECT 1 FROM given_ink g WHERE g.folio = i.folio AND g.page = i.page
                AND g.pen = i.pen AND g.pupil = p.pupil);

-- What a page draws of a paper, as it was marked, in the form of `ink::drawn`. Where there is none,
-- the chunks are decoded.
CREATE TABLE drawn_ink (
    school     TEXT NOT NULL,
    assignment TEXT NOT NULL,
    pupil      TEXT NOT NULL,
    page       INTEGER NOT NULL,
    strokes    BLOB NOT NULL,
    PRIMARY KEY (school, assignment, pupil, page)
) STRICT;

-- Roles of strokes in the form of `attribution::Roles`; they were JSON. A stroke's name ends in its
-- number, and what stands before it is its start.
UPDATE response SET strokes = '1' || coalesce((
    WITH named AS (
        SELECT value AS name, max(rank) AS rank,
               rtrim(value, '0123456789') AS start,
               CAST(substr(value, length(rtrim(value, '0123456789')) + 1) AS INTEGER) AS number
        FROM (SELECT value, 1 AS rank FROM json_each(response.strokes, '$.live')
              UNION ALL
              SELECT value, 2 AS rank FROM json_each(response.strokes, '$.superseded')
              UNION ALL
              SELECT value, 3 AS rank FROM json_each(response.strokes, '$.red'))
        GROUP BY value),
    -- Numbers that follow each other have one difference to their place.
    placed AS (
        SELECT rank, start, number,
               number - row_number() OVER (PARTITION BY rank, start ORDER BY number) AS run
        FROM named),
    runs AS (
        SELECT rank, start, min(number) AS first, max(number) AS last
        FROM placed GROUP BY rank, start, run),
    starts AS (
        SELECT rank, start,
               group_concat(CASE WHEN first = last THEN first ELSE first || '-' || last END, ','
                            ORDER BY first) AS runs
        FROM runs GROUP BY rank, start)
    SELECT group_concat(' ' || substr('LSR', rank, 1) || substr(start, 1, length(start) - 1)
                        || ':' || runs, '' ORDER BY rank, start)
    FROM starts), '');

ALTER TABLE paper ADD COLUMN loose TEXT NOT NULL DEFAULT '1';
UPDATE paper SET loose = '1' || coalesce((
    WITH named AS (
        SELECT DISTINCT
               rtrim(value, '0123456789') AS start,
               CAST(substr(value, length(rtrim(value, '0123456789')) + 1) AS INTEGER) AS number
        FROM json_each(paper.loose_strokes)),
    placed AS (
        SELECT start, number,
               number - row_number() OVER (PARTITION BY start ORDER BY number) AS run
        FROM named),
    runs AS (
        SELECT start, min(number) AS first, max(number) AS last FROM placed GROUP BY start, run),
    starts AS (
        SELECT start,
               group_concat(CASE WHEN first = last THEN first ELSE first || '-' || last END, ','
                            ORDER BY first) AS runs
        FROM runs GROUP BY start)
    SELECT group_concat(' O' || substr(start, 1, length(start) - 1) || ':' || runs, ''
                        ORDER BY start)
    FROM starts), '');
ALTER TABLE paper DROP COLUMN loose_strokes;
