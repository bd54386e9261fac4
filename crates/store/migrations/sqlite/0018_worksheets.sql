-- Which school's teachers may use which version of a worksheet, who put it in, and when.
CREATE TABLE school_worksheet (
    school    TEXT NOT NULL REFERENCES school (id),
    worksheet TEXT NOT NULL,
    version   INTEGER NOT NULL,
    staff     TEXT REFERENCES staff (id),    -- NULL: nobody on a page, but a command
    at_ms     INTEGER,                       -- NULL: before this was noted
    PRIMARY KEY (school, worksheet, version),
    FOREIGN KEY (worksheet, version) REFERENCES worksheet (id, version)
) STRICT, WITHOUT ROWID;
-- What was printed for a school is one of its worksheets.
INSERT INTO school_worksheet (school, worksheet, version)
SELECT DISTINCT school, worksheet, version FROM print_run;

-- What a version was made from, such as worksheet.txt and the pictures beside it.
CREATE TABLE worksheet_source (
    worksheet TEXT NOT NULL,
    version   INTEGER NOT NULL,
    name      TEXT NOT NULL,
    bytes     BLOB NOT NULL,
    PRIMARY KEY (worksheet, version, name),
    FOREIGN KEY (worksheet, version) REFERENCES worksheet (id, version)
) STRICT;

-- For which class a run was printed, and when. NULL: before this was noted.
ALTER TABLE print_run ADD COLUMN class TEXT REFERENCES class (id);
ALTER TABLE print_run ADD COLUMN printed_ms INTEGER;
-- A run that was given to one class alone was printed for it.
UPDATE print_run SET class = (
    SELECT min(a.class) FROM assignment a WHERE a.print_run = print_run.id
    HAVING count(DISTINCT a.class) = 1);
CREATE INDEX print_run_of_worksheet ON print_run (worksheet, version, school);
