-- When a member of staff signed in last, and since when they must give a code of their phone.
ALTER TABLE staff ADD COLUMN login_ms BIGINT;
ALTER TABLE staff ADD COLUMN totp_demanded_ms BIGINT;

-- What a phone makes codes with (RFC 6238). The secret is here as it is: codes are worked out from it.
CREATE TABLE totp (
    staff        TEXT COLLATE "C" PRIMARY KEY REFERENCES staff (id),
    secret       BYTEA NOT NULL,
    confirmed_ms BIGINT,                     -- NULL until a code has shown that a phone has it
    used_step    BIGINT NOT NULL             -- codes of this time step and before are used up
);

-- For who lost the phone. Only the SHA-256 of a code is kept, and each works once.
CREATE TABLE recovery_code (
    staff     TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    code_hash BYTEA NOT NULL,
    used_ms   BIGINT,
    PRIMARY KEY (staff, code_hash)
);

-- Somebody whose password or link was right, and whose code is still to come.
CREATE TABLE half_login (
    token_hash BYTEA PRIMARY KEY,
    staff      TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    expires_ms BIGINT NOT NULL
);
