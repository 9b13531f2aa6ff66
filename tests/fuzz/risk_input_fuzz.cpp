// Any bytes as the file of what the gate is told during a replay: it is refused with the file's
// name, the line, what was found and what was expected, or it says things that ascend in time and
// that the run knows, and that are the same when they are written out and read again. In which
// pieces the file arrives makes no difference.
//
// The first byte chooses a header that is put in front; the second is the size of the pieces.

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/base/assert.hpp"
#include "core/port/byte_source.hpp"
#include "core/port/feed.hpp"
#include "core/types/decimal.hpp"
#include "daemon/config/codec.hpp"
#include "daemon/replay/risk_input_file.hpp"
#include "risk/controls.hpp"
#include "tests/fuzz/feed_check.hpp"

namespace {

using namespace fermata;

constexpr std::string_view kHeaders[] = {
    "", "time,kind,scope,target,limit,first,second,actor,approver\n",
    "kind,time,target,first,second\n", "\xef\xbb\xbftime,kind,actor,approver,first,second\r\n"};

/// Names with what must be quoted in such a file.
struct World {
    World() {
        names.instruments = &instruments;
        names.strategies = {"one", "two \"2\""};
        names.accounts = {"main", "b,c"};
        names.venues = {"sim"};
    }
    InstrumentTable instruments = fuzz::instruments({"AAA", "B,\"B"});
    RunNames names;
};
const World& world() {
    static const World made;
    return made;
}

RiskInputList read(std::string_view file, std::size_t bytes_a_read) {
    return read_risk_inputs(std::make_unique<MemorySource>(file, "fuzz.csv", bytes_a_read),
                            world().names, make_sha256);
}

/// What was read, or why not.
struct Outcome {
    std::vector<OrderEvent> inputs;
    std::string refused;
};
Outcome outcome(std::string_view file, std::size_t bytes_a_read) {
    try {
        return {read(file, bytes_a_read).inputs, {}};
    } catch (const FeedError& e) {
        return {{}, e.what()};
    }
}

void check_refusal(std::string_view what, std::size_t lines_max) {
    constexpr std::string_view kName = "fuzz.csv:";
    FERMATA_ASSERT(what.starts_with(kName));
    what.remove_prefix(kName.size());
    std::size_t line = 0;
    FERMATA_ASSERT(!what.empty() && std::isdigit(static_cast<unsigned char>(what[0])) != 0);
    while (!what.empty() && std::isdigit(static_cast<unsigned char>(what[0])) != 0) {
        line = line * 10 + static_cast<std::size_t>(what[0] - '0');
        what.remove_prefix(1);
    }
    FERMATA_ASSERT(line >= 1 && line <= lines_max && what.starts_with(": "));
    what.remove_prefix(2);
    // The field, unless it is the line itself.
    constexpr std::string_view kColumns[] = {"time",  "kind",   "scope", "target",  "limit",
                                             "first", "second", "actor", "approver"};
    const bool names_field =
        std::any_of(std::begin(kColumns), std::end(kColumns),
                    [&](std::string_view c) { return what.starts_with(std::string(c) + ": "); });
    FERMATA_ASSERT(names_field || what.starts_with("found "));
    FERMATA_ASSERT(what.find("found ") != std::string_view::npos);
    FERMATA_ASSERT(what.find("expected ") != std::string_view::npos);
    for (const char c : what) FERMATA_ASSERT(c >= 0x20 && c < 0x7f);
}

std::string in_cell(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        out += c;
        if (c == '"') out += c;
    }
    return out + '"';
}

/// In UTC; near the ends of what can be written, in a zone in which it lies further inside.
std::string time_cell(std::int64_t ns) {
    constexpr std::int64_t kDay = 86'400'000'000'000;
    constexpr std::int64_t kZone = 14 * 60;
    const std::int32_t offset = ns < 0 ? kZone : ns > 0 ? -kZone : 0;
    const std::int64_t local = ns + offset * std::int64_t{60'000'000'000};
    std::int64_t day = local / kDay, of_day = local % kDay;
    if (of_day < 0) {
        of_day += kDay;
        --day;
    }
    config::CivilTime time;
    time.date = Date{static_cast<decltype(Date::days)>(day)};
    time.ns_of_day = of_day;
    time.offset_minutes = offset;
    return config::format_civil_time(time);
}

std::string duration_cell(std::int64_t ns) {
    return (ns < 0 ? "-" : "") + config::format_duration(Duration{ns < 0 ? -ns : ns});
}

std::string limit_cell(LimitUnit unit, std::int64_t raw) {
    switch (unit) {
        case LimitUnit::kQuantity:
            return format_decimal(raw, Quantity::kDecimals);
        case LimitUnit::kPrice:
            return format_decimal(raw, Price::kDecimals);
        case LimitUnit::kMoney:
            return format_decimal(raw, Money::kDecimals);
        case LimitUnit::kRatio:
            return format_decimal(raw, Ratio::kDecimals);
        case LimitUnit::kDuration:
            return std::to_string(raw) + "ns";
        default:
            return std::to_string(raw);
    }
}

std::string actor_cell(std::uint32_t actor) {
    return actor == kNoActor ? std::string() : std::to_string(actor);
}

/// The row that says it.
std::string row_of(const OrderEvent& e) {
    const RiskInputData& d = e.data.risk_input;
    const std::string instrument = in_cell((*world().names.instruments)[e.instrument].symbol);
    const auto account = [&] { return in_cell(world().names.accounts.at(d.target)); };
    const auto strategy = [&] { return in_cell(world().names.strategies.at(d.target)); };
    std::string scope, target, limit, first, second;
    switch (d.kind) {
        case RiskInputKind::kBand:
            target = instrument;
            first = format_decimal(d.values[0], Price::kDecimals);
            second = format_decimal(d.values[1], Price::kDecimals);
            FERMATA_ASSERT(d.values[0] <= d.values[1]);
            break;
        case RiskInputKind::kNoBand:
            target = instrument;
            break;
        case RiskInputKind::kLocate:
            target = instrument;
            first = format_decimal(d.values[0], Quantity::kDecimals);
            FERMATA_ASSERT(d.values[0] >= 0);
            break;
        case RiskInputKind::kClockOffset:
            first = duration_cell(d.values[0]);
            break;
        case RiskInputKind::kBuyingPower:
            target = account();
            first = format_decimal(d.values[0], Money::kDecimals);
            break;
        case RiskInputKind::kJournalLag:
            first = duration_cell(d.values[0]);
            second = std::to_string(d.values[1]);
            FERMATA_ASSERT(d.values[0] >= 0 && d.values[1] >= 0);
            break;
        case RiskInputKind::kDropCopy:
            first = duration_cell(d.values[0]);
            FERMATA_ASSERT(d.values[0] >= 0);
            break;
        case RiskInputKind::kRecovering:
            first = d.values[0] != 0 ? "true" : "false";
            break;
        case RiskInputKind::kLimit:
            scope = name(d.scope);
            limit = limit_key(static_cast<LimitId>(d.limit));
            first = limit_cell(limit_definition(static_cast<LimitId>(d.limit)).unit, d.values[0]);
            target = d.scope == ControlScope::kAccount      ? account()
                     : d.scope == ControlScope::kStrategy   ? strategy()
                     : d.scope == ControlScope::kInstrument ? instrument
                                                            : "";
            FERMATA_ASSERT(d.scope != ControlScope::kVenue);
            FERMATA_ASSERT(d.scope != ControlScope::kInstrument || d.target == e.instrument.value);
            break;
        case RiskInputKind::kRestrict:
            target = instrument;
            first = time_cell(d.values[0]);
            if (d.values[1] != Timestamp::never().ns) second = time_cell(d.values[1]);
            FERMATA_ASSERT(d.values[0] <= d.values[1]);
            break;
        case RiskInputKind::kAcknowledge:
            target = strategy();
            break;
        case RiskInputKind::kBuild:
        case RiskInputKind::kNone:
            FERMATA_ASSERT(false);
    }
    return time_cell(e.ts.ns) + ',' + std::string(name(d.kind)) + ',' + scope + ',' + target + ',' +
           limit + ',' + first + ',' + second + ',' + actor_cell(d.actors[0]) + ',' +
           actor_cell(d.actors[1]) + '\n';
}

void check_equal(const std::vector<OrderEvent>& a, const std::vector<OrderEvent>& b) {
    FERMATA_ASSERT(a.size() == b.size());
    for (std::size_t n = 0; n < a.size(); ++n) {
        const RiskInputData& x = a[n].data.risk_input;
        const RiskInputData& y = b[n].data.risk_input;
        FERMATA_ASSERT(a[n].type == OrderEventType::kRiskInput && b[n].type == a[n].type);
        FERMATA_ASSERT(a[n].ts == b[n].ts && a[n].instrument == b[n].instrument);
        FERMATA_ASSERT(std::equal(std::begin(x.values), std::end(x.values), std::begin(y.values)));
        FERMATA_ASSERT(std::equal(std::begin(x.actors), std::end(x.actors), std::begin(y.actors)));
        FERMATA_ASSERT(x.target == y.target && x.kind == y.kind);
        FERMATA_ASSERT(x.scope == y.scope && x.limit == y.limit);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    std::string file(kHeaders[data[0] % std::size(kHeaders)]);
    file.append(reinterpret_cast<const char*>(data) + 2, size - 2);

    const Outcome found = outcome(file, std::string_view::npos);
    const Outcome in_pieces = outcome(file, std::size_t{1} + data[1]);
    FERMATA_ASSERT(found.refused == in_pieces.refused);
    check_equal(found.inputs, in_pieces.inputs);
    if (!found.refused.empty()) {
        check_refusal(found.refused,
                      1 + static_cast<std::size_t>(std::count(file.begin(), file.end(), '\n')));
        return 0;
    }
    std::string written(kHeaders[1]);
    Timestamp last = Timestamp::min();
    for (const OrderEvent& e : found.inputs) {
        FERMATA_ASSERT(e.ts >= last);
        last = e.ts;
        written += row_of(e);
    }
    // No catch: what was taken is taken again.
    check_equal(read(written, std::string_view::npos).inputs, found.inputs);
    return 0;
}
