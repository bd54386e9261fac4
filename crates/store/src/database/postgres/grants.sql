-- What each service may do. Runs after each migration, as the owner of the tables, and leaves no
-- right of an earlier version behind. A new table can be read by pipeline and web; who writes it
-- must stand here.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM zhibi_ingest, zhibi_pipeline, zhibi_web;
GRANT SELECT ON _sqlx_migrations TO zhibi_ingest, zhibi_pipeline, zhibi_web;

-- No service writes what only the command line sets up: gateway, certificate, name_label.

-- Ingest stores ink and reads nothing of people, answers or marks.
GRANT SELECT, INSERT ON chunk, chunk_address TO zhibi_ingest;
GRANT SELECT, INSERT, UPDATE ON ink, pen, clock TO zhibi_ingest;
GRANT SELECT, INSERT, DELETE ON quarantine TO zhibi_ingest;
-- It refuses what was erased. Only the command line erases: erased_ink.
GRANT SELECT ON erased_ink TO zhibi_ingest;
-- What pens and gateways say of themselves.
GRANT SELECT, INSERT, UPDATE ON pen_seen, gateway_seen TO zhibi_ingest;
-- How much waits for the pipeline, for whoever watches the service.
GRANT SELECT (ink_rev, marked_rev, ink_ms) ON paper TO zhibi_ingest;
GRANT SELECT (wanted_rev, applied_rev) ON profile TO zhibi_ingest;

-- The pipeline reads no logins, and writes no ink.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO zhibi_pipeline, zhibi_web;
REVOKE SELECT ON staff, role_grant, login_link, session, device, totp, recovery_code, half_login,
    quarantine, pen_seen, gateway_seen, pen_change FROM zhibi_pipeline;
-- Passwords of gateways are for the broker alone.
REVOKE SELECT ON gateway FROM zhibi_pipeline, zhibi_web;
REVOKE SELECT ON certificate FROM zhibi_pipeline;
GRANT SELECT (id, school, classroom, enrolled_ms, revoked_ms) ON gateway TO zhibi_web;
-- Only who imports people knows them by other systems' numbers.
REVOKE SELECT ON source_identity FROM zhibi_pipeline;
GRANT UPDATE ON ink TO zhibi_pipeline;
GRANT INSERT, UPDATE ON mark, profile TO zhibi_pipeline;
-- A paper that lost all its ink is taken back.
GRANT INSERT, UPDATE, DELETE ON paper, response, drawn_ink, knowledge_state TO zhibi_pipeline;
GRANT INSERT, DELETE ON attribution TO zhibi_pipeline;
GRANT INSERT ON item_fit, registration TO zhibi_pipeline;
GRANT INSERT, DELETE ON outbox TO zhibi_pipeline;

-- The view writes what people do on it: no chunk, no reading.
REVOKE SELECT ON quarantine FROM zhibi_web;
-- The first administrator begins a school on it, and brings its people in and keeps them.
GRANT INSERT, UPDATE ON school, class, pupil, enrolment, source_identity TO zhibi_web;
GRANT INSERT ON staff TO zhibi_web;
GRANT UPDATE (login, name, locale, password_hash, disabled_ms, login_ms, totp_demanded_ms) ON staff
    TO zhibi_web;
GRANT INSERT, UPDATE, DELETE ON role_grant TO zhibi_web;
GRANT INSERT, UPDATE, DELETE ON login_link, session, device, totp, recovery_code, half_login
    TO zhibi_web;
GRANT INSERT, UPDATE ON mark, profile TO zhibi_web;
GRANT UPDATE (source, verdict, score) ON response TO zhibi_web;
GRANT UPDATE (ink_rev, fence, lease_until_ms, handed_in_ms, settled_ms) ON paper TO zhibi_web;
-- A teacher corrects a key, and the papers are marked again.
GRANT INSERT, DELETE ON key_change, key_change_paper TO zhibi_web;
GRANT INSERT ON worksheet_key TO zhibi_web;
GRANT UPDATE (attributed_rev) ON ink TO zhibi_web;
GRANT INSERT, DELETE ON given_ink TO zhibi_web;
-- Pens are kept on a page.
GRANT INSERT, UPDATE, DELETE ON lease TO zhibi_web;
GRANT INSERT, UPDATE ON pen, pen_change TO zhibi_web;
-- A teacher puts right who held a pen, and shows a pupil's paper to their parents.
GRANT INSERT, UPDATE, DELETE ON moved_ink TO zhibi_web;
GRANT INSERT, UPDATE ON correction TO zhibi_web;
GRANT INSERT, UPDATE, DELETE ON parent_link TO zhibi_web;
REVOKE SELECT ON parent_link FROM zhibi_pipeline;
GRANT INSERT ON outbox TO zhibi_web;
-- Teachers put worksheets in, print them, give them to classes and take them back.
GRANT INSERT ON worksheet, artwork, worksheet_source, school_worksheet TO zhibi_web;
GRANT INSERT, UPDATE ON print_run, copy TO zhibi_web;
GRANT INSERT, UPDATE, DELETE ON assignment TO zhibi_web;
GRANT DELETE ON paper, response, drawn_ink, mark, attribution TO zhibi_web;
-- What people draw over a PDF of theirs.
GRANT INSERT, UPDATE, DELETE ON drawing TO zhibi_web;
GRANT INSERT, DELETE ON drawing_page TO zhibi_web;
