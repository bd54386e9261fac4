-- Whose pens they are: sets of two schools may have one name. A pen that nobody put into a set has no
-- school of its own; it is that of whoever held it last.
ALTER TABLE pen ADD COLUMN school TEXT REFERENCES school (id);
UPDATE pen SET school = coalesce(
    (SELECT coalesce(u.school, s.school) FROM lease l
     LEFT JOIN pupil u ON u.id = l.pupil LEFT JOIN staff s ON s.id = l.marker
     WHERE l.pen = pen.id ORDER BY l.from_ms DESC LIMIT 1),
    (SELECT min(id) FROM school HAVING count(*) = 1))
WHERE set_name IS NOT NULL OR lost_ms IS NOT NULL;
DROP INDEX pen_of_set;
CREATE UNIQUE INDEX pen_of_set ON pen (school, set_name, number) WHERE set_name IS NOT NULL;
CREATE INDEX lease_of_marker ON lease (marker) WHERE marker IS NOT NULL;
CREATE INDEX pupil_of_school ON pupil (school);

-- What a pen said of itself lately; written rarely, so that it is some minutes old.
CREATE TABLE pen_seen (
    pen             INTEGER PRIMARY KEY,
    gateway         TEXT NOT NULL,           -- through which it said so
    seen_ms         INTEGER NOT NULL,
    battery_percent INTEGER,                 -- NULL: never said
    charging        INTEGER NOT NULL,        -- 0 or 1
    backlog         INTEGER NOT NULL         -- chunks that it still kept
) STRICT;
CREATE INDEX pen_seen_by_gateway ON pen_seen (gateway);

-- What was heard of gateways, enrolled or not.
CREATE TABLE gateway_seen (
    gateway    TEXT PRIMARY KEY,
    online     INTEGER,                      -- 0 or 1; NULL: it never said
    session    INTEGER,                      -- ties a will to its birth
    session_ms INTEGER,                      -- when it began, by the gateway's clock
    since_ms   INTEGER,                      -- since when it is online or not
    ink_ms     INTEGER                       -- when its last ink came, to the minute
) STRICT, WITHOUT ROWID;

-- Gateways that a school has, and where they stand.
CREATE TABLE gateway (
    id          TEXT PRIMARY KEY,
    school      TEXT NOT NULL REFERENCES school (id),
    classroom   TEXT NOT NULL,
    password    TEXT NOT NULL,               -- hashed, as mosquitto's password file has it
    enrolled_ms INTEGER NOT NULL,
    revoked_ms  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX gateway_of_school ON gateway (school);

-- What was done with pens, so that it can be told and undone.
CREATE TABLE pen_change (
    id        INTEGER PRIMARY KEY,
    school    TEXT NOT NULL REFERENCES school (id),
    staff     TEXT REFERENCES staff (id),    -- NULL: on the command line
    at_ms     INTEGER NOT NULL,
    what      TEXT NOT NULL,
    pens      TEXT NOT NULL,                 -- JSON: their ids
    set_name  TEXT,
    class     TEXT REFERENCES class (id),
    pupil     TEXT REFERENCES pupil (id),
    marker    TEXT REFERENCES staff (id),
    from_ms   INTEGER NOT NULL,
    until_ms  INTEGER,
    without   TEXT NOT NULL,                 -- JSON: numbers of pupils who have no pen
    moved     TEXT NOT NULL,                 -- JSON: rows as they were and as they became
    undone_ms INTEGER
) STRICT;
CREATE INDEX pen_change_of_school ON pen_change (school, id);
