-- Version 5: all order types, linked orders, corrections of fills, execution algorithms and routing.

ALTER TABLE orders
    ADD COLUMN flags            text[] NOT NULL DEFAULT '{}',
    ADD COLUMN display_quantity numeric,
    ADD COLUMN offset_kind      text,
    ADD COLUMN offset_value     numeric,
    ADD COLUMN parent           bigint,
    ADD COLUMN link             bigint,
    ADD COLUMN link_role        text;
COMMENT ON COLUMN orders.order_type IS 'MARKET, LIMIT, STOP, STOP_LIMIT, MARKET_TO_LIMIT, MARKET_IF_TOUCHED, LIMIT_IF_TOUCHED, TRAILING_STOP, TRAILING_STOP_LIMIT, PEGGED.';
COMMENT ON COLUMN orders.time_in_force IS 'DAY, GTC, GTD, IOC, FOK, ATO, ATC.';
COMMENT ON COLUMN orders.price IS 'Limit price in the instrument''s currency, 9 decimals; trailing stop-limit: its signed distance from the trigger; pegged: the worst price that it may follow to; null where there is none.';
COMMENT ON COLUMN orders.flags IS 'What holds of it: post_only, reduce_only, emulated, exit, parent, basket.';
COMMENT ON COLUMN orders.display_quantity IS 'Iceberg: shown at a time, 8 decimals; null: all of it.';
COMMENT ON COLUMN orders.offset_kind IS 'What offset_value is: trail_price, trail_percent, peg_mid, peg_primary, peg_market; null where there is none.';
COMMENT ON COLUMN orders.offset_value IS 'Distance of a trailing or pegged order, 9 decimals: a price, or a ratio where offset_kind is trail_percent.';
COMMENT ON COLUMN orders.parent IS 'order_tag of the order that it is a child of; null for none.';
COMMENT ON COLUMN orders.link IS 'Group of linked orders or basket, numbered by the strategy; null for none.';
COMMENT ON COLUMN orders.link_role IS 'What it is in its group: oco, ouo, primary, secondary, secondary_oco, secondary_ouo; null without a group and in a basket.';

ALTER TABLE order_events
    ADD COLUMN flags            text[] NOT NULL DEFAULT '{}',
    ADD COLUMN display_quantity numeric,
    ADD COLUMN offset_value     numeric;
COMMENT ON COLUMN order_events.flags IS 'Of an update, as in orders.';
COMMENT ON COLUMN order_events.display_quantity IS 'Of a request to replace: new shown quantity; null: none asked for.';
COMMENT ON COLUMN order_events.offset_value IS 'Of a request to replace: new distance of a trailing or pegged order; null: none asked for.';

COMMENT ON TABLE positions IS 'Positions and cash after something other than a fill (split, dividend, correction of a fill, interest, fee for borrowing). Fills carry the position after them.';
COMMENT ON COLUMN positions.kind IS 'split, dividend, correction, financing, borrow or settlement.';
COMMENT ON COLUMN alerts.code IS 'illegal_transition, unknown_order, duplicate_execution, overfill, lane_full, halt, state_changed, number_overflow, feed_skipped, gap, record_lag, record_lost, unknown_execution, correction_failed, margin_deficit, stale_mark, parent_exceeded.';
COMMENT ON COLUMN alerts.detail_0 IS 'feed_skipped: line of the source; gap: events lost; record_lag: bytes behind; unknown_execution, correction_failed: execution id; margin_deficit: equity in millionths; stale_mark: age in nanoseconds.';
COMMENT ON COLUMN alerts.detail_1 IS 'feed_skipped: number of the reason; record_lag: nanoseconds behind; margin_deficit: maintenance margin in millionths.';

CREATE TABLE corrections (
    run_day             date NOT NULL,
    run_no              integer NOT NULL,
    order_id            bigint NOT NULL,
    position            bigint NOT NULL,
    ts                  timestamptz NOT NULL,
    ts_ns               bigint NOT NULL,
    venue               integer NOT NULL,
    venue_order_id      bigint NOT NULL,
    exec_id             bigint NOT NULL,
    ref_exec_id         bigint NOT NULL,
    instrument          bigint NOT NULL,
    kind                text NOT NULL,
    quantity            numeric,
    price               numeric,
    fee                 numeric,
    fee_currency        integer,
    leaves_quantity     numeric NOT NULL,
    cumulative_quantity numeric NOT NULL,
    PRIMARY KEY (run_day, run_no, order_id, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX corrections_ts ON corrections USING brin (ts);
COMMENT ON TABLE corrections IS 'Fills that their venue took back or changed (FIX ExecType H and G). What the accounts hold after it is in positions; fills keeps what was booked first.';
COMMENT ON COLUMN corrections.run_day IS 'run.run_day.';
COMMENT ON COLUMN corrections.run_no IS 'The run.';
COMMENT ON COLUMN corrections.order_id IS 'Client order id.';
COMMENT ON COLUMN corrections.position IS 'Position in stream 1.';
COMMENT ON COLUMN corrections.ts IS 'When it was taken in (UTC), to the microsecond.';
COMMENT ON COLUMN corrections.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN corrections.venue IS 'Venue id, see run_name.';
COMMENT ON COLUMN corrections.venue_order_id IS 'The venue''s id of the order.';
COMMENT ON COLUMN corrections.exec_id IS 'The venue''s id of this report.';
COMMENT ON COLUMN corrections.ref_exec_id IS 'Its id of the fill that it is about, or of that fill''s last correction.';
COMMENT ON COLUMN corrections.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN corrections.kind IS 'bust: the fill never was; correct: it was another one.';
COMMENT ON COLUMN corrections.quantity IS 'correct: what its quantity really is, 8 decimals; null of a bust.';
COMMENT ON COLUMN corrections.price IS 'correct: what its price really is, 9 decimals; null of a bust.';
COMMENT ON COLUMN corrections.fee IS 'correct: what its fee really is, 6 decimals; null of a bust.';
COMMENT ON COLUMN corrections.fee_currency IS 'Currency id of the fee, see run_name; null of a bust.';
COMMENT ON COLUMN corrections.leaves_quantity IS 'Open quantity of the order from now on; 0: it is over.';
COMMENT ON COLUMN corrections.cumulative_quantity IS 'Filled quantity of the order from now on.';

CREATE TABLE algo_events (
    run_day    date NOT NULL,
    run_no     integer NOT NULL,
    position   bigint NOT NULL,
    ts         timestamptz NOT NULL,
    ts_ns      bigint NOT NULL,
    order_tag  bigint NOT NULL,
    strategy   integer NOT NULL,
    account    integer NOT NULL,
    instrument bigint NOT NULL,
    algorithm  text NOT NULL,
    action     text NOT NULL,
    quantity   numeric NOT NULL,
    price      numeric,
    begins     timestamptz,
    ends       timestamptz,
    rate       numeric NOT NULL,
    slice      numeric,
    randomness numeric NOT NULL,
    seed       bigint NOT NULL,
    PRIMARY KEY (run_day, run_no, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX algo_events_ts ON algo_events USING brin (ts);
COMMENT ON TABLE algo_events IS 'Execution algorithms: begin, pause, going on, changes, cancel, end, with the terms in force.';
COMMENT ON COLUMN algo_events.run_day IS 'run.run_day.';
COMMENT ON COLUMN algo_events.run_no IS 'The run.';
COMMENT ON COLUMN algo_events.position IS 'Position in stream 1.';
COMMENT ON COLUMN algo_events.ts IS 'When it was decided (UTC), to the microsecond.';
COMMENT ON COLUMN algo_events.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN algo_events.order_tag IS 'Of the parent order, see orders.';
COMMENT ON COLUMN algo_events.strategy IS 'Strategy id, see run_name.';
COMMENT ON COLUMN algo_events.account IS 'Account id, see run_name.';
COMMENT ON COLUMN algo_events.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN algo_events.algorithm IS 'twap, vwap, pov, shortfall, iceberg, peg or router.';
COMMENT ON COLUMN algo_events.action IS 'begin, pause, go_on, amend, cancel or end.';
COMMENT ON COLUMN algo_events.quantity IS 'To be done in all, 8 decimals.';
COMMENT ON COLUMN algo_events.price IS 'Bound: no child is priced beyond it; null for none.';
COMMENT ON COLUMN algo_events.begins IS 'When it is to begin; null: at once.';
COMMENT ON COLUMN algo_events.ends IS 'When it is to end; null: when it is done.';
COMMENT ON COLUMN algo_events.rate IS 'pov: share of the volume; shortfall: risk aversion; 9 decimals.';
COMMENT ON COLUMN algo_events.slice IS 'Shown or sent at a time; null: the algorithm''s choice.';
COMMENT ON COLUMN algo_events.randomness IS 'By how much slices and times may deviate from the schedule, 9 decimals.';
COMMENT ON COLUMN algo_events.seed IS 'Of its random choices.';

CREATE TABLE algo_reports (
    run_day       date NOT NULL,
    run_no        integer NOT NULL,
    position      bigint NOT NULL,
    ts            timestamptz NOT NULL,
    ts_ns         bigint NOT NULL,
    order_tag     bigint NOT NULL,
    strategy      integer NOT NULL,
    instrument    bigint NOT NULL,
    algorithm     text NOT NULL,
    side          text NOT NULL,
    quantity      numeric NOT NULL,
    filled        numeric NOT NULL,
    children      integer NOT NULL,
    arrival       numeric NOT NULL,
    average       numeric,
    interval_vwap numeric,
    interval_twap numeric,
    last          numeric NOT NULL,
    shortfall     numeric NOT NULL,
    market_volume numeric NOT NULL,
    PRIMARY KEY (run_day, run_no, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX algo_reports_ts ON algo_reports USING brin (ts);
COMMENT ON TABLE algo_reports IS 'What execution algorithms achieved against their benchmarks.';
COMMENT ON COLUMN algo_reports.run_day IS 'run.run_day.';
COMMENT ON COLUMN algo_reports.run_no IS 'The run.';
COMMENT ON COLUMN algo_reports.position IS 'Position in stream 1.';
COMMENT ON COLUMN algo_reports.ts IS 'When it ended (UTC), to the microsecond.';
COMMENT ON COLUMN algo_reports.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN algo_reports.order_tag IS 'Of the parent order, see orders.';
COMMENT ON COLUMN algo_reports.strategy IS 'Strategy id, see run_name.';
COMMENT ON COLUMN algo_reports.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN algo_reports.algorithm IS 'As in algo_events.';
COMMENT ON COLUMN algo_reports.side IS 'BUY or SELL.';
COMMENT ON COLUMN algo_reports.quantity IS 'To be done, 8 decimals.';
COMMENT ON COLUMN algo_reports.filled IS 'Done.';
COMMENT ON COLUMN algo_reports.children IS 'Child orders that it sent.';
COMMENT ON COLUMN algo_reports.arrival IS 'Middle of bid and offer when the parent order came, 9 decimals.';
COMMENT ON COLUMN algo_reports.average IS 'Average price of its fills; null without any.';
COMMENT ON COLUMN algo_reports.interval_vwap IS 'Volume-weighted price of the market while it worked; null when nothing traded.';
COMMENT ON COLUMN algo_reports.interval_twap IS 'Time-weighted middle while it worked; null when it is not known.';
COMMENT ON COLUMN algo_reports.last IS 'Middle at its end.';
COMMENT ON COLUMN algo_reports.shortfall IS 'Implementation shortfall with fees, 6 decimals; positive is a cost.';
COMMENT ON COLUMN algo_reports.market_volume IS 'Traded in the market while it worked.';

CREATE TABLE routes (
    run_day    date NOT NULL,
    run_no     integer NOT NULL,
    position   bigint NOT NULL,
    ts         timestamptz NOT NULL,
    ts_ns      bigint NOT NULL,
    order_tag  bigint NOT NULL,
    parent     bigint NOT NULL,
    strategy   integer NOT NULL,
    instrument bigint NOT NULL,
    venue      integer NOT NULL,
    price      numeric NOT NULL,
    displayed  numeric NOT NULL,
    fee        numeric NOT NULL,
    cost       numeric NOT NULL,
    next_venue integer,
    next_cost  numeric,
    latency_ns bigint NOT NULL,
    fill_rate  numeric NOT NULL,
    candidates integer NOT NULL,
    PRIMARY KEY (run_day, run_no, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX routes_ts ON routes USING brin (ts);
COMMENT ON TABLE routes IS 'Why a child order went to its venue: that venue and the next best one.';
COMMENT ON COLUMN routes.run_day IS 'run.run_day.';
COMMENT ON COLUMN routes.run_no IS 'The run.';
COMMENT ON COLUMN routes.position IS 'Position in stream 1.';
COMMENT ON COLUMN routes.ts IS 'When it was decided (UTC), to the microsecond.';
COMMENT ON COLUMN routes.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN routes.order_tag IS 'Of the child order, see orders.';
COMMENT ON COLUMN routes.parent IS 'order_tag of the parent order.';
COMMENT ON COLUMN routes.strategy IS 'Strategy id, see run_name.';
COMMENT ON COLUMN routes.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN routes.venue IS 'Venue id of the chosen one, see run_name.';
COMMENT ON COLUMN routes.price IS 'Quoted there, 9 decimals.';
COMMENT ON COLUMN routes.displayed IS 'Quantity shown there.';
COMMENT ON COLUMN routes.fee IS 'A unit, there; negative is a rebate.';
COMMENT ON COLUMN routes.cost IS 'Expected cost a unit there, against the best price anywhere.';
COMMENT ON COLUMN routes.next_venue IS 'Venue id of the next best one; null: there was none.';
COMMENT ON COLUMN routes.next_cost IS 'Expected cost a unit there.';
COMMENT ON COLUMN routes.latency_ns IS 'To the chosen venue, as measured.';
COMMENT ON COLUMN routes.fill_rate IS 'Of the orders sent there before, 9 decimals.';
COMMENT ON COLUMN routes.candidates IS 'Venues that came into question.';

CREATE OR REPLACE VIEW venue_reports AS
SELECT e.run_no, e.position, e.ts, e.ts_ns, name_of(e.run_no, 'instrument', e.instrument) AS instrument,
       name_of(e.run_no, 'venue', e.source) AS venue, payload_int8(e.payload, 40) AS order_id,
       payload_int8(e.payload, 48) AS venue_order_id, payload_int8(e.payload, 56) AS exec_id,
       (ARRAY['New', 'Trade', 'Canceled', 'Replaced', 'Rejected', 'Expired', 'Triggered', 'CancelRejected', 'ReplaceRejected',
              'Suspended', 'DoneForDay', 'Restated'])
           [((payload_int8(e.payload, 104) >> 48) & 255) + 1] AS exec_type,
       payload_int8(e.payload, 64) / 1e9 AS last_price, payload_int8(e.payload, 72) / 1e8 AS last_quantity,
       payload_int8(e.payload, 80) / 1e8 AS leaves_quantity, payload_int8(e.payload, 88) / 1e8 AS cumulative_quantity,
       payload_int8(e.payload, 96) / 1e6 AS fee
FROM event e WHERE e.stream = 1 AND e.type = 30;

CREATE VIEW children AS
SELECT c.run_no, c.run_day, p.order_id AS parent_id, c.order_id, name_of(c.run_no, 'strategy', c.strategy) AS strategy,
       name_of(c.run_no, 'instrument', c.instrument) AS instrument, s.venue, c.side, c.quantity, s.state, s.filled,
       s.filled_value, p.quantity AS parent_quantity
FROM orders c
JOIN orders p ON p.run_day = c.run_day AND p.run_no = c.run_no AND p.order_tag = c.parent AND p.order_id <> 0
JOIN order_state s ON s.run_no = c.run_no AND s.run_day = c.run_day AND s.order_id = c.order_id
WHERE c.parent IS NOT NULL;
COMMENT ON VIEW children IS 'Child orders with their parent orders.';

CREATE VIEW algorithms AS
SELECT a.run_no, a.ts AS ended, name_of(a.run_no, 'strategy', a.strategy) AS strategy,
       name_of(a.run_no, 'instrument', a.instrument) AS instrument, a.order_tag, a.algorithm, a.side, a.quantity, a.filled,
       a.children, a.average, a.shortfall,
       d.sign * (a.average - a.arrival) / nullif(a.arrival, 0) * 10000 AS arrival_slippage_bp,
       d.sign * (a.average - a.interval_vwap) / nullif(a.interval_vwap, 0) * 10000 AS vwap_slippage_bp,
       d.sign * (a.average - a.interval_twap) / nullif(a.interval_twap, 0) * 10000 AS twap_slippage_bp,
       a.filled / nullif(a.market_volume, 0) AS participation
FROM algo_reports a CROSS JOIN LATERAL (SELECT CASE a.side WHEN 'BUY' THEN 1 ELSE -1 END AS sign) d;
COMMENT ON VIEW algorithms IS 'Execution algorithms that ended, against their benchmarks; basis points are positive where the fills were worse.';

-- The months that exist get partitions of the new tables.
SELECT ensure_partitions(m.month, 1) FROM (SELECT DISTINCT month FROM partition ORDER BY month) AS m;

GRANT INSERT ON corrections, algo_events, algo_reports, routes TO fermata_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA fermata TO fermata_reader;
