-- Version 2: what the gate decided, what was filled, and what followed from it.

CREATE TABLE fills (
    run_day                 date NOT NULL,
    run_no                  integer NOT NULL,
    order_id                bigint NOT NULL,
    position                bigint NOT NULL,
    ts                      timestamptz NOT NULL,
    ts_ns                   bigint NOT NULL,
    order_tag               bigint NOT NULL,
    exec_id                 bigint NOT NULL,
    strategy                integer NOT NULL,
    account                 integer NOT NULL,
    instrument              bigint NOT NULL,
    side                    text NOT NULL,
    quantity                numeric NOT NULL,
    price                   numeric NOT NULL,
    fee                     numeric NOT NULL,
    fee_currency            integer NOT NULL,
    liquidity               text,
    realized                numeric NOT NULL,
    cash_after              numeric NOT NULL,
    position_after          numeric NOT NULL,
    strategy_position_after numeric NOT NULL,
    PRIMARY KEY (run_day, run_no, order_id, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX fills_ts ON fills USING brin (ts);
COMMENT ON TABLE fills IS 'Fills as they were booked.';
COMMENT ON COLUMN fills.run_day IS 'run.run_day.';
COMMENT ON COLUMN fills.run_no IS 'The run.';
COMMENT ON COLUMN fills.order_id IS 'Client order id.';
COMMENT ON COLUMN fills.position IS 'Position in stream 1.';
COMMENT ON COLUMN fills.ts IS 'When it was booked (UTC), to the microsecond.';
COMMENT ON COLUMN fills.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN fills.order_tag IS 'The strategy''s own count of its orders.';
COMMENT ON COLUMN fills.exec_id IS 'The venue''s execution id.';
COMMENT ON COLUMN fills.strategy IS 'Strategy id, see run_name.';
COMMENT ON COLUMN fills.account IS 'Account id, see run_name.';
COMMENT ON COLUMN fills.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN fills.side IS 'BUY or SELL.';
COMMENT ON COLUMN fills.quantity IS 'Quantity of this fill in units, 8 decimals.';
COMMENT ON COLUMN fills.price IS 'Price in the instrument''s currency, 9 decimals.';
COMMENT ON COLUMN fills.fee IS 'Commission of this fill, 6 decimals; negative is a rebate.';
COMMENT ON COLUMN fills.fee_currency IS 'Currency id of the fee, see run_name.';
COMMENT ON COLUMN fills.liquidity IS 'maker or taker; null when the venue does not say.';
COMMENT ON COLUMN fills.realized IS 'Profit realised by this fill in the instrument''s currency: average cost, before fees, 6 decimals.';
COMMENT ON COLUMN fills.cash_after IS 'Cash of the account in the instrument''s currency after the fill, 6 decimals.';
COMMENT ON COLUMN fills.position_after IS 'Position of the account in the instrument after the fill, signed, 8 decimals.';
COMMENT ON COLUMN fills.strategy_position_after IS 'Position of the strategy in the instrument after the fill, likewise.';

CREATE TABLE verdicts (
    run_day       date NOT NULL,
    run_no        integer NOT NULL,
    order_id      bigint NOT NULL,
    position      bigint NOT NULL,
    ts            timestamptz NOT NULL,
    ts_ns         bigint NOT NULL,
    order_tag     bigint NOT NULL,
    strategy      integer NOT NULL,
    account       integer NOT NULL,
    instrument    bigint NOT NULL,
    request       text NOT NULL,
    approved      boolean NOT NULL,
    failed        bigint NOT NULL,
    checked       bigint NOT NULL,
    failed_codes  text[] NOT NULL,
    first_failed  text,
    scope         text,
    unit          text,
    observed      numeric,
    limit_value   numeric,
    reference     numeric NOT NULL,
    equity        numeric NOT NULL,
    rules         bigint NOT NULL,
    explanation   text,
    PRIMARY KEY (run_day, run_no, order_id, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX verdicts_ts ON verdicts USING brin (ts);
COMMENT ON TABLE verdicts IS 'Decisions of the gate on new orders and replacements, approvals included.';
COMMENT ON COLUMN verdicts.run_day IS 'run.run_day.';
COMMENT ON COLUMN verdicts.run_no IS 'The run.';
COMMENT ON COLUMN verdicts.order_id IS 'Client order id.';
COMMENT ON COLUMN verdicts.position IS 'Position in stream 1.';
COMMENT ON COLUMN verdicts.ts IS 'When it was decided (UTC), to the microsecond.';
COMMENT ON COLUMN verdicts.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN verdicts.order_tag IS 'The strategy''s own count of its orders.';
COMMENT ON COLUMN verdicts.strategy IS 'Strategy id, see run_name.';
COMMENT ON COLUMN verdicts.account IS 'Account id, see run_name.';
COMMENT ON COLUMN verdicts.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN verdicts.request IS 'What was judged: new_order or replace.';
COMMENT ON COLUMN verdicts.approved IS 'Whether the request may go to the venue.';
COMMENT ON COLUMN verdicts.failed IS 'Bit i set: control i refused, see control.';
COMMENT ON COLUMN verdicts.checked IS 'Bit i set: control i was evaluated.';
COMMENT ON COLUMN verdicts.failed_codes IS 'Codes of all controls that refused, in the order of their bits.';
COMMENT ON COLUMN verdicts.first_failed IS 'Code of the first control that refused; null when approved.';
COMMENT ON COLUMN verdicts.scope IS 'Scope in which it refused: order, strategy, instrument, account, firm; null when approved.';
COMMENT ON COLUMN verdicts.unit IS 'Unit of observed and limit_value: count, per second, quantity, price, money, ratio, duration (seconds), trading state, fault (a number, named in explanation), identifier; null when approved.';
COMMENT ON COLUMN verdicts.observed IS 'What the first control that refused saw, in that unit; null when approved.';
COMMENT ON COLUMN verdicts.limit_value IS 'The limit that it compared with; null when approved.';
COMMENT ON COLUMN verdicts.reference IS 'Mid or last price that the decision used, 9 decimals; 0 when there was none.';
COMMENT ON COLUMN verdicts.equity IS 'Equity of the account that the decision used, 6 decimals.';
COMMENT ON COLUMN verdicts.rules IS 'First 8 bytes of the hash of the rules in force.';
COMMENT ON COLUMN verdicts.explanation IS 'The reject text: code, scope, observed, limit, rules; null when approved.';

CREATE TABLE control_actions (
    run_day       date NOT NULL,
    run_no        integer NOT NULL,
    position      bigint NOT NULL,
    ts            timestamptz NOT NULL,
    ts_ns         bigint NOT NULL,
    scope         text NOT NULL,
    target        bigint NOT NULL,
    state         text NOT NULL,
    cancel_orders boolean NOT NULL,
    control       text NOT NULL,
    PRIMARY KEY (run_day, run_no, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX control_actions_ts ON control_actions USING brin (ts);
COMMENT ON TABLE control_actions IS 'Changes of a trading state: by an operator, or by a control that tripped.';
COMMENT ON COLUMN control_actions.run_day IS 'run.run_day.';
COMMENT ON COLUMN control_actions.run_no IS 'The run.';
COMMENT ON COLUMN control_actions.position IS 'Position in stream 1.';
COMMENT ON COLUMN control_actions.ts IS 'When it took effect (UTC), to the microsecond.';
COMMENT ON COLUMN control_actions.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN control_actions.scope IS 'firm, account, strategy or instrument.';
COMMENT ON COLUMN control_actions.target IS 'Id within the scope, see run_name; 0 for the firm.';
COMMENT ON COLUMN control_actions.state IS 'ACTIVE, REDUCING or HALTED.';
COMMENT ON COLUMN control_actions.cancel_orders IS 'Whether open orders were canceled as well.';
COMMENT ON COLUMN control_actions.control IS 'Code of the control that tripped, or operator.';

CREATE TABLE positions (
    run_day           date NOT NULL,
    run_no            integer NOT NULL,
    position          bigint NOT NULL,
    ts                timestamptz NOT NULL,
    ts_ns             bigint NOT NULL,
    event             text NOT NULL,
    kind              text NOT NULL,
    strategy          integer,
    account           integer NOT NULL,
    instrument        bigint NOT NULL,
    quantity          numeric NOT NULL,
    strategy_quantity numeric NOT NULL,
    cash              numeric NOT NULL,
    currency          integer NOT NULL,
    amount            numeric NOT NULL,
    numerator         bigint NOT NULL,
    denominator       bigint NOT NULL,
    PRIMARY KEY (run_day, run_no, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX positions_ts ON positions USING brin (ts);
COMMENT ON TABLE positions IS 'Positions and cash after something other than a fill (split, dividend). Fills carry the position after them.';
COMMENT ON COLUMN positions.run_day IS 'run.run_day.';
COMMENT ON COLUMN positions.run_no IS 'The run.';
COMMENT ON COLUMN positions.position IS 'Position of the record in stream 1 (not the holding).';
COMMENT ON COLUMN positions.ts IS 'Event time (UTC), to the microsecond.';
COMMENT ON COLUMN positions.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN positions.event IS 'position: a holding changed; account: cash or the account changed.';
COMMENT ON COLUMN positions.kind IS 'split or dividend.';
COMMENT ON COLUMN positions.strategy IS 'Strategy id, see run_name; null for the account as a whole.';
COMMENT ON COLUMN positions.account IS 'Account id, see run_name.';
COMMENT ON COLUMN positions.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN positions.quantity IS 'Position of the account in the instrument, signed, 8 decimals.';
COMMENT ON COLUMN positions.strategy_quantity IS 'Position of the strategy, likewise.';
COMMENT ON COLUMN positions.cash IS 'Cash of the account in the currency, 6 decimals.';
COMMENT ON COLUMN positions.currency IS 'Currency id, see run_name.';
COMMENT ON COLUMN positions.amount IS 'Cash that moved, 6 decimals.';
COMMENT ON COLUMN positions.numerator IS 'Split: new units ...';
COMMENT ON COLUMN positions.denominator IS '... per this many old ones; 1 otherwise.';

CREATE TABLE equity (
    run_day       date NOT NULL,
    run_no        integer NOT NULL,
    position      bigint NOT NULL,
    ts            timestamptz NOT NULL,
    ts_ns         bigint NOT NULL,
    kind          text NOT NULL,
    account       integer,
    currency      integer,
    equity        numeric NOT NULL,
    cash          numeric,
    gross         numeric,
    realized      numeric,
    unrealized    numeric,
    fees          numeric,
    state_hash    bigint,
    market_events bigint,
    PRIMARY KEY (run_day, run_no, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX equity_ts ON equity USING brin (ts);
COMMENT ON TABLE equity IS 'What accounts are worth, sampled during the run, and the mark at its end.';
COMMENT ON COLUMN equity.run_day IS 'run.run_day.';
COMMENT ON COLUMN equity.run_no IS 'The run.';
COMMENT ON COLUMN equity.position IS 'Position of the record in stream 1.';
COMMENT ON COLUMN equity.ts IS 'Event time (UTC), to the microsecond.';
COMMENT ON COLUMN equity.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN equity.kind IS 'sample: one account; mark: the end of the run.';
COMMENT ON COLUMN equity.account IS 'Account id, see run_name; null on a mark.';
COMMENT ON COLUMN equity.currency IS 'Currency id of the amounts (the account''s base currency); null on a mark.';
COMMENT ON COLUMN equity.equity IS 'Cash and positions at their marks, 6 decimals.';
COMMENT ON COLUMN equity.cash IS 'Cash of the base currency, 6 decimals.';
COMMENT ON COLUMN equity.gross IS 'Sum of the absolute position values, 6 decimals.';
COMMENT ON COLUMN equity.realized IS 'Profit realised so far: average cost, before fees, 6 decimals.';
COMMENT ON COLUMN equity.unrealized IS 'Open profit, likewise.';
COMMENT ON COLUMN equity.fees IS 'Fees paid so far, 6 decimals.';
COMMENT ON COLUMN equity.state_hash IS 'Mark: hash of all orders and accounts; two runs that agree here ended in the same state.';
COMMENT ON COLUMN equity.market_events IS 'Mark: market events of the run.';

CREATE TABLE alerts (
    run_day    date NOT NULL,
    run_no     integer NOT NULL,
    position   bigint NOT NULL,
    ts         timestamptz NOT NULL,
    ts_ns      bigint NOT NULL,
    code       text NOT NULL,
    order_id   bigint,
    strategy   integer,
    account    integer,
    instrument bigint NOT NULL,
    detail_0   bigint NOT NULL,
    detail_1   bigint NOT NULL,
    PRIMARY KEY (run_day, run_no, position)
) PARTITION BY RANGE (run_day);
CREATE INDEX alerts_ts ON alerts USING brin (ts);
COMMENT ON TABLE alerts IS 'What a person should look at.';
COMMENT ON COLUMN alerts.run_day IS 'run.run_day.';
COMMENT ON COLUMN alerts.run_no IS 'The run.';
COMMENT ON COLUMN alerts.position IS 'Position in stream 1.';
COMMENT ON COLUMN alerts.ts IS 'Event time (UTC), to the microsecond.';
COMMENT ON COLUMN alerts.ts_ns IS 'The same in nanoseconds since 1970.';
COMMENT ON COLUMN alerts.code IS 'illegal_transition, unknown_order, duplicate_execution, overfill, lane_full, halt, state_changed, number_overflow, feed_skipped, gap, record_lag.';
COMMENT ON COLUMN alerts.order_id IS 'Client order id; null when it is about no order.';
COMMENT ON COLUMN alerts.strategy IS 'Strategy id when it is about an order, see run_name.';
COMMENT ON COLUMN alerts.account IS 'Account id when it is about an order, see run_name.';
COMMENT ON COLUMN alerts.instrument IS 'Instrument id, see run_name.';
COMMENT ON COLUMN alerts.detail_0 IS 'feed_skipped: line of the source; gap: events lost; record_lag: bytes behind.';
COMMENT ON COLUMN alerts.detail_1 IS 'feed_skipped: number of the reason; record_lag: nanoseconds behind.';
