-- The roles of a store's services. They are of the whole server; logins are made members of them.
DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['zhibi_migrate', 'zhibi_ingest', 'zhibi_pipeline', 'zhibi_web'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- made before, or by who does the same at this moment
        END;
    END LOOP;
    EXECUTE format('GRANT zhibi_migrate TO %I', current_user);
    -- Before it can own anything there.
    GRANT USAGE, CREATE ON SCHEMA public TO zhibi_migrate;
    GRANT USAGE ON SCHEMA public TO zhibi_ingest, zhibi_pipeline, zhibi_web;
    -- What was made before there were roles.
    FOR name IN
        SELECT format('TABLE %I', tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tableowner = current_user
        UNION ALL
        SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole
    LOOP
        EXECUTE format('ALTER %s OWNER TO zhibi_migrate', name);
    END LOOP;
END $$;
