-- Since when a member of staff may not sign in. What they decided stays theirs.
ALTER TABLE staff ADD COLUMN disabled_ms BIGINT;
