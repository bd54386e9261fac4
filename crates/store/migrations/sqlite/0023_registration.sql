-- How the artwork of a print run's page lies on its pattern, as learnt from the ink on its copies.
-- The highest version is in force, if it is higher than that of the run's own registration.
CREATE TABLE registration (
    print_run     TEXT NOT NULL REFERENCES print_run (id),
    page          INTEGER NOT NULL,            -- of the worksheet, from 1
    version       INTEGER NOT NULL,
    dx_um         INTEGER NOT NULL,
    dy_um         INTEGER NOT NULL,
    rotation_urad INTEGER NOT NULL,
    scale_ppm     INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    PRIMARY KEY (print_run, page, version)
) STRICT, WITHOUT ROWID;
