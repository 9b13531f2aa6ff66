-- Version 3: monthly partitions, and who may do what.
-- fermata_owner owns everything; fermata_writer inserts and never changes; fermata_reader reads.

CREATE TABLE detached_partition (
    month    date PRIMARY KEY,
    detached timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE detached_partition IS 'Months whose rows were taken out of the partitioned tables; they are in schema fermata_detached until somebody drops them.';
COMMENT ON COLUMN detached_partition.month IS 'First day of the month of run_day.';
COMMENT ON COLUMN detached_partition.detached IS 'When.';

CREATE FUNCTION partitioned_tables() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT c.relname::text FROM pg_catalog.pg_class c
    WHERE c.relkind = 'p' AND c.relnamespace = 'fermata'::regnamespace ORDER BY 1
$$;
COMMENT ON FUNCTION partitioned_tables() IS 'The tables that are partitioned by run_day.';

-- With the owner's rights, so that the loader can begin a new month without owning a table.
CREATE FUNCTION ensure_partitions(first date, months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = fermata, pg_temp AS $$
DECLARE
    begins  date;
    parent  text;
    made    integer := 0;
BEGIN
    IF months IS NULL OR months < 1 OR months > 120 THEN
        RAISE EXCEPTION 'months must be from 1 to 120' USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    -- What nanoseconds since 1970 can say in 64 bits.
    IF first IS NULL OR first < date '1970-01-01'
       OR date_trunc('month', first::timestamp) > timestamp '2262-04-01' - make_interval(months => months - 1) THEN
        RAISE EXCEPTION 'partitions are made for months from 1970-01 to 2262-04, not for % and % more',
            coalesce(first::text, 'NULL'), months - 1 USING ERRCODE = 'datetime_field_overflow';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('fermata partitions'));
    FOR i IN 0 .. months - 1 LOOP
        begins := (date_trunc('month', first) + make_interval(months => i))::date;
        IF EXISTS (SELECT FROM detached_partition d WHERE d.month = begins) THEN
            RAISE EXCEPTION 'the partitions of % were detached', to_char(begins, 'YYYY-MM')
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
        FOR parent IN SELECT partitioned_tables() LOOP
            IF to_regclass(format('fermata.%I', parent || to_char(begins, '_YYYY_MM'))) IS NULL THEN
                -- Made alone and attached then: unlike PARTITION OF, that lets others go on reading and writing.
                EXECUTE format('CREATE TABLE fermata.%I (LIKE fermata.%I INCLUDING DEFAULTS INCLUDING STORAGE)',
                               parent || to_char(begins, '_YYYY_MM'), parent);
                EXECUTE format('ALTER TABLE fermata.%I ATTACH PARTITION fermata.%I FOR VALUES FROM (%L) TO (%L)',
                               parent, parent || to_char(begins, '_YYYY_MM'), begins, (begins + interval '1 month')::date);
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION ensure_partitions(date, integer) IS 'Creates the partitions of so many months from a day''s month on (1970-01 to 2262-04), where they do not exist; returns how many.';

CREATE VIEW partition AS
SELECT p.relname::text AS parent, c.relname::text AS name, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bounds,
       to_date(right(c.relname::text, 7), 'YYYY_MM') AS month, pg_catalog.pg_table_size(c.oid) AS bytes, c.reltuples::bigint AS rows_estimated
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
WHERE p.relnamespace = 'fermata'::regnamespace AND p.relkind = 'p' AND c.relkind = 'r';
COMMENT ON VIEW partition IS 'The partitions with their months and sizes.';

REVOKE ALL ON ALL TABLES IN SCHEMA fermata FROM PUBLIC;
REVOKE ALL ON FUNCTION ensure_partitions(date, integer) FROM PUBLIC;
GRANT USAGE ON SCHEMA fermata TO fermata_writer, fermata_reader;
-- Detached partitions keep the rights that they had.
GRANT USAGE ON SCHEMA fermata_detached TO fermata_reader;
GRANT EXECUTE ON FUNCTION ensure_partitions(date, integer) TO fermata_writer;
GRANT INSERT ON run, run_source, run_name, run_boot, run_end, load_position, event, orders, order_events, fills, verdicts,
    control_actions, positions, equity, alerts TO fermata_writer;
-- What the loader must see to go on where it stopped, and to say which record differs.
GRANT SELECT ON run, run_source, run_name, run_boot, run_end, load_position, event, schema_migration, detached_partition
    TO fermata_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA fermata TO fermata_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA fermata GRANT SELECT ON TABLES TO fermata_reader;
