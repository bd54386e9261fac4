-- The quarantine is bounded, and the oldest rows go first.
CREATE INDEX quarantine_by_time ON quarantine (received_ms);
CREATE INDEX outbox_by_time ON outbox (at_ms);
