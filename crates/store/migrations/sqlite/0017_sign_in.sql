-- When a member of staff signed in last, and since when they must give a code of their phone.
ALTER TABLE staff ADD COLUMN login_ms INTEGER;
ALTER TABLE staff ADD COLUMN totp_demanded_ms INTEGER;

-- What a phone makes codes with (RFC 6238). The secret is here as it is: codes are worked out from it.
CREATE TABLE totp (
    staff        TEXT PRIMARY KEY REFERENCES staff (id),
    secret       BLOB NOT NULL,
    confirmed_ms INTEGER,                     -- NULL until a code has shown that a phone has it
    used_step    INTEGER NOT NULL             -- codes of this time step and before are used up
) STRICT, WITHOUT ROWID;

-- For who lost the phone. Only the SHA-256 of a code is kept, and each works once.
CREATE TABLE recovery_code (
    staff     TEXT NOT NULL REFERENCES staff (id),
    code_hash BLOB NOT NULL,
    used_ms   INTEGER,
    PRIMARY KEY (staff, code_hash)
) STRICT, WITHOUT ROWID;

-- Somebody whose password or link was right, and whose code is still to come.
CREATE TABLE half_login (
    token_hash BLOB PRIMARY KEY,
    staff      TEXT NOT NULL REFERENCES staff (id),
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
