-- A gateway has a password, or certificates and no password.
CREATE TABLE gateway_kept (
    id          TEXT PRIMARY KEY,
    school      TEXT NOT NULL REFERENCES school (id),
    classroom   TEXT NOT NULL,
    password    TEXT,                        -- hashed, as mosquitto's password file has it
    enrolled_ms INTEGER NOT NULL,
    revoked_ms  INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO gateway_kept (id, school, classroom, password, enrolled_ms, revoked_ms)
    SELECT id, school, classroom, password, enrolled_ms, revoked_ms FROM gateway;
DROP TABLE gateway;
ALTER TABLE gateway_kept RENAME TO gateway;
CREATE INDEX gateway_of_school ON gateway (school);

-- Certificates by which gateways, the service and the broker know each other. No key is stored.
CREATE TABLE certificate (
    serial     TEXT PRIMARY KEY,             -- hexadecimal
    holder     TEXT NOT NULL,                -- a gateway's id, zhibi (the service) or zhibi-broker
    from_ms    INTEGER NOT NULL,
    until_ms   INTEGER NOT NULL,
    issued_ms  INTEGER NOT NULL,
    issued_by  TEXT NOT NULL,                -- the user of the machine who did it
    revoked_ms INTEGER,
    revoked_by TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_of_holder ON certificate (holder);
