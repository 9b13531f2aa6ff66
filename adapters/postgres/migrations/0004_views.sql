-- Version 4: the questions that come up every day.

CREATE FUNCTION name_of(run integer, kind text, id bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT n.name FROM fermata.run_name n WHERE n.run_no = $1 AND n.kind = $2 AND n.id = $3
$$;
COMMENT ON FUNCTION name_of(integer, text, bigint) IS 'Name of an id in a run; kind is instrument, strategy, account, venue or currency.';

CREATE FUNCTION payload_int8(payload bytea, place integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN place + 8 > length(payload) THEN 0 ELSE
        (get_byte(payload, place + 7)::bigint << 56) | (get_byte(payload, place + 6)::bigint << 48) |
        (get_byte(payload, place + 5)::bigint << 40) | (get_byte(payload, place + 4)::bigint << 32) |
        (get_byte(payload, place + 3)::bigint << 24) | (get_byte(payload, place + 2)::bigint << 16) |
        (get_byte(payload, place + 1)::bigint << 8) | get_byte(payload, place)::bigint END
$$;
COMMENT ON FUNCTION payload_int8(bytea, integer) IS 'The little-endian 64-bit number at this place of an event''s payload; zero words at the end are not stored and read as 0.';

CREATE VIEW run_status AS
SELECT r.run_no, r.run_id, r.run_day, r.build, r.schedule, r.start_ts, r.registered,
       (SELECT max(b.boot) FROM run_boot b WHERE b.run_no = r.run_no) AS boots,
       p.batch AS batches, p.total AS records, p.segment, p.byte, p.streams, p.positions, p.committed AS last_commit,
       e.ended IS NOT NULL AS complete, e.ended, e.hash
FROM run r
LEFT JOIN LATERAL (SELECT * FROM load_position l WHERE l.run_no = r.run_no ORDER BY l.batch DESC LIMIT 1) p ON true
LEFT JOIN run_end e ON e.run_no = r.run_no;
COMMENT ON VIEW run_status IS 'Runs, how far they are loaded, and whether they are complete.';

CREATE VIEW order_state AS
SELECT o.run_no, o.run_day, o.order_id, o.ts AS asked, s.ts AS since, coalesce(s.state, 'Requested') AS state, s.reason,
       name_of(o.run_no, 'strategy', o.strategy) AS strategy, name_of(o.run_no, 'account', o.account) AS account,
       name_of(o.run_no, 'venue', o.venue) AS venue, name_of(o.run_no, 'instrument', o.instrument) AS instrument,
       o.side, o.order_type, o.time_in_force, coalesce(s.quantity, o.quantity) AS quantity,
       coalesce(s.cumulative_quantity, 0) AS filled, coalesce(s.leaves_quantity, o.quantity) AS leaves,
       coalesce(s.price, o.price) AS price, coalesce(s.stop_price, o.stop_price) AS stop_price,
       CASE WHEN s.cumulative_quantity > 0 THEN s.filled_value END AS filled_value
FROM orders o
LEFT JOIN LATERAL (
    SELECT * FROM order_events e
    WHERE e.run_day = o.run_day AND e.run_no = o.run_no AND e.order_id = o.order_id AND e.event = 'update'
    ORDER BY e.position DESC LIMIT 1) s ON true;
COMMENT ON VIEW order_state IS 'Each order with its terms and its state as of the last record.';

CREATE VIEW open_orders AS
SELECT * FROM order_state WHERE state NOT IN ('Filled', 'Canceled', 'Rejected', 'Expired', 'Denied');
COMMENT ON VIEW open_orders IS 'Orders that are not in a final state, those of unknown fate included.';

CREATE VIEW unknown_orders AS SELECT * FROM order_state WHERE state = 'Unknown';
COMMENT ON VIEW unknown_orders IS 'Orders whose fate nobody knows: no answer from the venue in time.';

CREATE VIEW slow_orders AS
SELECT o.run_no, o.run_day, o.order_id, name_of(o.run_no, 'strategy', o.strategy) AS strategy,
       name_of(o.run_no, 'instrument', o.instrument) AS instrument, o.ts AS asked, a.ts AS answered, a.state,
       (a.ts_ns - o.ts_ns) / 1e9 AS seconds
FROM orders o
JOIN LATERAL (
    SELECT * FROM order_events e
    WHERE e.run_day = o.run_day AND e.run_no = o.run_no AND e.order_id = o.order_id AND e.event = 'update'
      AND e.state NOT IN ('PendingNew', 'Denied') ORDER BY e.position LIMIT 1) a ON true;
COMMENT ON VIEW slow_orders IS 'Time from the request to the venue''s first answer, for each order that got one: ORDER BY seconds DESC.';

CREATE VIEW fills_by_day AS
SELECT f.run_no, (f.ts AT TIME ZONE 'UTC')::date AS day, name_of(f.run_no, 'strategy', f.strategy) AS strategy,
       name_of(f.run_no, 'account', f.account) AS account, name_of(f.run_no, 'instrument', f.instrument) AS instrument, f.side,
       count(*) AS fills, sum(f.quantity) AS quantity, sum(f.quantity * f.price) AS value,
       sum(f.quantity * f.price) / nullif(sum(f.quantity), 0) AS average_price, sum(f.fee) AS fees
FROM fills f GROUP BY f.run_no, day, f.strategy, f.account, f.instrument, f.side;
COMMENT ON VIEW fills_by_day IS 'Fills by UTC day, strategy, account, instrument and side. Value is price x quantity, before a contract multiplier.';

CREATE VIEW pnl_by_day AS
SELECT f.run_no, (f.ts AT TIME ZONE 'UTC')::date AS day, name_of(f.run_no, 'strategy', f.strategy) AS strategy,
       name_of(f.run_no, 'account', f.account) AS account, name_of(f.run_no, 'currency', f.fee_currency) AS currency,
       count(*) AS fills, sum(f.realized) AS realized, sum(f.fee) AS fees, sum(f.realized) - sum(f.fee) AS net
FROM fills f GROUP BY f.run_no, day, f.strategy, f.account, f.fee_currency;
COMMENT ON VIEW pnl_by_day IS 'Realised profit (average cost) and fees by UTC day, strategy and account; currency is that of the fees.';

CREATE VIEW daily_volume AS
SELECT day, run_no, instrument, sum(orders) AS orders, sum(denied) AS denied, sum(fills) AS fills, sum(quantity) AS quantity,
       sum(value) AS value
FROM (
    SELECT (o.ts AT TIME ZONE 'UTC')::date AS day, o.run_no, name_of(o.run_no, 'instrument', o.instrument) AS instrument,
           1 AS orders, 0 AS denied, 0 AS fills, 0::numeric AS quantity, 0::numeric AS value FROM orders o
    UNION ALL
    SELECT (v.ts AT TIME ZONE 'UTC')::date, v.run_no, name_of(v.run_no, 'instrument', v.instrument), 0, 1, 0, 0, 0
    FROM verdicts v WHERE NOT v.approved AND v.request = 'new_order'
    UNION ALL
    SELECT (f.ts AT TIME ZONE 'UTC')::date, f.run_no, name_of(f.run_no, 'instrument', f.instrument), 0, 0, 1, f.quantity,
           f.quantity * f.price FROM fills f) AS parts
GROUP BY day, run_no, instrument;
COMMENT ON VIEW daily_volume IS 'Orders, denials, fills and traded quantity and value by UTC day and instrument.';

CREATE VIEW denied_orders AS
SELECT v.run_no, v.ts, v.order_id, name_of(v.run_no, 'strategy', v.strategy) AS strategy,
       name_of(v.run_no, 'account', v.account) AS account, name_of(v.run_no, 'instrument', v.instrument) AS instrument,
       v.request, v.first_failed, v.failed_codes, v.observed, v.limit_value, v.unit, v.explanation
FROM verdicts v WHERE NOT v.approved;
COMMENT ON VIEW denied_orders IS 'Requests that the gate refused, with all controls that refused and the reject text.';

CREATE VIEW denied_by_control AS
SELECT v.run_no, (v.ts AT TIME ZONE 'UTC')::date AS day, code AS control, name_of(v.run_no, 'strategy', v.strategy) AS strategy,
       count(*) AS requests, count(*) FILTER (WHERE code = v.first_failed) AS as_first
FROM verdicts v CROSS JOIN LATERAL unnest(v.failed_codes) AS code GROUP BY v.run_no, day, code, v.strategy;
COMMENT ON VIEW denied_by_control IS 'How often each control refused, by UTC day and strategy; a request counts for each control that refused it.';

CREATE VIEW holdings AS
SELECT DISTINCT ON (run_no, account, instrument) run_no, run_day, name_of(run_no, 'account', account) AS account,
       name_of(run_no, 'instrument', instrument) AS instrument, quantity, ts AS since
FROM (
    SELECT run_day, run_no, position, ts, account, instrument, position_after AS quantity FROM fills
    UNION ALL
    SELECT run_day, run_no, position, ts, account, instrument, quantity FROM positions WHERE event = 'position') AS changes
ORDER BY run_no, account, instrument, position DESC;
COMMENT ON VIEW holdings IS 'Position of each account in each instrument as of the last record.';

CREATE VIEW venue_reports AS
SELECT e.run_no, e.position, e.ts, e.ts_ns, name_of(e.run_no, 'instrument', e.instrument) AS instrument,
       name_of(e.run_no, 'venue', e.source) AS venue, payload_int8(e.payload, 40) AS order_id,
       payload_int8(e.payload, 48) AS venue_order_id, payload_int8(e.payload, 56) AS exec_id,
       (ARRAY['New', 'Trade', 'Canceled', 'Replaced', 'Rejected', 'Expired', 'Triggered', 'CancelRejected', 'ReplaceRejected'])
           [((payload_int8(e.payload, 104) >> 48) & 255) + 1] AS exec_type,
       payload_int8(e.payload, 64) / 1e9 AS last_price, payload_int8(e.payload, 72) / 1e8 AS last_quantity,
       payload_int8(e.payload, 80) / 1e8 AS leaves_quantity, payload_int8(e.payload, 88) / 1e8 AS cumulative_quantity,
       payload_int8(e.payload, 96) / 1e6 AS fee
FROM event e WHERE e.stream = 1 AND e.type = 30;
COMMENT ON VIEW venue_reports IS 'What the venues reported, word for word, read from the events'' payloads.';

CREATE FUNCTION around(at timestamptz, span interval DEFAULT '1 second', only_run integer DEFAULT NULL)
RETURNS TABLE (ts timestamptz, ts_ns bigint, run_no integer, "position" bigint, what text, order_id bigint, strategy text,
               instrument text, detail text) LANGUAGE sql STABLE AS $$
    SELECT w.ts, w.ts_ns, w.run_no, w.position, w.what, w.order_id, fermata.name_of(w.run_no, 'strategy', w.strategy),
           fermata.name_of(w.run_no, 'instrument', w.instrument), w.detail
    FROM (
        SELECT o.ts, o.ts_ns, o.run_no, o.position, 'order' AS what, o.order_id, o.strategy, o.instrument,
               concat_ws(' ', o.side, trim_scale(o.quantity), o.order_type, '@ ' || trim_scale(o.price),
                         'stop ' || trim_scale(o.stop_price), o.time_in_force) AS detail
        FROM fermata.orders o WHERE o.ts BETWEEN at - span AND at + span
        UNION ALL
        SELECT e.ts, e.ts_ns, e.run_no, e.position, e.event, e.order_id, e.strategy, e.instrument,
               concat_ws(' ', e.previous_state || ' -> ' || e.state, e.reason, 'filled ' || trim_scale(e.cumulative_quantity),
                         'of ' || trim_scale(e.quantity))
        FROM fermata.order_events e WHERE e.ts BETWEEN at - span AND at + span
        UNION ALL
        SELECT f.ts, f.ts_ns, f.run_no, f.position, 'fill', f.order_id, f.strategy, f.instrument,
               concat_ws(' ', f.side, trim_scale(f.quantity), '@ ' || trim_scale(f.price), 'fee ' || trim_scale(f.fee),
                         'position ' || trim_scale(f.position_after))
        FROM fermata.fills f WHERE f.ts BETWEEN at - span AND at + span
        UNION ALL
        SELECT v.ts, v.ts_ns, v.run_no, v.position, 'verdict', v.order_id, v.strategy, v.instrument,
               CASE WHEN v.approved THEN 'approved' ELSE v.explanation END
        FROM fermata.verdicts v WHERE v.ts BETWEEN at - span AND at + span
        UNION ALL
        SELECT c.ts, c.ts_ns, c.run_no, c.position, 'control', NULL, CASE WHEN c.scope = 'strategy' THEN c.target::integer END,
               CASE WHEN c.scope = 'instrument' THEN c.target END, concat_ws(' ', c.control, c.scope, c.state)
        FROM fermata.control_actions c WHERE c.ts BETWEEN at - span AND at + span
        UNION ALL
        SELECT p.ts, p.ts_ns, p.run_no, p.position, p.kind, NULL, p.strategy, p.instrument,
               concat_ws(' ', 'position', trim_scale(p.quantity), 'amount', trim_scale(p.amount))
        FROM fermata.positions p WHERE p.ts BETWEEN at - span AND at + span
        UNION ALL
        SELECT a.ts, a.ts_ns, a.run_no, a.position, 'alert', a.order_id, a.strategy, a.instrument,
               concat_ws(' ', a.code, a.detail_0, a.detail_1)
        FROM fermata.alerts a WHERE a.ts BETWEEN at - span AND at + span) AS w
    WHERE only_run IS NULL OR w.run_no = only_run
    ORDER BY w.ts_ns, w.run_no, w.position
$$;
COMMENT ON FUNCTION around(timestamptz, interval, integer) IS 'What happened around a time: orders, verdicts, changes of state, fills, control actions, positions and alerts, in order.';

GRANT SELECT ON ALL TABLES IN SCHEMA fermata TO fermata_reader;
