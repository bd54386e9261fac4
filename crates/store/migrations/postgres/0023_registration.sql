-- How the artwork of a print run's page lies on its pattern, as learnt from the ink on its copies.
-- The highest version is in force, if it is higher than that of the run's own registration.
CREATE TABLE registration (
    print_run     TEXT NOT NULL REFERENCES print_run (id),
    page          BIGINT NOT NULL,             -- of the worksheet, from 1
    version       BIGINT NOT NULL,
    dx_um         BIGINT NOT NULL,
    dy_um         BIGINT NOT NULL,
    rotation_urad BIGINT NOT NULL,
    scale_ppm     BIGINT NOT NULL,
    at_ms         BIGINT NOT NULL,
    PRIMARY KEY (print_run, page, version)
);
