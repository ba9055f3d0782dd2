-- Stand-ins for what `pg_catalog` has, under the same names in a schema `evil`: whoever calls one gets an error, and
-- whoever casts to one, too. What the server does not let be made (of internal types) is left out.

CREATE SCHEMA evil;

DO $do$
DECLARE
    one record;
    n int := 0;
BEGIN
    -- Functions: each with the arguments and the result of the original.
    FOR one IN
        SELECT p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments,
            pg_get_function_result(p.oid) AS result
        FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
            AND NOT 2281 = ANY (p.proargtypes) AND NOT 2275 = ANY (p.proargtypes) AND p.prorettype NOT IN (2275, 2281)
            AND p.proname ~ '^[a-z_0-9]+$' AND p.pronargs <= 7
    LOOP
        BEGIN
            EXECUTE format($f$CREATE FUNCTION evil.%I(%s) RETURNS %s LANGUAGE plpgsql AS
                'BEGIN RAISE EXCEPTION ''evil.%s was called''; END'$f$, one.name, one.arguments, one.result, one.name);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;

    -- Operators: those of the originals, and comparisons of all pairs of the types that columns and literals have.
    FOR one IN
        WITH types AS (
            SELECT unnest(ARRAY['text', 'varchar', 'bpchar', 'name', 'int2', 'int4', 'int8', 'numeric', 'float8', 'bool',
                'date', 'timestamp', 'timestamptz', 'interval', 'jsonb', 'text[]', 'int4[]', 'int8[]', 'unknown']::regtype[]) AS ty
        )
        SELECT o.oprname AS sign, nullif(o.oprleft, 0)::regtype AS l, o.oprright::regtype AS r, o.oprresult::regtype AS result
        FROM pg_operator o WHERE o.oprnamespace = 'pg_catalog'::regnamespace
        UNION
        SELECT sign, l.ty, r.ty, 'bool'::regtype
        FROM types l, types r, unnest(ARRAY['=', '<>', '<', '<=', '>', '>=', '~', '!~', '~*', '!~*', '~~', '!~~']) AS sign
    LOOP
        BEGIN
            n := n + 1;
            EXECUTE format($f$CREATE FUNCTION evil.operator_%s(%s) RETURNS %s LANGUAGE plpgsql AS
                $body$BEGIN RAISE EXCEPTION 'evil.%s was called'; END$body$ $f$, n,
                concat_ws(', ', one.l, one.r), one.result, replace(one.sign, '%', '%%'));
            EXECUTE format('CREATE OPERATOR evil.%s (%s RIGHTARG = %s, FUNCTION = evil.operator_%s)', one.sign,
                'LEFTARG = ' || one.l || ',', one.r, n);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;

    -- Types: domains that hold nothing.
    FOR one IN
        SELECT t.typname AS name FROM pg_type t
        WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A'
    LOOP
        BEGIN
            EXECUTE format('CREATE DOMAIN evil.%I AS pg_catalog.%I CHECK (FALSE)', one.name, one.name);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;

    -- Collations: without case and accents, where the server was built with ICU.
    FOR one IN
        SELECT DISTINCT c.collname AS name FROM pg_collation c
        WHERE c.collname IN ('C', 'POSIX', 'default', 'ucs_basic', 'C.utf8', 'und-x-icu', 'en-x-icu', 'pg_c_utf8', 'unicode')
    LOOP
        BEGIN
            EXECUTE format($f$CREATE COLLATION evil.%I (provider = icu, locale = 'und-u-ks-level1', deterministic = false)$f$, one.name);
        EXCEPTION WHEN OTHERS THEN
            EXECUTE format('CREATE COLLATION evil.%I FROM "C"', one.name);
        END;
    END LOOP;

    -- Tables and views of the system.
    FOR one IN
        SELECT c.relname AS name FROM pg_class c
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname ~ '^pg_[st]'
    LOOP
        EXECUTE format('CREATE TABLE evil.%I (zero int)', one.name);
    END LOOP;
END $do$;

-- Casts: from and to a type of its own, as anybody may make them who owns one.
CREATE TYPE evil.own AS ENUM ('a');
CREATE FUNCTION evil.own_from(pg_catalog.text) RETURNS evil.own LANGUAGE sql AS 'SELECT ''a''::evil.own';
CREATE FUNCTION evil.own_from(pg_catalog.int8) RETURNS evil.own LANGUAGE sql AS 'SELECT ''a''::evil.own';
CREATE FUNCTION evil.own_from(pg_catalog.date) RETURNS evil.own LANGUAGE sql AS 'SELECT ''a''::evil.own';
CREATE FUNCTION evil.own_text(evil.own) RETURNS pg_catalog.text LANGUAGE sql AS 'SELECT ''a''::pg_catalog.text';
CREATE FUNCTION evil.own_int8(evil.own) RETURNS pg_catalog.int8 LANGUAGE sql AS 'SELECT 1::pg_catalog.int8';
CREATE CAST (pg_catalog.text AS evil.own) WITH FUNCTION evil.own_from(pg_catalog.text) AS IMPLICIT;
CREATE CAST (pg_catalog.int8 AS evil.own) WITH FUNCTION evil.own_from(pg_catalog.int8) AS IMPLICIT;
CREATE CAST (pg_catalog.date AS evil.own) WITH FUNCTION evil.own_from(pg_catalog.date) AS IMPLICIT;
CREATE CAST (evil.own AS pg_catalog.text) WITH FUNCTION evil.own_text(evil.own) AS IMPLICIT;
CREATE CAST (evil.own AS pg_catalog.int8) WITH FUNCTION evil.own_int8(evil.own) AS IMPLICIT;
