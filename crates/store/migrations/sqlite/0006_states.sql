-- A pupil's command of each knowledge point, as believed at the end of each day on which an answer
-- carried it. What is said of a day (mastery) is worked out from it when it is asked for, since it
-- depends on the days that have passed.
CREATE TABLE knowledge_state (
    school             TEXT NOT NULL,
    pupil              TEXT NOT NULL REFERENCES pupil (id),
    knowledge_point    TEXT NOT NULL,
    day                INTEGER NOT NULL,        -- counted from 1970-01-01, local to the school
    ability            REAL NOT NULL,           -- over all knowledge points: mean, logits,
    ability_variance   REAL NOT NULL,           -- and variance
    deviation          REAL NOT NULL,           -- from it on this one: mean,
    deviation_variance REAL NOT NULL,           -- and variance
    difficulty         REAL NOT NULL,           -- of a median item of the knowledge point
    answers            INTEGER NOT NULL,        -- so far that carried it
    PRIMARY KEY (school, pupil, knowledge_point, day)
) STRICT, WITHOUT ROWID;

DROP TABLE mastery;

ALTER TABLE profile ADD COLUMN last_day INTEGER;

-- The fit's priors as JSON. A fit without them was made by an earlier model and is in force no
-- longer; its version is not given again.
ALTER TABLE item_fit ADD COLUMN priors TEXT;

UPDATE profile SET wanted_rev = wanted_rev + 1;
