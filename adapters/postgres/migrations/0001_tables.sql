-- Version 1: the tables. Executed as fermata_owner with search_path = fermata.
-- No foreign keys on the partitioned tables: a trigger a row would halve the loader's speed, and the loader is their only writer.

CREATE TABLE run (
    run_no             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id             uuid NOT NULL UNIQUE,
    run_day            date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    registered         timestamptz NOT NULL DEFAULT now(),
    build              text NOT NULL,
    configuration_hash text NOT NULL,
    configuration      text,
    manifest           text NOT NULL,
    parent             uuid,
    calendars          text NOT NULL,
    time_zones         text NOT NULL,
    schedule           text NOT NULL,
    market             text NOT NULL,
    shards             integer NOT NULL,
    start_ts           timestamptz NOT NULL,
    start_ns           bigint NOT NULL,
    folder             text NOT NULL
);
COMMENT ON TABLE run IS 'One row a run whose journal is, or is being, loaded.';
COMMENT ON COLUMN run.run_no IS 'Short number of the run in this database; every other table refers to it.';
COMMENT ON COLUMN run.run_id IS 'The run''s own id, as in the journal (32 hex digits there).';
COMMENT ON COLUMN run.run_day IS 'UTC day on which the run was first registered here; decides in which partitions its rows are.';
COMMENT ON COLUMN run.registered IS 'When the run was first registered here.';
COMMENT ON COLUMN run.build IS 'Version and commit of the program that wrote the journal.';
COMMENT ON COLUMN run.configuration_hash IS 'Hash of the part of the configuration that decides about orders ("sha256:...").';
COMMENT ON COLUMN run.configuration IS 'Effective configuration as YAML, where it was found beside the journal.';
COMMENT ON COLUMN run.manifest IS 'The journal''s manifest, whole: lines key=value.';
COMMENT ON COLUMN run.parent IS 'run_id of the run that this one was derived from.';
COMMENT ON COLUMN run.calendars IS 'Exchange calendars in use.';
COMMENT ON COLUMN run.time_zones IS 'Version of the time zone database.';
COMMENT ON COLUMN run.schedule IS '"lockstep": one thread and a virtual clock; "concurrent": stages on threads of their own.';
COMMENT ON COLUMN run.market IS '"reference": market data is in the sources; "record": market events are in stream 2.';
COMMENT ON COLUMN run.shards IS 'Number of strategy shards.';
COMMENT ON COLUMN run.start_ts IS 'First instant of the run''s data.';
COMMENT ON COLUMN run.start_ns IS 'The same, exact: nanoseconds since 1970, UTC.';
COMMENT ON COLUMN run.folder IS 'Folder against which relative paths of the configuration were resolved.';

CREATE TABLE run_source (
    run_no    integer NOT NULL REFERENCES run,
    source_no integer NOT NULL,
    name      text NOT NULL,
    hash      text NOT NULL,
    PRIMARY KEY (run_no, source_no)
);
COMMENT ON TABLE run_source IS 'Sources of market data of a run.';
COMMENT ON COLUMN run_source.run_no IS 'The run.';
COMMENT ON COLUMN run_source.source_no IS 'Place in the configuration, from 0.';
COMMENT ON COLUMN run_source.name IS 'File name of the source.';
COMMENT ON COLUMN run_source.hash IS 'Hash of the source''s bytes.';

CREATE TABLE run_name (
    run_no integer NOT NULL REFERENCES run,
    kind   text NOT NULL CHECK (kind IN ('instrument', 'strategy', 'account', 'venue', 'currency')),
    id     integer NOT NULL,
    name   text NOT NULL,
    PRIMARY KEY (run_no, kind, id)
);
COMMENT ON TABLE run_name IS 'Names of the ids that a run uses. Ids belong to their run: the same id may be another instrument in another run.';
COMMENT ON COLUMN run_name.run_no IS 'The run.';
COMMENT ON COLUMN run_name.kind IS 'Kind of id: instrument, strategy, account, venue, currency.';
COMMENT ON COLUMN run_name.id IS 'The id, as in the columns instrument, strategy, account, venue, currency.';
COMMENT ON COLUMN run_name.name IS 'Symbol, name, or currency code.';

CREATE TABLE run_boot (
    run_no     integer NOT NULL REFERENCES run,
    boot       integer NOT NULL,
    build      text NOT NULL,
    registered timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_no, boot)
);
COMMENT ON TABLE run_boot IS 'Starts of a run: one row the first time that a loader meets a boot epoch.';
COMMENT ON COLUMN run_boot.run_no IS 'The run.';
COMMENT ON COLUMN run_boot.boot IS 'Boot epoch, from 1; a start after a crash has the next one.';
COMMENT ON COLUMN run_boot.build IS 'Version and commit of the program of this boot.';
COMMENT ON COLUMN run_boot.registered IS 'When the loader first met it.';

CREATE TABLE run_end (
    run_no  integer PRIMARY KEY REFERENCES run,
    records bigint NOT NULL,
    hash    text,
    ended   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE run_end IS 'Runs that were closed and are loaded to their end.';
COMMENT ON COLUMN run_end.run_no IS 'The run.';
COMMENT ON COLUMN run_end.records IS 'Records of all streams of the run.';
COMMENT ON COLUMN run_end.hash IS 'The journal''s hash, as in summary.json.';
COMMENT ON COLUMN run_end.ended IS 'When the loader reached the end.';

CREATE TABLE load_position (
    run_no    integer NOT NULL REFERENCES run,
    batch     bigint NOT NULL,
    segment   bigint NOT NULL,
    byte      bigint NOT NULL,
    records   bigint NOT NULL,
    total     bigint NOT NULL,
    digest    bigint NOT NULL,
    streams   integer[] NOT NULL,
    positions bigint[] NOT NULL,
    committed timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_no, batch)
);
COMMENT ON TABLE load_position IS 'One row a batch, committed together with the batch''s rows: the last row of a run says how far it is loaded.';
COMMENT ON COLUMN load_position.run_no IS 'The run.';
COMMENT ON COLUMN load_position.batch IS 'Number of the batch in the run, from 1.';
COMMENT ON COLUMN load_position.segment IS 'Journal segment in which the batch''s last record stands.';
COMMENT ON COLUMN load_position.byte IS 'Offset of that record''s frame in the segment''s file.';
COMMENT ON COLUMN load_position.records IS 'Records in this batch.';
COMMENT ON COLUMN load_position.total IS 'Records of the run up to and with this batch.';
COMMENT ON COLUMN load_position.digest IS 'CRC-32C over the batch''s records, for the check that a journal is the one that was loaded.';
COMMENT ON COLUMN load_position.streams IS 'Streams with records so far, ascending.';
COMMENT ON COLUMN load_position.positions IS 'Last position of each of these streams.';
COMMENT ON COLUMN load_position.committed IS 'When the batch was stored.';

CREATE TABLE event_type (
    type integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);
COMMENT ON TABLE event_type IS 'Types of events. Order events have numbers below 256, market events 256 and more.';
COMMENT ON COLUMN event_type.type IS 'The number in event.type.';
COMMENT ON COLUMN event_type.name IS 'Its name, as fermata journal dump prints it; market events as market_quote and so on.';

CREATE TABLE control (
    bit  integer PRIMARY KEY,
    code text NOT NULL UNIQUE,
    rule text NOT NULL
);
COMMENT ON TABLE control IS 'The risk and compliance controls.';
COMMENT ON COLUMN control.bit IS 'Number of the control: its bit in verdicts.failed and verdicts.checked.';
COMMENT ON COLUMN control.code IS 'Its code, as in reject texts.';
COMMENT ON COLUMN control.rule IS 'What must hold.';

CREATE TABLE event (
    run_day       date NOT NULL,
    run_no        integer NOT NULL,
    stream        integer NOT NULL,
    position      bigint NOT NULL,
    ts            timestamptz NOT NULL,
    ts_ns         bigint NOT NULL,
    type          integer NOT NULL,
    flags         integer NOT NULL,
    source        integer NOT NULL,
    instrument    bigint NOT NULL,
    cause         bigint NOT NULL,
    feed_position bigint NOT NULL,
    crc           bigint NOT NULL,
    payload       bytea NOT NULL,
    PRIMARY KEY (run_day, run_no, stream, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX event_ts ON event USING brin (ts);
COMMENT ON TABLE event IS 'Every record of every stream of every run: the journal, record by record.';
COMMENT ON COLUMN event.run_day IS 'run.run_day; a function of run_no, so (run_no, stream, position) is unique.';
COMMENT ON COLUMN event.run_no IS 'The run.';
COMMENT ON COLUMN event.stream IS '1 trading stage, 2 market feed, 16+v venue v, 64+k shard k.';
COMMENT ON COLUMN event.position IS 'Position in the stream, from 1 without gaps.';
COMMENT ON COLUMN event.ts IS 'Event time (UTC), to the microsecond, rounded down.';
COMMENT ON COLUMN event.ts_ns IS 'The same, exact: nanoseconds since 1970, UTC.';
COMMENT ON COLUMN event.type IS 'Type of the event, see event_type.';
COMMENT ON COLUMN event.flags IS 'Bit 0 on order events: the stage consumed it (else the stage emitted it). On market events: the event''s own flags.';
COMMENT ON COLUMN event.source IS 'Venue or strategy that it came from; on market events the market data stream.';
COMMENT ON COLUMN event.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN event.cause IS 'What it follows from: the top two bits say what (0 market event, 1 event of stream 1, 2 timer), the rest which one. 0 on market events.';
COMMENT ON COLUMN event.feed_position IS 'Market events that the stage had consumed by then; on market events the position itself.';
COMMENT ON COLUMN event.crc IS 'CRC-32C of the payload.';
COMMENT ON COLUMN event.payload IS 'The record''s payload as it stands in the journal, byte for byte.';

CREATE TABLE orders (
    run_day       date NOT NULL,
    run_no        integer NOT NULL,
    order_id      bigint NOT NULL,
    position      bigint NOT NULL,
    ts            timestamptz NOT NULL,
    ts_ns         bigint NOT NULL,
    order_tag     bigint NOT NULL,
    strategy      integer NOT NULL,
    account       integer NOT NULL,
    venue         integer NOT NULL,
    instrument    bigint NOT NULL,
    side          text NOT NULL,
    order_type    text NOT NULL,
    time_in_force text NOT NULL,
    quantity      numeric NOT NULL,
    price         numeric,
    stop_price    numeric,
    expires       timestamptz,
    feed_position bigint NOT NULL,
    PRIMARY KEY (run_day, run_no, order_id, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX orders_ts ON orders USING brin (ts);
COMMENT ON TABLE orders IS 'Orders as their strategies asked for them, denied ones included: one row an order. What became of it is in order_events.';
COMMENT ON COLUMN orders.run_day IS 'run.run_day.';
COMMENT ON COLUMN orders.run_no IS 'The run.';
COMMENT ON COLUMN orders.order_id IS 'Client order id: day since 1970 (16 bits), boot epoch (16), counter (32).';
COMMENT ON COLUMN orders.position IS 'Position of the request in stream 1.';
COMMENT ON COLUMN orders.ts IS 'When it was asked for (UTC), to the microsecond.';
COMMENT ON COLUMN orders.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN orders.order_tag IS 'The strategy''s own count of its orders: strategy id in the top 16 bits, number below.';
COMMENT ON COLUMN orders.strategy IS 'Strategy id, see run_name.';
COMMENT ON COLUMN orders.account IS 'Account id, see run_name.';
COMMENT ON COLUMN orders.venue IS 'Venue id, see run_name.';
COMMENT ON COLUMN orders.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN orders.side IS 'BUY or SELL.';
COMMENT ON COLUMN orders.order_type IS 'MARKET, LIMIT, STOP, STOP_LIMIT.';
COMMENT ON COLUMN orders.time_in_force IS 'DAY, GTC, GTD, IOC, FOK.';
COMMENT ON COLUMN orders.quantity IS 'Quantity in units (shares, contracts, coins), 8 decimals.';
COMMENT ON COLUMN orders.price IS 'Limit price in the instrument''s currency, 9 decimals; null where the type has none.';
COMMENT ON COLUMN orders.stop_price IS 'Trigger, likewise.';
COMMENT ON COLUMN orders.expires IS 'End of a GTD order.';
COMMENT ON COLUMN orders.feed_position IS 'Market events that the trading stage had seen by then.';

CREATE TABLE order_events (
    run_day             date NOT NULL,
    run_no              integer NOT NULL,
    order_id            bigint NOT NULL,
    position            bigint NOT NULL,
    ts                  timestamptz NOT NULL,
    ts_ns               bigint NOT NULL,
    event               text NOT NULL,
    order_tag           bigint NOT NULL,
    strategy            integer NOT NULL,
    account             integer NOT NULL,
    instrument          bigint NOT NULL,
    state               text,
    previous_state      text,
    reason              text,
    quantity            numeric,
    cumulative_quantity numeric,
    leaves_quantity     numeric,
    price               numeric,
    stop_price          numeric,
    filled_value        numeric,
    failed              bigint NOT NULL,
    PRIMARY KEY (run_day, run_no, order_id, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX order_events_ts ON order_events USING brin (ts);
COMMENT ON TABLE order_events IS 'What happened to orders: every change of state, and every request to cancel or replace.';
COMMENT ON COLUMN order_events.run_day IS 'run.run_day.';
COMMENT ON COLUMN order_events.run_no IS 'The run.';
COMMENT ON COLUMN order_events.order_id IS 'Client order id; 0 when a request named no live order.';
COMMENT ON COLUMN order_events.position IS 'Position in stream 1.';
COMMENT ON COLUMN order_events.ts IS 'Event time (UTC), to the microsecond.';
COMMENT ON COLUMN order_events.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN order_events.event IS '"update": a change of state; "cancel_request", "replace_request": what the strategy asked for.';
COMMENT ON COLUMN order_events.order_tag IS 'The strategy''s own count of its orders.';
COMMENT ON COLUMN order_events.strategy IS 'Strategy id, see run_name.';
COMMENT ON COLUMN order_events.account IS 'Account id, see run_name.';
COMMENT ON COLUMN order_events.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN order_events.state IS 'State from now on: PendingNew, New, PartiallyFilled, Filled, PendingCancel, Canceled, PendingReplace, Rejected, Expired, Denied, Unknown. Null on requests.';
COMMENT ON COLUMN order_events.previous_state IS 'State before. Null on requests.';
COMMENT ON COLUMN order_events.reason IS 'Why it was denied, rejected, canceled or expired; null when there is none.';
COMMENT ON COLUMN order_events.quantity IS 'Total quantity of the order (replace_request: the one asked for), 8 decimals.';
COMMENT ON COLUMN order_events.cumulative_quantity IS 'Filled so far, 8 decimals.';
COMMENT ON COLUMN order_events.leaves_quantity IS 'Still open, 8 decimals.';
COMMENT ON COLUMN order_events.price IS 'Limit price in force (replace_request: the one asked for), 9 decimals; null where the type has none.';
COMMENT ON COLUMN order_events.stop_price IS 'Trigger, likewise.';
COMMENT ON COLUMN order_events.filled_value IS 'Gross value of all fills so far, 6 decimals.';
COMMENT ON COLUMN order_events.failed IS 'Denied: bits of the controls that refused, see control.';
