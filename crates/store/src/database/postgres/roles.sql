-- The roles of a store's services. They are of the whole server; logins are made members of them.
DO $$
DECLARE
    name TEXT;
BEGIN
    FOR name IN
        SELECT wanted FROM unnest(ARRAY['zhibi_migrate', 'zhibi_ingest', 'zhibi_pipeline', 'zhibi_web'])
            AS wanted
        WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted)
    LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- made before, or by who does the same at this moment
        END;
    END LOOP;
    -- A member of it may bring a store up to date without a right to make roles.
    IF NOT pg_has_role(current_user, 'zhibi_migrate', 'MEMBER') THEN
        EXECUTE format('GRANT zhibi_migrate TO %I', current_user);
    END IF;
    -- Before it can own anything there.
    IF NOT has_schema_privilege('zhibi_migrate', 'public', 'CREATE') THEN
        GRANT USAGE, CREATE ON SCHEMA public TO zhibi_migrate;
        GRANT USAGE ON SCHEMA public TO zhibi_ingest, zhibi_pipeline, zhibi_web;
    END IF;
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
