-- The responses that wait for a person, so that counting them reads no others. The condition is
-- that of `waits!` in the store's view, word for word.
CREATE INDEX response_in_review ON response (school, assignment, pupil, page)
    WHERE review IS NOT NULL AND (source IS NULL OR source = 'machine')
      AND (review <> 'no_key' OR first_ms IS NOT NULL);
