-- Chunks whose ink was erased by right. A gateway that sends one again is told so, and nothing of it
-- is stored. It says which pen, and nothing of who wrote.
CREATE TABLE erased_ink (
    pen          INTEGER NOT NULL,
    boot_counter INTEGER NOT NULL,
    boot_random  INTEGER NOT NULL,
    first        INTEGER NOT NULL,           -- numbers of chunks, both included
    last         INTEGER NOT NULL,
    PRIMARY KEY (pen, boot_counter, boot_random, first)
) STRICT, WITHOUT ROWID;
