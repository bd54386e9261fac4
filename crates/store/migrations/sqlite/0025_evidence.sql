-- From which probability the machine decides an answer of this kind; NULL: it reads none of them, or it
-- was marked before this column was there.
ALTER TABLE response ADD COLUMN decide_min REAL;
