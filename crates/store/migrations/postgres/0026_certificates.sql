-- A gateway has a password, or certificates and no password.
ALTER TABLE gateway ALTER COLUMN password DROP NOT NULL;

-- Certificates by which gateways, the service and the broker know each other. No key is stored.
CREATE TABLE certificate (
    serial     TEXT COLLATE "C" PRIMARY KEY, -- hexadecimal
    holder     TEXT COLLATE "C" NOT NULL,    -- a gateway's id, zhibi (the service) or zhibi-broker
    from_ms    BIGINT NOT NULL,
    until_ms   BIGINT NOT NULL,
    issued_ms  BIGINT NOT NULL,
    issued_by  TEXT COLLATE "C" NOT NULL,    -- the user of the machine who did it
    revoked_ms BIGINT,
    revoked_by TEXT COLLATE "C"
);
CREATE INDEX certificate_of_holder ON certificate (holder);
