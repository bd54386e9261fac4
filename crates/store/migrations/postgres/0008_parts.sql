-- Responses and marks belong to parts of questions. A question of before has one part, which has
-- its id, so that every row keeps its meaning; the question stands beside for grouping.
ALTER TABLE response RENAME COLUMN question TO part;
ALTER TABLE response ADD COLUMN question TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE response SET question = part;
-- How many criteria the part's rubric has; 0: it is judged as a whole.
ALTER TABLE response ADD COLUMN criteria BIGINT NOT NULL DEFAULT 0;
CREATE INDEX response_of_question ON response (school, assignment, question);

ALTER TABLE mark RENAME COLUMN question TO part;
-- The criterion of a rubric that it is for; empty: the whole part.
ALTER TABLE mark ADD COLUMN criterion TEXT COLLATE "C" NOT NULL DEFAULT '';
