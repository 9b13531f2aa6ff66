#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

bool is_power_of_two(const std::size_t& n) { return n != 0 && (n & (n - 1)) == 0; }

void check_account(Reader& reader, const Node& node, AccountSettings& account) {
    if (node.find("name") == nullptr) reader.define(kAccountName, account.name, node.place);
    if (account.cash) {
        // One form in the effective configuration: an amount a currency.
        account.balances = {{account.currency, *account.cash}};
        account.cash.reset();
    }
    for (const auto& [currency, amount] : account.balances) {
        if (!is_currency(currency)) {
            reader.problem_at(
                "cash", node.find("cash")->place,
                "found the currency " + in_quotes(currency) + ", expected " + kCurrencyPhrase);
        }
    }
    for (const auto& [currency, amount] : account.balances) {
        if (!amount.is_negative() || account.type == AccountConfig::Type::kMargin) continue;
        reader.problem_at("cash", node.find("cash")->place,
                          "found " + to_string(amount) + " " + currency +
                              ", expected at least 0: a cash account owes nothing");
    }
    account.balances.try_emplace(account.currency, Money::zero());
}

/// A list that is written only where there is one: a run without is called by the hash that it had
/// before there were any.
template <class T>
KeySpec written_if_any(KeySpec key, std::vector<T> Settings::* list) {
    key.dump = [dump = key.dump, list](const void* target, const std::vector<Part>& parts,
                                       Part own) -> std::optional<Node> {
        if ((detail::of<Settings>(target).*list).empty()) return std::nullopt;
        return dump(target, parts, own);
    };
    return key;
}

KeySpec sessions_key() {
    return written_if_any(Section<Settings>::list_key("sessions", &Settings::sessions,
                                                      session_section(), {.part = Part::kInput}),
                          &Settings::sessions);
}

KeySpec positions_key() {
    return written_if_any(
        Section<Settings>::list_key("positions", &Settings::positions, position_section(), {}),
        &Settings::positions);
}

}  // namespace

Section<RunSettings> run_section() {
    Section<RunSettings> s("run", "What part of history is run, how fast, and where results go.");
    s.key("name", &RunSettings::name, "Name of the run, for people and reports.",
          {.default_note = "the file's name", .part = Part::kOperation});
    s.key("from", &RunSettings::from,
          "First time of which events are delivered; a date means its first instant.",
          {.default_note = "the beginning of the data", .part = Part::kInput});
    s.key("to", &RunSettings::to,
          "End of the run: the last date, included; or the first time that is not delivered.",
          {.default_note = "the end of the data", .part = Part::kInput});
    s.key("zone", &RunSettings::zone,
          "Time zone of from and to, and of tick dates without a zone of their own.",
          {.default_note = "that of the instruments' calendars if they share one, else UTC",
           .part = Part::kInput});
    s.key("seed", &RunSettings::seed, "Seed of every random generator of the run.");
    s.key("speed", &RunSettings::speed,
          "Pace of the replay: max, or a multiple of the recorded pace.",
          {.part = Part::kOperation});
    s.key("out", &RunSettings::out, "Folder of the results; created if it does not exist.",
          {.default_note = "runs/NAME below the working directory, NAME being the file's",
           .part = Part::kOperation});
    s.choice("progress", &RunSettings::progress, "When a progress bar is shown.",
             {{"auto", ProgressBar::kAuto, "On a terminal."},
              {"always", ProgressBar::kAlways, "Always."},
              {"never", ProgressBar::kNever, "Never."}},
             {.part = Part::kOperation});
    s.key("benchmark", &RunSettings::benchmark,
          "Instrument against which the statistics measure beta, alpha and the like.",
          {.default_note = "none", .part = Part::kOperation});
    s.key("risk_free", &RunSettings::risk_free, "Risk-free rate a year, for the statistics.",
          {.part = Part::kOperation});
    s.key("periods_per_year", &RunSettings::periods_per_year,
          "Trading days a year, by which daily statistics are annualised: 252, or 365 for markets "
          "that never close.",
          {.minimum = 1, .maximum = 366, .part = Part::kOperation});
    s.key("equity_interval", &RunSettings::equity_interval,
          "Least time between two rows of equity.csv on quotes and trades; bars give one at each "
          "bar's end.",
          {.minimum = Duration::milliseconds(1), .part = Part::kOperation});
    return s;
}

Section<AccountSettings> account_section() {
    Section<AccountSettings> s("account", "An account with its opening balances.");
    s.key("name", &AccountSettings::name, "Name of the account.",
          {.valid = is_name, .expected = kNamePhrase, .defines = kAccountName});
    s.key("currency", &AccountSettings::currency, "Currency in which equity is stated.",
          {.required = true, .valid = is_currency, .expected = kCurrencyPhrase});
    KeySpec amount =
        scalar_key("cash", &AccountSettings::cash,
                   "Opening cash: an amount in the account's currency, or a map of currencies to "
                   "amounts; in a margin account it may be owed (negative).",
                   {.required = true});
    KeySpec amounts = value_map_key("cash", &AccountSettings::balances, "Opening cash by currency.",
                                    {.may_be_empty = false});
    s.add(
        either_key<AccountSettings>(std::move(amount), std::move(amounts),
                                    [](const AccountSettings& a) { return !a.balances.empty(); }));
    using Type = AccountConfig::Type;
    s.choice("type", &AccountSettings::type, "What the account may do.",
             {{"cash", Type::kCash, "No borrowing and no short sales."},
              {"margin", Type::kMargin, "Both, within the risk limits."}});
    using Book = AccountConfig::Book;
    s.choice("book", &AccountSettings::book, "Whose positions meet.",
             {{"netting", Book::kNetting,
               "One position an instrument: the fills of all strategies close each other's lots."},
              {"hedging", Book::kHedging,
               "One position a strategy and instrument, long and short side by side."}});
    s.choice("lots", &AccountSettings::lots, "Which tax lots a closing fill takes.",
             {{"fifo", LotMethod::kFifo, "The oldest first."},
              {"lifo", LotMethod::kLifo, "The newest first."},
              {"hifo", LotMethod::kHifo, "The one whose closing realises least first."},
              {"specific", LotMethod::kSpecific,
               "The one that `tax.identified` names for the fill; else the oldest first."}});
    using Margin = AccountConfig::Margin;
    s.choice("margin", &AccountSettings::margin,
             "What its positions must be covered by; at the end of a day less raises an alert.",
             {{"cash", Margin::kCash, "Everything is paid for in full."},
              {"reg_t", Margin::kRegT,
               "Regulation T and FINRA Rule 4210: 25% of long positions, 30% and more of short "
               "ones."},
              {"house", Margin::kHouse, "Haircuts by asset class."}},
             {.default_note = "cash for a cash account, reg_t for a margin account"});
    s.key("taxpayer", &AccountSettings::taxpayer,
          "Who owns it: a purchase in one account can disallow a loss in another one of the same "
          "taxpayer.",
          {.valid = is_name, .expected = kNamePhrase, .part = Part::kOperation});
    s.check(check_account);
    return s;
}

Section<DayEndSettings> day_end_section() {
    using S = DayEndSettings;
    const Options<Ratio> rate{.minimum = Ratio::zero(), .maximum = Ratio::from_units(10)};
    const Options<Ratio> any{.minimum = -Ratio::from_units(1), .maximum = Ratio::from_units(10)};
    Section<S> s("end_of_day",
                 "What the end of each UTC day of event time brings to the accounts: interest, "
                 "fees for borrowed stock, settlement of futures, alerts. docs/account.md.");
    s.add(value_map_key("debit", &S::debit,
                        "Annual interest on negative cash, by currency (act/360); 0.07 is 7%.",
                        rate));
    s.add(value_map_key("credit", &S::credit, "The same on positive cash; negative where it costs.",
                        any));
    s.add(value_map_key("borrow", &S::borrow,
                        "Annual fee for borrowed stock, by symbol, of the short position's value.",
                        rate, kSymbolName));
    s.key("borrow_default", &S::borrow_default, "The same for all other symbols.", rate);
    s.key("minimum_equity", &S::minimum_equity,
          "Least equity of a margin account that borrows or is short (FINRA 4210(b)).",
          {.minimum = Money::zero()});
    s.key("stale_after", &S::stale_after,
          "A position that is valued at an older price raises an alert; 0 is never.",
          {.minimum = Duration{}});
    return s;
}

Section<TaxConfig> tax_section() {
    Section<TaxConfig> s("tax", "How the tax lots of lots.csv are worked out.");
    s.key("wash_sales", &TaxConfig::wash_sales,
          "Disallow losses on stocks, funds, bonds and options as far as they are bought back "
          "within 30 days (IRC 1091).");
    s.key("fees_in_basis", &TaxConfig::fees_in_basis,
          "Fees raise the basis and lower the proceeds; else gains are before fees.");
    s.add(value_map_key("identified", &TaxConfig::identified,
                        "Which lot a closing fill takes in an account that closes lots by "
                        "`specific`: the number of the fill (its row in fills.csv, from 1) and the "
                        "number of the lot (the row of the fill that opened it).",
                        {.minimum = std::uint32_t{1}}));
    return s;
}

Section<JournalConfig> journal_section() {
    Section<JournalConfig> s("journal", "The record of everything that happened in the run.");
    s.key("enabled", &JournalConfig::enabled, "Whether a journal is written.");
    s.key("segment_bytes", &JournalConfig::segment_bytes, "Size at which a new segment is begun.",
          {.minimum = std::uint64_t{64} << 10, .maximum = std::uint64_t{4} << 30, .unit = "bytes"});
    s.choice("sync", &JournalConfig::sync, "When written records are forced to the disk.",
             {{"none", JournalSync::kNone,
               "The operating system writes when it likes: right for a replay, which can be "
               "repeated."},
              {"group", JournalSync::kGroup,
               "After each mebibyte of records, and when there is nothing else to do."},
              {"strict", JournalSync::kStrict,
               "Before an order leaves: it waits until its record survives a loss of power."}});
    s.choice("market", &JournalConfig::market, "What the journal holds of the market data.",
             {{"reference", MarketRecord::kReference,
               "The hashes of the sources, and the position in them for every record."},
              {"record", MarketRecord::kRecord,
               "Every event, so that the run can be re-run without the sources."}});
    s.key("market_messages", &JournalConfig::market_messages,
          "Whether the journal keeps the messages of market data sessions as they went over the "
          "wire. Those of all other sessions are always kept.");
    return s;
}

Section<EngineConfig> engine_section() {
    Section<EngineConfig> s("engine",
                            "What the stages run on, and sizes that are fixed at start; nothing "
                            "grows afterwards. Only `schedule` changes results.");
    constexpr std::size_t kLaneMax = std::size_t{1} << 24;
    constexpr std::size_t kTableMax = 100'000'000;
    const Options<std::size_t> lane{.minimum = 16,
                                    .maximum = kLaneMax,
                                    .unit = "events",
                                    .valid = is_power_of_two,
                                    .expected = "a power of two"};
    s.key("shards", &EngineConfig::shards, "Number of shards over which the strategies are spread.",
          {.minimum = 1, .maximum = 1'024});
    s.key("market_lane", &EngineConfig::market_lane, "Capacity of a market data lane.", lane);
    s.key("order_lane", &EngineConfig::order_lane, "Capacity of an order or report lane.", lane);
    s.key("orders_max", &EngineConfig::orders_max, "Live orders at the same time.",
          {.minimum = 1, .maximum = kTableMax, .unit = "orders"});
    s.key("timers_max", &EngineConfig::timers_max, "Pending timers of one shard.",
          {.minimum = 1, .maximum = kTableMax, .unit = "timers"});
    s.key("lots_max", &EngineConfig::lots_max, "Open tax lots of all accounts together.",
          {.minimum = 1, .maximum = kTableMax, .unit = "lots"});
    s.choice("schedule", &EngineConfig::schedule, "Which threads the stages run on.",
             {{"lockstep", RunSchedule::kLockstep,
               "One thread under a virtual clock: the same data gives the same results, always."},
              {"concurrent", RunSchedule::kConcurrent,
               "Threads of their own, as on a trading host: results depend on timing. The journal "
               "says what happened, and fermata journal rerun does it again."}});
    s.key("stall_limit", &EngineConfig::stall_limit,
          "How long a lane may stay full before a concurrent run is halted.",
          {.minimum = Duration::milliseconds(1)});
    return s;
}

namespace {

/// An exchange that members trade at needs none.
void check_root(Reader& reader, const Node& node, Settings& settings) {
    if (!settings.strategies.empty() || settings.exchange) return;
    const Reader::Step step(reader, "strategies");
    const Node* const found = node.find("strategies");
    if (found == nullptr) {
        reader.problem(node.place, "missing, expected a list of maps (or `exchange`, for a venue)");
    } else if (found->is(Node::Kind::kList) && found->items.empty()) {
        reader.problem(found->place, "found an empty list, expected at least one element");
    }
}

}  // namespace

Section<Settings> root_section(const StrategyRegistry& registry) {
    Section<Settings> s("",
                        "A run: what is traded, on which data, by which strategies, within "
                        "which limits.");
    s.choice(
        "mode", &Settings::mode, "What the pipeline is connected to.",
        {{"replay", Mode::kReplay, "Recorded data, virtual clock, simulated exchange."},
         {"paper", Mode::kPaper, "Live data, real clock, simulated exchange."},
         {"shadow", Mode::kShadow, "As paper, but approved orders are journaled and not sent."},
         {"live", Mode::kLive, "Live data, real clock, venues over FIX."}});
    s.section("run", &Settings::run, run_section());
    const Section<AccountSettings> account = account_section();
    s.section("account", &Settings::account, account);
    s.list("accounts", &Settings::accounts, account, {.may_be_empty = false});
    s.list("calendars", &Settings::calendars, calendar_section());
    s.list("instruments", &Settings::instruments, instrument_entry_section(),
           {.required = true, .may_be_empty = false});
    s.section("corporate_actions", &Settings::corporate_actions, corporate_actions_section(),
              Part::kInput);
    s.list("feeds", &Settings::feeds, feed_section(), {.required = true, .part = Part::kInput});
    s.list("venues", &Settings::venues, venue_section(), {.required = true, .may_be_empty = false});
    s.add(sessions_key());
    s.list("strategies", &Settings::strategies, strategy_section(registry));
    s.add(positions_key());
    s.section("risk", &Settings::risk, risk_section());
    s.section("end_of_day", &Settings::end_of_day, day_end_section());
    s.section("tax", &Settings::tax, tax_section(), Part::kOperation);
    s.section("journal", &Settings::journal, journal_section(), Part::kOperation);
    s.section("database", &Settings::database, database_section(), Part::kOperation);
    s.section("control", &Settings::control, control_section(), Part::kOperation);
    s.section("watchdog", &Settings::watchdog, watchdog_section(), Part::kOperation);
    s.section("exchange", &Settings::exchange, exchange_section(), Part::kOperation);
    s.section("engine", &Settings::engine, engine_section(), Part::kOperation);
    s.section("live", &Settings::live, live_section(), Part::kOperation);
    s.section("threads", &Settings::threads, threads_section(), Part::kOperation);
    s.section("portfolio_risk", &Settings::portfolio_risk, portfolio_risk_section(),
              Part::kOperation);
    s.check(check_root);
    return s;
}

}  // namespace fermata::config
