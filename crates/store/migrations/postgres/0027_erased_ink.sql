-- Chunks whose ink was erased by right. A gateway that sends one again is told so, and nothing of it
-- is stored. It says which pen, and nothing of who wrote.
CREATE TABLE erased_ink (
    pen          BIGINT NOT NULL,
    boot_counter BIGINT NOT NULL,
    boot_random  BIGINT NOT NULL,
    first        BIGINT NOT NULL,            -- numbers of chunks, both included
    last         BIGINT NOT NULL,
    PRIMARY KEY (pen, boot_counter, boot_random, first)
);
