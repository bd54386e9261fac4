-- What the migrations of SQLite up to this number come to. Every later migration stands in both
-- folders under one number.
--
-- Every integer is a BIGINT and every text has the collation "C", so that both databases hold the
-- same values in the same order.

-- Functions of SQLite that statements use, so that one text serves both databases.
CREATE FUNCTION json_each(lines TEXT) RETURNS TABLE (value JSONB)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT line.value FROM jsonb_array_elements(CAST(lines AS JSONB)) AS line (value) $$;
CREATE FUNCTION max(a BIGINT, b BIGINT) RETURNS BIGINT
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT greatest(a, b) $$;
CREATE FUNCTION min(a BIGINT, b BIGINT) RETURNS BIGINT
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT least(a, b) $$;

-- Times are Unix milliseconds. Unsigned 64-bit identities are kept as the signed integer of the
-- same bits. `folio` packs a page address but for its page: section << 56 | owner << 32 | book.
-- Derived tables begin with the school, so that they can be sharded by it later; a chunk's key has
-- neither school nor time in it, so that nothing escapes de-duplication.

-- People -----------------------------------------------------------------------------------------

CREATE TABLE school (
    id      TEXT COLLATE "C" PRIMARY KEY,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL
);

CREATE TABLE class (
    id      TEXT COLLATE "C" PRIMARY KEY,
    school  TEXT COLLATE "C" NOT NULL REFERENCES school (id),
    grade   BIGINT NOT NULL,
    name_zh TEXT COLLATE "C" NOT NULL,
    name_en TEXT COLLATE "C" NOT NULL
);

-- The id is a pseudonym: the name stands in this table alone.
CREATE TABLE pupil (
    id     TEXT COLLATE "C" PRIMARY KEY,
    school TEXT COLLATE "C" NOT NULL REFERENCES school (id),
    class  TEXT COLLATE "C" NOT NULL REFERENCES class (id),
    number BIGINT NOT NULL,
    name   TEXT COLLATE "C" NOT NULL,
    UNIQUE (class, number)
);

CREATE TABLE staff (
    id            TEXT COLLATE "C" PRIMARY KEY,
    school        TEXT COLLATE "C" NOT NULL REFERENCES school (id),
    login         TEXT COLLATE "C" NOT NULL UNIQUE,
    name          TEXT COLLATE "C" NOT NULL,
    locale        TEXT COLLATE "C" NOT NULL DEFAULT 'zh',
    password_hash TEXT COLLATE "C"            -- argon2id in PHC form; NULL until the first link is used
);

CREATE TABLE teaches (
    staff TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    class TEXT COLLATE "C" NOT NULL REFERENCES class (id),
    PRIMARY KEY (staff, class)
);

-- A one-time link; only the SHA-256 of its token is kept.
CREATE TABLE login_link (
    token_hash BYTEA PRIMARY KEY,
    staff      TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    expires_ms BIGINT NOT NULL,
    used_ms    BIGINT
);

CREATE TABLE session (
    token_hash BYTEA PRIMARY KEY,
    staff      TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    created_ms BIGINT NOT NULL,
    seen_ms    BIGINT NOT NULL
);

-- What is printed ----------------------------------------------------------------------------------

CREATE TABLE worksheet (
    id      TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    toml    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE artwork (
    worksheet TEXT COLLATE "C" NOT NULL,
    version   BIGINT NOT NULL,
    page      BIGINT NOT NULL,
    svg       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (worksheet, version, page),
    FOREIGN KEY (worksheet, version) REFERENCES worksheet (id, version)
);

CREATE TABLE print_run (
    id                   TEXT COLLATE "C" PRIMARY KEY,
    school               TEXT COLLATE "C" NOT NULL REFERENCES school (id),
    worksheet            TEXT COLLATE "C" NOT NULL,
    version              BIGINT NOT NULL,
    folio                BIGINT NOT NULL,
    first_page           BIGINT NOT NULL,
    pages                BIGINT NOT NULL,   -- a copy
    copies               BIGINT,            -- NULL: one shared address range
    registration_version BIGINT NOT NULL,
    dx_um                BIGINT NOT NULL,
    dy_um                BIGINT NOT NULL,
    rotation_urad        BIGINT NOT NULL,
    scale_ppm            BIGINT NOT NULL,
    UNIQUE (folio, first_page),
    FOREIGN KEY (worksheet, version) REFERENCES worksheet (id, version)
);

-- Whose name a copy bears; per-copy runs only.
CREATE TABLE copy (
    print_run TEXT COLLATE "C" NOT NULL REFERENCES print_run (id),
    copy      BIGINT NOT NULL,
    pupil     TEXT COLLATE "C" NOT NULL REFERENCES pupil (id),
    PRIMARY KEY (print_run, copy)
);

CREATE TABLE assignment (
    id          TEXT COLLATE "C" PRIMARY KEY,
    school      TEXT COLLATE "C" NOT NULL REFERENCES school (id),
    class       TEXT COLLATE "C" NOT NULL REFERENCES class (id),
    worksheet   TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    print_run   TEXT COLLATE "C" NOT NULL REFERENCES print_run (id),
    assigned_ms BIGINT NOT NULL,
    due_ms      BIGINT NOT NULL,
    quiet_ms    BIGINT NOT NULL,
    UNIQUE (print_run, class),               -- so that an address owns one paper
    FOREIGN KEY (worksheet, version) REFERENCES worksheet (id, version)
);
CREATE INDEX assignment_of_class ON assignment (class, assigned_ms);

-- Ink ------------------------------------------------------------------------------------------------

CREATE TABLE pen (
    id    BIGINT PRIMARY KEY,
    model TEXT COLLATE "C" NOT NULL
);

-- Who holds a pen, from when to when (server time; until NULL: still). Where two leases of one pen
-- overlap, the later start holds it.
CREATE TABLE lease (
    pen      BIGINT NOT NULL,
    from_ms  BIGINT NOT NULL,
    until_ms BIGINT,                        -- exclusive
    pupil    TEXT COLLATE "C" REFERENCES pupil (id),
    marker   TEXT COLLATE "C" REFERENCES staff (id),
    PRIMARY KEY (pen, from_ms),
    CHECK ((pupil IS NULL) <> (marker IS NULL))
);
CREATE INDEX lease_of_pupil ON lease (pupil);

-- As received, never changed. The hello is number 0.
CREATE TABLE chunk (
    id           BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    pen          BIGINT NOT NULL,
    boot_counter BIGINT NOT NULL,
    boot_random  BIGINT NOT NULL,
    number       BIGINT NOT NULL,
    bytes        BYTEA NOT NULL,
    gateway      TEXT COLLATE "C" NOT NULL,
    received_ms  BIGINT NOT NULL,
    UNIQUE (pen, boot_counter, boot_random, number)
);

-- Which addresses a chunk's strokes touch; times by the pen's own clock, uncorrected.
-- Pen and boot are the chunk's own, so that attribution never touches the blobs.
CREATE TABLE chunk_address (
    folio        BIGINT NOT NULL,
    page         BIGINT NOT NULL,
    pen          BIGINT NOT NULL,
    chunk        BIGINT NOT NULL,             -- no foreign key: its check costs as much as the row
    boot_counter BIGINT NOT NULL,
    boot_random  BIGINT NOT NULL,
    first_ms     BIGINT NOT NULL,
    last_ms      BIGINT NOT NULL,
    received_ms  BIGINT NOT NULL DEFAULT 0,   -- bounds the times of the pen's clock
    PRIMARY KEY (folio, page, pen, chunk)
);
CREATE INDEX address_of_chunk ON chunk_address (chunk);

-- The ink revision: how many chunks of one pen touch one page face. Work to do where
-- attributed_rev < ink_rev. Ink that belongs to nobody yet is looked at once, and again (its
-- attributed_rev goes back to 0) when a lease, clock, print run or assignment that concerns it comes.
CREATE TABLE ink (
    folio          BIGINT NOT NULL,
    page           BIGINT NOT NULL,
    pen            BIGINT NOT NULL,
    ink_rev        BIGINT NOT NULL,
    attributed_rev BIGINT NOT NULL DEFAULT 0,
    received_ms    BIGINT NOT NULL,
    papers         BIGINT NOT NULL DEFAULT 0, -- how many papers it went to when last looked at
    -- Why ink of this row is nobody's, by the code of a reason, as it was when last looked at; NULL
    -- where all of it has a hand and a paper.
    nobody         TEXT COLLATE "C",
    PRIMARY KEY (folio, page, pen)
);
CREATE INDEX ink_of_pen ON ink (pen);
CREATE INDEX ink_of_nobody ON ink (folio, page) WHERE papers = 0;
CREATE INDEX ink_nobody ON ink (pen) WHERE nobody IS NOT NULL;
CREATE INDEX ink_unattributed ON ink (received_ms) WHERE attributed_rev < ink_rev;

-- What a pen's clock must be moved by to give Unix time, and by how much that may be wrong.
CREATE TABLE clock (
    pen          BIGINT NOT NULL,
    boot_counter BIGINT NOT NULL,
    boot_random  BIGINT NOT NULL,
    offset_ms    BIGINT NOT NULL,
    error_ms     BIGINT NOT NULL,
    PRIMARY KEY (pen, boot_counter, boot_random)
);

-- Bytes that could not be stored as ink, with the reason; nothing that arrived is thrown away.
CREATE TABLE quarantine (
    id           BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    gateway      TEXT COLLATE "C" NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    detail       TEXT COLLATE "C" NOT NULL,
    pen          BIGINT,
    boot_counter BIGINT,
    boot_random  BIGINT,
    number       BIGINT,
    bytes        BYTEA NOT NULL,
    bytes_len    BIGINT NOT NULL,           -- before cutting to the kept length
    received_ms  BIGINT NOT NULL
);
CREATE INDEX quarantine_of_key ON quarantine (pen, boot_counter, boot_random, number)
    WHERE pen IS NOT NULL;
-- The quarantine is bounded, and the oldest rows go first.
CREATE INDEX quarantine_by_time ON quarantine (received_ms);

-- Results ----------------------------------------------------------------------------------------------

-- Stale where marked_rev < ink_rev.
CREATE TABLE paper (
    school        TEXT COLLATE "C" NOT NULL,
    assignment    TEXT COLLATE "C" NOT NULL REFERENCES assignment (id),
    pupil         TEXT COLLATE "C" NOT NULL REFERENCES pupil (id),
    page          BIGINT NOT NULL,
    folio         BIGINT NOT NULL,
    address_page  BIGINT NOT NULL,
    ink_rev       BIGINT NOT NULL,
    marked_rev    BIGINT NOT NULL DEFAULT 0,
    ink_ms        BIGINT NOT NULL,          -- server time of the latest ink
    marked_ms     BIGINT,
    handed_in_ms  BIGINT,                   -- the teacher says so
    settled_ms    BIGINT,
    lease_until_ms BIGINT NOT NULL DEFAULT 0,
    fence         BIGINT NOT NULL DEFAULT 0,
    foreign_pen   BIGINT NOT NULL DEFAULT 0, -- 1: a pen leased to somebody else wrote here
    fault         TEXT COLLATE "C",                      -- why the last marking failed, if it did
    versions      TEXT COLLATE "C" NOT NULL DEFAULT '{}', -- what the result was made with
    loose_strokes TEXT COLLATE "C" NOT NULL DEFAULT '[]', -- ink outside every field
    PRIMARY KEY (school, assignment, pupil, page)
);
CREATE INDEX paper_stale ON paper (ink_ms) WHERE marked_rev < ink_rev;
CREATE INDEX paper_unsettled ON paper (ink_ms) WHERE settled_ms IS NULL;
CREATE INDEX paper_of_address ON paper (folio, address_page);
CREATE INDEX paper_of_pupil ON paper (pupil);

-- What the machine made of one question, and the verdict in force.
CREATE TABLE response (
    school       TEXT COLLATE "C" NOT NULL,
    assignment   TEXT COLLATE "C" NOT NULL,
    pupil        TEXT COLLATE "C" NOT NULL,
    question     TEXT COLLATE "C" NOT NULL,
    page         BIGINT NOT NULL,
    position     BIGINT NOT NULL,           -- of the question in the worksheet, from 0
    reading      TEXT COLLATE "C",                       -- NULL: nothing that can be read
    probability  DOUBLE PRECISION,
    alternatives TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    review       TEXT COLLATE "C",                       -- why a person must decide; NULL: the machine decided
    strokes      TEXT COLLATE "C" NOT NULL,              -- JSON: live, superseded and red stroke keys
    first_ms     BIGINT,                    -- corrected Unix time of its first and last sample
    last_ms      BIGINT,
    writing_ms   BIGINT NOT NULL DEFAULT 0, -- pen down
    rewrites     BIGINT NOT NULL DEFAULT 0,
    -- The paper's revision at which the strokes last changed: a screen mark of an earlier revision
    -- was given before them.
    changed_rev  BIGINT NOT NULL,
    -- The verdict in force: screen > red > machine; within one source the later.
    source       TEXT COLLATE "C" CHECK (source IN ('screen', 'red', 'machine')),
    verdict      TEXT COLLATE "C" CHECK (verdict IN ('right', 'wrong', 'partly', 'blank')),
    score        BIGINT,                    -- tenths of a point
    PRIMARY KEY (school, assignment, pupil, question)
);

-- Every verdict ever given. The machine's and the red pen's are superseded when a marking changes
-- them; a screen mark is superseded only by a later one or by undo.
CREATE TABLE mark (
    id            BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    school        TEXT COLLATE "C" NOT NULL,
    assignment    TEXT COLLATE "C" NOT NULL,
    pupil         TEXT COLLATE "C" NOT NULL,
    question      TEXT COLLATE "C" NOT NULL,
    source        TEXT COLLATE "C" NOT NULL CHECK (source IN ('screen', 'red', 'machine')),
    verdict       TEXT COLLATE "C" NOT NULL CHECK (verdict IN ('right', 'wrong', 'partly', 'blank')),
    score         BIGINT NOT NULL,
    staff         TEXT COLLATE "C" REFERENCES staff (id),
    ink_rev       BIGINT NOT NULL,
    at_ms         BIGINT NOT NULL,
    superseded_ms BIGINT
);
CREATE INDEX mark_of_response ON mark (school, assignment, pupil, question) WHERE superseded_ms IS NULL;

-- Profiles are folded again where applied_rev < wanted_rev.
CREATE TABLE profile (
    school      TEXT COLLATE "C" NOT NULL,
    pupil       TEXT COLLATE "C" NOT NULL REFERENCES pupil (id),
    wanted_rev  BIGINT NOT NULL,
    applied_rev BIGINT NOT NULL DEFAULT 0,
    ability     DOUBLE PRECISION,
    ability_variance DOUBLE PRECISION,
    answers     BIGINT NOT NULL DEFAULT 0,
    updated_ms  BIGINT,
    item_version BIGINT NOT NULL DEFAULT 0,
    last_day    BIGINT,
    PRIMARY KEY (school, pupil)
);
CREATE INDEX profile_stale ON profile (pupil) WHERE applied_rev < wanted_rev;

-- What the live view must hear of, in commit order.
CREATE TABLE outbox (
    id         BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at_ms      BIGINT NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL CHECK (kind IN ('ink', 'marked', 'decided', 'settled', 'profile')),
    school     TEXT COLLATE "C" NOT NULL,
    class      TEXT COLLATE "C" NOT NULL,
    assignment TEXT COLLATE "C",
    pupil      TEXT COLLATE "C" NOT NULL,
    page       BIGINT
);
CREATE INDEX outbox_by_time ON outbox (at_ms);

-- Whose hand a person says that ink is which nothing else tells: strokes of one start of a pen on
-- one page face. Strokes that a lease tells are not touched by it.
CREATE TABLE given_ink (
    folio        BIGINT NOT NULL,
    page         BIGINT NOT NULL,
    pen          BIGINT NOT NULL,
    boot_counter BIGINT NOT NULL,
    boot_random  BIGINT NOT NULL,
    pupil        TEXT COLLATE "C" REFERENCES pupil (id),
    marker       TEXT COLLATE "C" REFERENCES staff (id),
    staff        TEXT COLLATE "C" NOT NULL REFERENCES staff (id),  -- who said so
    at_ms        BIGINT NOT NULL,
    PRIMARY KEY (folio, page, pen, boot_counter, boot_random),
    CHECK ((pupil IS NULL) <> (marker IS NULL))
);
-- What is known of items and knowledge points, fitted from settled responses. The last one is in
-- force; a profile names the one it was folded with, 0 where none was there.
CREATE TABLE item_fit (
    version    BIGINT PRIMARY KEY,
    at_ms      BIGINT NOT NULL,
    pupils     BIGINT NOT NULL,
    answers    BIGINT NOT NULL,
    parameters TEXT COLLATE "C" NOT NULL,    -- JSON: items, skills, medians
    -- The fit's priors as JSON. A fit without them was made by an earlier model and is in force no
    -- longer; its version is not given again.
    priors     TEXT COLLATE "C"
);

-- Browsers in which a member of staff has logged in before. Failed logins from elsewhere do not
-- make these wait.
CREATE TABLE device (
    token_hash BYTEA PRIMARY KEY,
    staff      TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    -- The last login, Unix milliseconds.
    seen_ms    BIGINT NOT NULL
);

CREATE INDEX device_by_staff ON device (staff, seen_ms);
-- A pupil's command of each knowledge point, as believed at the end of each day on which an answer
-- carried it. What is said of a day (mastery) is worked out from it when it is asked for, since it
-- depends on the days that have passed.
CREATE TABLE knowledge_state (
    school             TEXT COLLATE "C" NOT NULL,
    pupil              TEXT COLLATE "C" NOT NULL REFERENCES pupil (id),
    knowledge_point    TEXT COLLATE "C" NOT NULL,
    day                BIGINT NOT NULL,        -- counted from 1970-01-01, local to the school
    ability            DOUBLE PRECISION NOT NULL,           -- over all knowledge points: mean, logits,
    ability_variance   DOUBLE PRECISION NOT NULL,           -- and variance
    deviation          DOUBLE PRECISION NOT NULL,           -- from it on this one: mean,
    deviation_variance DOUBLE PRECISION NOT NULL,           -- and variance
    difficulty         DOUBLE PRECISION NOT NULL,           -- of a median item of the knowledge point
    answers            BIGINT NOT NULL,        -- so far that carried it
    PRIMARY KEY (school, pupil, knowledge_point, day)
);

