#include "adapters/generator/generator_feed.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fermata::generator {
namespace {

/// The algorithm's version: a change that changes events from the same settings counts it up.
constexpr int kAlgorithm = 1;

std::string name_of(const GeneratorConfig& config) {
    if (config.symbols.size() == 1) return "generator " + config.symbols.front();
    return "generator of " + std::to_string(config.symbols.size()) + " symbols";
}

}  // namespace

GeneratorFeed::GeneratorFeed(GeneratorConfig config, FeedPorts ports, std::size_t batch_events)
    : config_(std::move(config)),
      ports_(std::move(ports)),
      name_(name_of(config_)),
      batch_events_(batch_events) {
    if (const std::string problem = problem_of(config_); !problem.empty()) fail(problem);
    const std::vector<const Instrument*> instruments = find_instruments();
    const Calendar* calendar = find_calendar(instruments);

    Xoshiro256 random(config_.seed);
    World world{config_, calendar != nullptr, Market(config_, calendar, random), {}, random};
    random.jump();
    world.arrivals = random;
    world.listings.reserve(instruments.size());
    for (const Instrument* instrument : instruments) {
        check_sizes(*instrument);
        random.jump();
        world.listings.push_back({instrument, PricePath(config_, random, world.market.point())});
    }
    switch (config_.kind) {
        case GeneratorKind::kBars:
            source_ = make_bar_source(std::move(world));
            break;
        case GeneratorKind::kQuotes:
            source_ = make_quote_source(std::move(world));
            break;
        case GeneratorKind::kTrades:
            source_ = make_trade_source(std::move(world));
            break;
        case GeneratorKind::kDepth:
            source_ = make_depth_source(std::move(world));
            break;
    }
}

GeneratorFeed::~GeneratorFeed() = default;

void GeneratorFeed::fail(const std::string& what) const { throw FeedError(name_ + ": " + what); }

std::vector<const Instrument*> GeneratorFeed::find_instruments() const {
    std::vector<const Instrument*> found;
    for (const std::string& symbol : config_.symbols) {
        const Instrument* instrument = ports_.instruments->find(symbol);
        if (instrument == nullptr) fail("instrument '" + symbol + "' is not configured");
        if (std::find(found.begin(), found.end(), instrument) != found.end()) {
            fail("symbols: found '" + symbol + "' twice, expected every symbol once");
        }
        found.push_back(instrument);
    }
    return found;
}

/// The one calendar of all symbols, which must reach the whole range.
const Calendar* GeneratorFeed::find_calendar(
    const std::vector<const Instrument*>& instruments) const {
    const Calendar* calendar = ports_.calendar_of(*instruments.front());
    for (const Instrument* instrument : instruments) {
        if (ports_.calendar_of(*instrument) == calendar) continue;
        fail("'" + instruments.front()->symbol + "' and '" + instrument->symbol +
             "' have different calendars; give each calendar a generator of its own");
    }
    if (calendar == nullptr) return nullptr;
    if (config_.from < *calendar->start_of(calendar->first_day()) ||
        config_.to > *calendar->start_of(calendar->end_day())) {
        fail("calendar " + calendar->name() + " only reaches from " +
             format_iso_date(calendar->first_day()) + " to " +
             format_iso_date(calendar->end_day() - 1));
    }
    return calendar;
}

/// Prices and quantities have 64 bits; the settings of the two must leave room for the largest.
void GeneratorFeed::check_sizes(const Instrument& instrument) const {
    constexpr double kRoom = 4e18;
    const double ticks = config_.spread * kMeansMax + 2.0 * config_.levels;
    for (const TickRule& rule : instrument.ticks) {
        if (ticks * static_cast<double>(rule.tick.raw()) > kRoom) {
            fail("spread and levels are too large for the tick of '" + instrument.symbol + "'");
        }
    }
    if ((config_.size + 1) * kMeansMax * static_cast<double>(instrument.lot.raw()) > kRoom) {
        fail("size is too large for the lot of '" + instrument.symbol + "'");
    }
}

std::span<const MarketEvent> GeneratorFeed::next() {
    out_.clear();
    while (!ended_ && out_.size() < batch_events_) ended_ = !source_->append(out_);
    stats_.records = source_->records();
    stats_.events += out_.size();
    if (ended_ && stats_.events == 0) {
        fail("nothing happens between " + format_iso_timestamp(config_.from) + " and " +
             format_iso_timestamp(config_.to) + ": no session begins or the rate is too small");
    }
    return out_;
}

std::string GeneratorFeed::source_hash() const {
    if (!ports_.hasher) return "none";
    std::string text =
        "fermata generator " + std::to_string(kAlgorithm) + "\n" + canonical_text(config_);
    for (const std::string& symbol : config_.symbols) {
        const Instrument& instrument = *ports_.instruments->find(symbol);
        text += "instrument " + symbol + " lot=" + std::to_string(instrument.lot.raw()) +
                " calendar=" + instrument.calendar;
        for (const TickRule& rule : instrument.ticks) {
            text += " tick=" + std::to_string(rule.from.ns) + ":" + std::to_string(rule.tick.raw());
        }
        text += "\n";
    }
    const std::unique_ptr<Hasher> hasher = ports_.hasher();
    hasher->update(std::as_bytes(std::span(text)));
    return hasher->finish();
}

double GeneratorFeed::progress() const noexcept {
    if (ended_) return 1.0;
    const double passed = static_cast<double>((source_->now() - config_.from).ns);
    return std::clamp(passed / static_cast<double>((config_.to - config_.from).ns), 0.0, 1.0);
}

}  // namespace fermata::generator
