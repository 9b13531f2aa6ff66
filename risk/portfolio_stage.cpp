#include "risk/portfolio_stage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"

namespace fermata {
namespace {

constexpr Duration kDay = Duration::seconds(86'400);
constexpr std::size_t kNameBytes = 4096;  // of a window of history

/// An event at the end itself that reports what was (a quote, a bar that ends) belongs before it;
/// one that begins something (a session, a bar) behind it.
bool lies_behind(const MarketEvent& e, Timestamp end) noexcept {
    return e.ts > end || (e.ts == end && phase_of(e) != 0);
}

/// The end of the interval that `e` lies in; intervals are counted from 1970.
Timestamp end_of_interval(const MarketEvent& e, Duration length) noexcept {
    const std::int64_t over = ((e.ts.ns % length.ns) + length.ns) % length.ns;
    const Timestamp end{over == 0 ? e.ts.ns : e.ts.ns - over + length.ns};
    return lies_behind(e, end) ? end + length : end;
}

/// The date of the day that ends then.
Date date_before(Timestamp end) noexcept {
    const std::int64_t last = end.ns - 1;
    return Date{static_cast<std::int32_t>(last / kDay.ns - (last % kDay.ns < 0 ? 1 : 0))};
}

/// Sectors by the order in which they first appear; `known` gets their names.
std::vector<std::uint16_t> sectors_of(const InstrumentTable& instruments,
                                      std::vector<std::string>& known) {
    std::vector<std::uint16_t> sectors;
    for (const Instrument& instrument : instruments.all()) {
        if (instrument.sector.empty()) {
            sectors.push_back(portfolio::PortfolioSnapshot::kNoSector);
            continue;
        }
        const auto found = std::find(known.begin(), known.end(), instrument.sector);
        sectors.push_back(static_cast<std::uint16_t>(found - known.begin()));
        if (found == known.end()) known.push_back(instrument.sector);
    }
    return sectors;
}

std::vector<Quantity> volumes_of(const InstrumentTable& instruments) {
    std::vector<Quantity> volumes;
    for (const Instrument& instrument : instruments.all()) {
        volumes.push_back(instrument.average_daily_volume);
    }
    return volumes;
}

}  // namespace

bool needs_snapshots(const RiskConfig& config) noexcept {
    constexpr std::uint64_t kReaders = bit(ControlId::kVarParametric) |
                                       bit(ControlId::kVarHistorical) | bit(ControlId::kStress) |
                                       bit(ControlId::kCorrelated);
    return (config.enabled() & kReaders) != 0;
}

PortfolioStage::PortfolioStage(const InstrumentTable& instruments,
                               const PortfolioStageSettings& settings, SnapshotShelf& shelf,
                               Lanes lanes)
    : instruments_(instruments),
      settings_(settings),
      shelf_(shelf),
      lanes_(lanes),
      volumes_(volumes_of(instruments)),
      history_(instruments.size(), settings.window),
      marks_(instruments.size()),
      fresh_(instruments.size()),
      closes_(instruments.size()),
      window_passed_(settings.windows.size()) {
    FERMATA_ASSERT(settings_.every.ns > 0 &&
                   (kDay.ns % settings_.every.ns == 0 || settings_.every.ns % kDay.ns == 0));
    FERMATA_ASSERT(!settings_.benchmark || instruments_.contains(*settings_.benchmark));
    scenarios_.numbers = settings_.scenarios;
    sectors_ = sectors_of(instruments, scenarios_.sector_names);
    made_.prices.resize(instruments.size());
    next_.prices.resize(instruments.size());
}

Polled PortfolioStage::poll(std::size_t budget) {
    const std::uint64_t before = emitted_;
    if (waiting_) [[unlikely]]
        hand_out();
    std::size_t consumed = 0;
    while (consumed < budget && step()) ++consumed;
    return {consumed, emitted_ - before};
}

bool PortfolioStage::step() {
    const MarketEvent* e = lanes_.market->front();
    if (e == nullptr) return false;
    on_market(*e);
    lanes_.market->pop();
    return true;
}

void PortfolioStage::on_market(const MarketEvent& e) {
    if (lies_behind(e, day_end_)) [[unlikely]] {
        close_day();
        day_end_ = end_of_interval(e, kDay);
    }
    if (lies_behind(e, interval_end_)) [[unlikely]] {
        make(e);
        interval_end_ = end_of_interval(e, settings_.every);
    }
    feed_position_ = e.seq;
    newest_ = std::max(newest_, e.ts);
    if (e.instrument.value >= fresh_.size()) return;
    marks_.update(e);
    switch (e.type) {
        case MarketEventType::kQuote:
        case MarketEventType::kTrade:
        case MarketEventType::kBar:
        case MarketEventType::kBarOpen:
            fresh_[e.instrument.value] = 1;
            any_fresh_ = true;
            any_new_ = true;
            break;
        case MarketEventType::kCorporateAction:
            history_.apply(e.instrument.value, e.data.corporate_action);
            break;
        default:
            break;
    }
}

void PortfolioStage::close_day() {
    if (!any_fresh_) return;
    any_fresh_ = false;
    for (std::size_t i = 0; i < closes_.size(); ++i) {
        const Mark& mark = marks_[InstrumentId{static_cast<std::uint32_t>(i)}];
        closes_[i] = fresh_[i] != 0 ? static_cast<double>(mark.price().raw()) / Price::kOne
                                    : std::numeric_limits<double>::quiet_NaN();
        fresh_[i] = 0;
    }
    const Date day = date_before(day_end_);
    const auto added = history_.add_day(day, closes_);
    FERMATA_ASSERT(added.ok());  // market data ascends
    look_for_windows(day);
}

void PortfolioStage::look_for_windows(Date day) {
    for (std::size_t w = 0; w < settings_.windows.size(); ++w) {
        const PortfolioStageSettings::Window& window = settings_.windows[w];
        if (window_passed_[w] != 0 || day < window.to) continue;
        // Once it is over its returns never change, and its days leave the history some time.
        window_passed_[w] = 1;
        ScenarioWindow scenario = scenario_window(window.name, window.from, window.to, history_);
        if (std::all_of(scenario.returns.begin(), scenario.returns.end(),
                        [](double r) { return std::isnan(r); })) {
            continue;
        }
        scenarios_.windows.push_back(std::move(scenario));
    }
}

void PortfolioStage::make(const MarketEvent& at) {
    if (!any_new_) return;
    any_new_ = false;
    next_.as_of = newest_;
    next_.feed_position = feed_position_;
    for (std::size_t i = 0; i < next_.prices.size(); ++i) {
        const Mark& mark = marks_[InstrumentId{static_cast<std::uint32_t>(i)}];
        next_.prices[i] = mark.valid() ? mark.price() : Price{};
    }
    std::optional<Made> made = build(number_ + 1, next_);
    if (!made) return;
    std::swap(made_, next_);
    ++number_;
    if (number_ < first_wanted_) return;
    made->event.ts = at.ts;
    waiting_ = std::move(made);
    hand_out();
}

std::optional<PortfolioStage::Made> PortfolioStage::build(std::uint64_t number,
                                                          const Basis& basis) const {
    portfolio::SnapshotInputs inputs;
    inputs.number = number;
    inputs.as_of = basis.as_of;
    inputs.sectors = sectors_;
    inputs.average_daily_volumes = volumes_;
    if (settings_.benchmark) inputs.benchmark = settings_.benchmark->value;
    const auto measured = portfolio::make_snapshot(history_, inputs, settings_.estimate);
    if (!measured) return std::nullopt;
    Made made;
    made.snapshot = make_gate_snapshot(*measured, basis.prices, scenarios_);
    made.event = make_order_event(OrderEventType::kRiskSnapshot, basis.as_of, InstrumentId{0});
    made.event.cause = make_cause(CauseKind::kMarket, basis.feed_position);
    RiskSnapshotData& data = made.event.data.risk_snapshot;
    data = RiskSnapshotData{};
    data.number = number;
    data.digest = made.snapshot.digest;
    data.as_of = basis.as_of;
    data.feed_position = basis.feed_position;
    data.instruments = measured->instruments;
    data.measured = static_cast<std::uint32_t>(
        std::count(measured->measured.begin(), measured->measured.end(), std::uint8_t{1}));
    data.days = measured->days;
    return made;
}

void PortfolioStage::hand_out() {
    if (!shelf_.publish(std::move(waiting_->snapshot))) return;
    // The shelf has fewer places than the lane.
    const bool pushed = lanes_.snapshots->try_push(waiting_->event);
    FERMATA_ASSERT(pushed);
    waiting_.reset();
    ++emitted_;
}

bool PortfolioStage::restore_on_shelf(const OrderEvent& event) {
    const RiskSnapshotData& wanted = event.data.risk_snapshot;
    if (event.type != OrderEventType::kRiskSnapshot || wanted.number != number_) return false;
    std::optional<Made> made = build(number_, made_);
    return made && made->snapshot.digest == wanted.digest &&
           shelf_.publish(std::move(made->snapshot));
}

void PortfolioStage::persist(StateArchive& a) {
    a.section("portfolio", 1, [&] {
        a.require(!waiting_, "a risk snapshot waits for room");
        a(history_, marks_, fresh_, any_fresh_, any_new_, day_end_, interval_end_, newest_,
          feed_position_, number_, made_.as_of, made_.feed_position, made_.prices, window_passed_);
        scenarios_.windows.resize(
            a.count(scenarios_.windows.size(), a.ok() ? settings_.windows.size() : 0));
        for (ScenarioWindow& window : scenarios_.windows) {
            a.text(window.name, kNameBytes);
            window.returns.resize(instruments_.size());
            a(window.returns);
        }
    });
}

}  // namespace fermata
