-- Times are Unix milliseconds. Unsigned 64-bit identities are kept as the signed integer of the
-- same bits. `folio` packs a page address but for its page: section << 56 | owner << 32 | book.
-- Derived tables begin with the school, so that they can be sharded by it later; a chunk's key has
-- neither school nor time in it, so that nothing escapes de-duplication.

-- People -----------------------------------------------------------------------------------------

CREATE TABLE school (
    id      TEXT PRIMARY KEY,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL
) STRICT;

CREATE TABLE class (
    id      TEXT PRIMARY KEY,
    school  TEXT NOT NULL REFERENCES school (id),
    grade   INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL
) STRICT;

-- The id is a pseudonym: the name stands in this table alone.
CREATE TABLE pupil (
    id     TEXT PRIMARY KEY,
    school TEXT NOT NULL REFERENCES school (id),
    class  TEXT NOT NULL REFERENCES class (id),
    number INTEGER NOT NULL,
    name   TEXT NOT NULL,
    UNIQUE (class, number)
) STRICT;

CREATE TABLE staff (
    id            TEXT PRIMARY KEY,
    school        TEXT NOT NULL REFERENCES school (id),
    login         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    locale        TEXT NOT NULL DEFAULT 'zh',
    password_hash TEXT            -- argon2id in PHC form; NULL until the first link is used
) STRICT;

CREATE TABLE teaches (
    staff TEXT NOT NULL REFERENCES staff (id),
    class TEXT NOT NULL REFERENCES class (id),
    PRIMARY KEY (staff, class)
) STRICT, WITHOUT ROWID;

-- A one-time link; only the SHA-256 of its token is kept.
CREATE TABLE login_link (
    token_hash BLOB PRIMARY KEY,
    staff      TEXT NOT NULL REFERENCES staff (id),
    expires_ms INTEGER NOT NULL,
    used_ms    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    staff      TEXT NOT NULL REFERENCES staff (id),
    created_ms INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is printed ----------------------------------------------------------------------------------

CREATE TABLE worksheet (
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    toml    TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE artwork (
    worksheet TEXT NOT NULL,
    version   INTEGER NOT NULL,
    page      INTEGER NOT NULL,
    svg       TEXT NOT NULL,
    PRIMARY KEY (worksheet, version, page),
    FOREIGN KEY (worksheet, version) REFERENCES worksheet (id, version)
) STRICT;

CREATE TABLE print_run (
    id                   TEXT PRIMARY KEY,
    school               TEXT NOT NULL REFERENCES school (id),
    worksheet            TEXT NOT NULL,
    version              INTEGER NOT NULL,
    folio                INTEGER NOT NULL,
    first_page           INTEGER NOT NULL,
    pages                INTEGER NOT NULL,   -- a copy
    copies               INTEGER,            -- NULL: one shared address range
    registration_version INTEGER NOT NULL,
    dx_um                INTEGER NOT NULL,
    dy_um                INTEGER NOT NULL,
    rotation_urad        INTEGER NOT NULL,
    scale_ppm            INTEGER NOT NULL,
    UNIQUE (folio, first_page),
    FOREIGN KEY (worksheet, version) REFERENCES worksheet (id, version)
) STRICT;

-- Whose name a copy bears; per-copy runs only.
CREATE TABLE copy (
    print_run TEXT NOT NULL REFERENCES print_run (id),
    copy      INTEGER NOT NULL,
    pupil     TEXT NOT NULL REFERENCES pupil (id),
    PRIMARY KEY (print_run, copy)
) STRICT, WITHOUT ROWID;

CREATE TABLE assignment (
    id          TEXT PRIMARY KEY,
    school      TEXT NOT NULL REFERENCES school (id),
    class       TEXT NOT NULL REFERENCES class (id),
    worksheet   TEXT NOT NULL,
    version     INTEGER NOT NULL,
    print_run   TEXT NOT NULL REFERENCES print_run (id),
    assigned_ms INTEGER NOT NULL,
    due_ms      INTEGER NOT NULL,
    quiet_ms    INTEGER NOT NULL,
    UNIQUE (print_run, class),               -- so that an address owns one paper
    FOREIGN KEY (worksheet, version) REFERENCES worksheet (id, version)
) STRICT;
CREATE INDEX assignment_of_class ON assignment (class, assigned_ms);

-- Ink ------------------------------------------------------------------------------------------------

CREATE TABLE pen (
    id    INTEGER PRIMARY KEY,
    model TEXT NOT NULL
) STRICT;

-- Who holds a pen, from when to when (server time; until NULL: still). Where two leases of one pen
-- overlap, the later start holds it.
CREATE TABLE lease (
    pen      INTEGER NOT NULL,
    from_ms  INTEGER NOT NULL,
    until_ms INTEGER,                        -- exclusive
    pupil    TEXT REFERENCES pupil (id),
    marker   TEXT REFERENCES staff (id),
    PRIMARY KEY (pen, from_ms),
    CHECK ((pupil IS NULL) <> (marker IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_of_pupil ON lease (pupil);

-- As received, never changed. The hello is number 0.
CREATE TABLE chunk (
    id           INTEGER PRIMARY KEY,
    pen          INTEGER NOT NULL,
    boot_counter INTEGER NOT NULL,
    boot_random  INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    bytes        BLOB NOT NULL,
    gateway      TEXT NOT NULL,
    received_ms  INTEGER NOT NULL,
    UNIQUE (pen, boot_counter, boot_random, number)
) STRICT;

-- Which addresses a chunk's strokes touch; times by the pen's own clock, uncorrected.
-- Pen and boot are the chunk's own, so that attribution never touches the blobs.
CREATE TABLE chunk_address (
    folio        INTEGER NOT NULL,
    page         INTEGER NOT NULL,
    pen          INTEGER NOT NULL,
    chunk        INTEGER NOT NULL REFERENCES chunk (id),
    boot_counter INTEGER NOT NULL,
    boot_random  INTEGER NOT NULL,
    first_ms     INTEGER NOT NULL,
    last_ms      INTEGER NOT NULL,
    PRIMARY KEY (folio, page, pen, chunk)
) STRICT, WITHOUT ROWID;
CREATE INDEX address_of_chunk ON chunk_address (chunk);

-- The ink revision: how many chunks of one pen touch one page face. Work to do where
-- attributed_rev < ink_rev. Ink that belongs to nobody yet is looked at once, and again (its
-- attributed_rev goes back to 0) when a lease, clock, print run or assignment that concerns it comes.
CREATE TABLE ink (
    folio          INTEGER NOT NULL,
    page           INTEGER NOT NULL,
    pen            INTEGER NOT NULL,
    ink_rev        INTEGER NOT NULL,
    attributed_rev INTEGER NOT NULL DEFAULT 0,
    received_ms    INTEGER NOT NULL,
    papers         INTEGER NOT NULL DEFAULT 0, -- how many papers it went to when last looked at
    PRIMARY KEY (folio, page, pen)
) STRICT, WITHOUT ROWID;
CREATE INDEX ink_of_pen ON ink (pen);
CREATE INDEX ink_of_nobody ON ink (folio, page) WHERE papers = 0;
CREATE INDEX ink_unattributed ON ink (received_ms) WHERE attributed_rev < ink_rev;

-- What a pen's clock must be moved by to give Unix time, and by how much that may be wrong.
CREATE TABLE clock (
    pen          INTEGER NOT NULL,
    boot_counter INTEGER NOT NULL,
    boot_random  INTEGER NOT NULL,
    offset_ms    INTEGER NOT NULL,
    error_ms     INTEGER NOT NULL,
    PRIMARY KEY (pen, boot_counter, boot_random)
) STRICT, WITHOUT ROWID;

-- Bytes that could not be stored as ink, with the reason; nothing that arrived is thrown away.
CREATE TABLE quarantine (
    id           INTEGER PRIMARY KEY,
    gateway      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    pen          INTEGER,
    boot_counter INTEGER,
    boot_random  INTEGER,
    number       INTEGER,
    bytes        BLOB NOT NULL,
    bytes_len    INTEGER NOT NULL,           -- before cutting to the kept length
    received_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX quarantine_of_key ON quarantine (pen, boot_counter, boot_random, number)
    WHERE pen IS NOT NULL;

-- Results ----------------------------------------------------------------------------------------------

-- Stale where marked_rev < ink_rev.
CREATE TABLE paper (
    school        TEXT NOT NULL,
    assignment    TEXT NOT NULL REFERENCES assignment (id),
    pupil         TEXT NOT NULL REFERENCES pupil (id),
    page          INTEGER NOT NULL,
    folio         INTEGER NOT NULL,
    address_page  INTEGER NOT NULL,
    ink_rev       INTEGER NOT NULL,
    marked_rev    INTEGER NOT NULL DEFAULT 0,
    ink_ms        INTEGER NOT NULL,          -- server time of the latest ink
    marked_ms     INTEGER,
    handed_in_ms  INTEGER,                   -- the teacher says so
    settled_ms    INTEGER,
    lease_until_ms INTEGER NOT NULL DEFAULT 0,
    fence         INTEGER NOT NULL DEFAULT 0,
    foreign_pen   INTEGER NOT NULL DEFAULT 0, -- 1: a pen leased to somebody else wrote here
    fault         TEXT,                      -- why the last marking failed, if it did
    versions      TEXT NOT NULL DEFAULT '{}', -- what the result was made with
    loose_strokes TEXT NOT NULL DEFAULT '[]', -- ink outside every field
    PRIMARY KEY (school, assignment, pupil, page)
) STRICT, WITHOUT ROWID;
CREATE INDEX paper_stale ON paper (ink_ms) WHERE marked_rev < ink_rev;
CREATE INDEX paper_unsettled ON paper (ink_ms) WHERE settled_ms IS NULL;
CREATE INDEX paper_of_address ON paper (folio, address_page);
CREATE INDEX paper_of_pupil ON paper (pupil);

-- What the machine made of one question, and the verdict in force.
CREATE TABLE response (
    school       TEXT NOT NULL,
    assignment   TEXT NOT NULL,
    pupil        TEXT NOT NULL,
    question     TEXT NOT NULL,
    page         INTEGER NOT NULL,
    position     INTEGER NOT NULL,           -- of the question in the worksheet, from 0
    reading      TEXT,                       -- NULL: nothing that can be read
    probability  REAL,
    alternatives TEXT NOT NULL DEFAULT '[]',
    review       TEXT,                       -- why a person must decide; NULL: the machine decided
    strokes      TEXT NOT NULL,              -- JSON: live, superseded and red stroke keys
    first_ms     INTEGER,                    -- corrected Unix time of its first and last sample
    last_ms      INTEGER,
    writing_ms   INTEGER NOT NULL DEFAULT 0, -- pen down
    rewrites     INTEGER NOT NULL DEFAULT 0,
    -- The paper's revision at which the strokes last changed: a screen mark of an earlier revision
    -- was given before them.
    changed_rev  INTEGER NOT NULL,
    -- The verdict in force: screen > red > machine; within one source the later.
    source       TEXT CHECK (source IN ('screen', 'red', 'machine')),
    verdict      TEXT CHECK (verdict IN ('right', 'wrong', 'partly', 'blank')),
    score        INTEGER,                    -- tenths of a point
    PRIMARY KEY (school, assignment, pupil, question)
) STRICT, WITHOUT ROWID;

-- Every verdict ever given. The machine's and the red pen's are superseded when a marking changes
-- them; a screen mark is superseded only by a later one or by undo.
CREATE TABLE mark (
    id            INTEGER PRIMARY KEY,
    school        TEXT NOT NULL,
    assignment    TEXT NOT NULL,
    pupil         TEXT NOT NULL,
    question      TEXT NOT NULL,
    source        TEXT NOT NULL CHECK (source IN ('screen', 'red', 'machine')),
    verdict       TEXT NOT NULL CHECK (verdict IN ('right', 'wrong', 'partly', 'blank')),
    score         INTEGER NOT NULL,
    staff         TEXT REFERENCES staff (id),
    ink_rev       INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    superseded_ms INTEGER
) STRICT;
CREATE INDEX mark_of_response ON mark (school, assignment, pupil, question) WHERE superseded_ms IS NULL;

-- Profiles are folded again where applied_rev < wanted_rev.
CREATE TABLE profile (
    school      TEXT NOT NULL,
    pupil       TEXT NOT NULL REFERENCES pupil (id),
    wanted_rev  INTEGER NOT NULL,
    applied_rev INTEGER NOT NULL DEFAULT 0,
    ability     REAL,
    ability_variance REAL,
    answers     INTEGER NOT NULL DEFAULT 0,
    updated_ms  INTEGER,
    PRIMARY KEY (school, pupil)
) STRICT, WITHOUT ROWID;
CREATE INDEX profile_stale ON profile (pupil) WHERE applied_rev < wanted_rev;

CREATE TABLE mastery (
    school          TEXT NOT NULL,
    pupil           TEXT NOT NULL REFERENCES pupil (id),
    knowledge_point TEXT NOT NULL,
    rate            REAL NOT NULL,           -- the chance of a right answer on a median item,
    low             REAL NOT NULL,           -- its 90 % interval,
    high            REAL NOT NULL,
    probability     REAL NOT NULL,           -- and that it is above 0.8
    answers         INTEGER NOT NULL,
    PRIMARY KEY (school, pupil, knowledge_point)
) STRICT, WITHOUT ROWID;

-- What the live view must hear of, in commit order.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms      INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('ink', 'marked', 'decided', 'settled', 'profile')),
    school     TEXT NOT NULL,
    class      TEXT NOT NULL,
    assignment TEXT,
    pupil      TEXT NOT NULL,
    page       INTEGER
) STRICT;
