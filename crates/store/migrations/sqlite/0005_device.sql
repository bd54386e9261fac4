-- Browsers in which a member of staff has logged in before. Failed logins from elsewhere do not
-- make these wait.
CREATE TABLE device (
    token_hash BLOB PRIMARY KEY,
    staff      TEXT NOT NULL REFERENCES staff (id),
    -- The last login, Unix milliseconds.
    seen_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX device_by_staff ON device (staff, seen_ms);
