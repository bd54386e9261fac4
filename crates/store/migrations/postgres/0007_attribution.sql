-- See the file of this number for SQLite.

CREATE TABLE attribution (
    folio      BIGINT NOT NULL,
    page       BIGINT NOT NULL,
    pen        BIGINT NOT NULL,
    school     TEXT COLLATE "C" NOT NULL,
    assignment TEXT COLLATE "C" NOT NULL,
    pupil      TEXT COLLATE "C" NOT NULL,
    paper_page BIGINT NOT NULL,
    PRIMARY KEY (folio, page, pen, school, assignment, pupil, paper_page)
);

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

CREATE TABLE drawn_ink (
    school     TEXT COLLATE "C" NOT NULL,
    assignment TEXT COLLATE "C" NOT NULL,
    pupil      TEXT COLLATE "C" NOT NULL,
    page       BIGINT NOT NULL,
    strokes    BYTEA NOT NULL,
    PRIMARY KEY (school, assignment, pupil, page)
);

-- The text of the roles of strokes: a letter for each role, and the names of its strokes as JSON.
CREATE FUNCTION pg_temp.roles(letters TEXT, names JSONB) RETURNS TEXT LANGUAGE sql AS $$
    WITH listed AS (
        SELECT name, max(rank) AS rank
        FROM jsonb_array_elements(names) WITH ORDINALITY AS role (strokes, rank),
             jsonb_array_elements_text(role.strokes) AS name
        GROUP BY name),
    named AS (
        SELECT CAST(rank AS INTEGER) AS rank, rtrim(name, '0123456789') AS start,
               CAST(substr(name, length(rtrim(name, '0123456789')) + 1) AS BIGINT) AS number
        FROM listed),
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
               string_agg(CASE WHEN first = last THEN CAST(first AS TEXT)
                               ELSE first || '-' || last END, ',' ORDER BY first) AS runs
        FROM runs GROUP BY rank, start)
    SELECT '1' || coalesce(string_agg(
        ' ' || substr(letters, rank, 1) || left(start, -1) || ':' || runs,
        '' ORDER BY rank, start COLLATE "C"), '')
    FROM starts
$$;
UPDATE response SET strokes = pg_temp.roles('LSR', jsonb_build_array(
    coalesce(CAST(strokes AS JSONB)->'live', '[]'),
    coalesce(CAST(strokes AS JSONB)->'superseded', '[]'),
    coalesce(CAST(strokes AS JSONB)->'red', '[]')));

ALTER TABLE paper ADD COLUMN loose TEXT COLLATE "C" NOT NULL DEFAULT '1';
UPDATE paper SET loose = pg_temp.roles('O', jsonb_build_array(CAST(loose_strokes AS JSONB)));
ALTER TABLE paper DROP COLUMN loose_strokes;
