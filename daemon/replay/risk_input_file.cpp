#include "daemon/replay/risk_input_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "adapters/file/posix_file.hpp"
#include "adapters/openssl/openssl_hasher.hpp"
#include "core/base/csv_line.hpp"
#include "core/market/line_reader.hpp"
#include "core/port/feed.hpp"
#include "core/port/file_source.hpp"
#include "core/port/hashing_source.hpp"
#include "core/types/decimal.hpp"
#include "daemon/config/codec.hpp"
#include "risk/risk_config.hpp"

namespace fermata {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::size_t kMaxFields = 64;
constexpr std::string_view kSourceName = "risk inputs ";

enum Column : std::size_t {
    kTime,
    kKind,
    kScope,
    kTarget,
    kLimit,
    kFirst,
    kSecond,
    kActor,
    kApprover,
    kColumns
};
constexpr std::array<std::string_view, kColumns> kNames = {
    "time", "kind", "scope", "target", "limit", "first", "second", "actor", "approver"};

constexpr std::array kKinds = {
    RiskInputKind::kBand,        RiskInputKind::kNoBand,      RiskInputKind::kLocate,
    RiskInputKind::kClockOffset, RiskInputKind::kBuyingPower, RiskInputKind::kJournalLag,
    RiskInputKind::kDropCopy,    RiskInputKind::kRecovering,  RiskInputKind::kLimit,
    RiskInputKind::kRestrict,    RiskInputKind::kAcknowledge};

/// An instant; without an offset it is UTC, a date alone its first instant.
std::optional<Timestamp> parse_instant(std::string_view text) {
    constexpr std::int64_t kMinute = 60'000'000'000;
    constexpr std::int64_t kDay = 1'440 * kMinute;
    if (text.size() < 10) return std::nullopt;
    const auto civil = config::parse_civil_time(text);
    if (!civil) return std::nullopt;
    return Timestamp{civil->date.days * kDay + civil->ns_of_day.value_or(0) -
                     civil->offset_minutes.value_or(0) * kMinute};
}

class InputReader {
public:
    InputReader(std::unique_ptr<ByteSource> source, const RunNames& names)
        : name_(source->name()), lines_(std::move(source), kMaxLineBytes), names_(names) {}

    std::vector<OrderEvent> read() {
        if (!next_line()) fail("found an empty file, expected a line that names the columns");
        read_header();
        std::vector<OrderEvent> inputs;
        while (next_line()) {
            inputs.push_back(read_row());
            if (inputs.size() > 1 && inputs.back().ts < inputs[inputs.size() - 2].ts) {
                fail(kTime, "a time that is not before that of the row above");
            }
        }
        return inputs;
    }

private:
    [[noreturn]] void fail(const std::string& problem) const {
        throw FeedError(name_ + ":" + std::to_string(std::max<std::uint64_t>(line_.number, 1)) +
                        ": " + problem);
    }
    [[noreturn]] void fail(Column column, std::string_view expected) const {
        fail(std::string(kNames[column]) + ": found '" + clip(cell(column)) + "', expected " +
             std::string(expected));
    }

    bool next_line() {
        line_ = lines_.next();
        switch (line_.status) {
            case LineStatus::kEnd:
                return false;
            case LineStatus::kTooLong:
                fail("found a longer line, expected at most " + std::to_string(kMaxLineBytes) +
                     " bytes");
            case LineStatus::kEncoding:
                fail("found '" + clip(line_.text) + "', expected UTF-8 text");
            case LineStatus::kLine:
                break;
        }
        const auto count = split_csv_line(line_.text, ',', fields_);
        if (!count) {
            fail("found '" + clip(line_.text) + "', expected fields between commas (" +
                 std::string(describe(count.error())) + ")");
        }
        count_ = *count;
        return true;
    }

    void read_header() {
        for (std::size_t i = 0; i < count_; ++i) {
            const auto known = std::find(kNames.begin(), kNames.end(), fields_[i]);
            if (known == kNames.end()) {
                fail("found the column '" + clip(fields_[i]) + "', expected some of " + list());
            }
            auto& position = position_[static_cast<std::size_t>(known - kNames.begin())];
            if (position)
                fail("found the column '" + std::string(*known) + "' twice, expected it once");
            position = i;
        }
        for (const Column c : {kTime, kKind}) {
            if (position_[c]) continue;
            fail("found the columns '" + clip(line_.text) + "', expected '" +
                 std::string(kNames[c]) + "' among them");
        }
        width_ = count_;
    }
    static std::string list() {
        std::string text;
        for (const std::string_view name : kNames) {
            text += (text.empty() ? "" : ", ") + std::string(name);
        }
        return text;
    }

    /// Empty where the file has no such column.
    [[nodiscard]] std::string_view cell(Column column) const {
        return position_[column] ? fields_[*position_[column]] : std::string_view();
    }

    OrderEvent read_row() {
        if (count_ != width_) {
            fail("found " + std::to_string(count_) + " fields, expected " + std::to_string(width_) +
                 " as in the first line");
        }
        const auto time = parse_instant(cell(kTime));
        if (!time) fail(kTime, "a time such as 2024-01-31T14:30:00Z");
        OrderEvent e = make_order_event(OrderEventType::kRiskInput, *time, InstrumentId{0});
        RiskInputData& input = e.data.risk_input;
        input = RiskInputData{};
        input.kind = read_kind();
        used_ = {};
        used_[kTime] = used_[kKind] = used_[kActor] = used_[kApprover] = true;
        input.actors[0] = read_actor(kActor);
        input.actors[1] = read_actor(kApprover);
        read_values(e, input);
        for (std::size_t c = 0; c < kColumns; ++c) {
            if (used_[c] || cell(static_cast<Column>(c)).empty()) continue;
            fail(static_cast<Column>(c), "nothing for the kind " + std::string(name(input.kind)));
        }
        return e;
    }

    RiskInputKind read_kind() const {
        std::string all;
        for (const RiskInputKind kind : kKinds) {
            if (cell(kKind) == name(kind)) return kind;
            all += (all.empty() ? "" : ", ") + std::string(name(kind));
        }
        fail(kKind, "one of " + all);
    }

    std::uint32_t read_actor(Column column) const {
        const std::string_view text = cell(column);
        if (text.empty()) return kNoActor;
        std::uint32_t actor = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), actor);
        if (error != std::errc{} || rest != text.data() + text.size() || actor == kNoActor) {
            fail(column, "the number of a user, or nothing");
        }
        return actor;
    }

    void read_values(OrderEvent& e, RiskInputData& input) {
        const auto set = [&](std::size_t n, std::int64_t value) { input.values[n] = value; };
        switch (input.kind) {
            case RiskInputKind::kBand:
                e.instrument = instrument();
                set(0, number<Price>(kFirst, "a price of at most 9 decimals").raw());
                set(1, number<Price>(kSecond, "a price of at most 9 decimals").raw());
                if (input.values[0] > input.values[1]) fail(kSecond, "a price not below 'first'");
                break;
            case RiskInputKind::kNoBand:
                e.instrument = instrument();
                break;
            case RiskInputKind::kLocate: {
                e.instrument = instrument();
                const auto quantity =
                    number<Quantity>(kFirst, "a quantity of at most 8 decimals, not negative");
                if (quantity.is_negative()) fail(kFirst, "a quantity that is not negative");
                set(0, quantity.raw());
                break;
            }
            case RiskInputKind::kClockOffset:
                set(0, duration(kFirst, true).ns);
                break;
            case RiskInputKind::kBuyingPower:
                input.target = target(names_.accounts, "an account");
                set(0, number<Money>(kFirst, "an amount of at most 6 decimals").raw());
                break;
            case RiskInputKind::kJournalLag:
                set(0, duration(kFirst, false).ns);
                set(1, bytes());
                break;
            case RiskInputKind::kDropCopy:
                set(0, duration(kFirst, false).ns);
                break;
            case RiskInputKind::kRecovering: {
                const std::string_view text = take(kFirst);
                if (text != "true" && text != "false") fail(kFirst, "true or false");
                set(0, text == "true" ? 1 : 0);
                break;
            }
            case RiskInputKind::kLimit:
                read_limit(e, input);
                break;
            case RiskInputKind::kRestrict: {
                e.instrument = instrument();
                const auto time = [&](Column c, std::int64_t otherwise) {
                    if (take(c).empty()) return otherwise;
                    const auto t = parse_instant(cell(c));
                    if (!t) fail(c, "a time such as 2024-01-31T14:30:00Z, or nothing");
                    return t->ns;
                };
                set(0, time(kFirst, e.ts.ns));
                set(1, time(kSecond, Timestamp::never().ns));
                if (input.values[1] < input.values[0]) fail(kSecond, "a time not before 'first'");
                break;
            }
            case RiskInputKind::kAcknowledge:
                input.target = target(names_.strategies, "a strategy");
                break;
            case RiskInputKind::kBuild:
            case RiskInputKind::kNone:
                break;  // not among the kinds of a file
        }
    }

    void read_limit(OrderEvent& e, RiskInputData& input) {
        const std::string_view scope = take(kScope);
        if (scope == name(ControlScope::kFirm)) {
            input.scope = ControlScope::kFirm;
        } else if (scope == name(ControlScope::kAccount)) {
            input.scope = ControlScope::kAccount;
            input.target = target(names_.accounts, "an account");
        } else if (scope == name(ControlScope::kStrategy)) {
            input.scope = ControlScope::kStrategy;
            input.target = target(names_.strategies, "a strategy");
        } else if (scope == name(ControlScope::kInstrument)) {
            input.scope = ControlScope::kInstrument;
            e.instrument = instrument();
            input.target = e.instrument.value;
        } else {
            fail(kScope, "one of firm, account, strategy, instrument");
        }
        const std::string_view key = take(kLimit);
        const auto* limit =
            std::find_if(kLimits.begin(), kLimits.end(),
                         [&](const LimitDefinition& l) { return limit_key(l.id) == key; });
        if (limit == kLimits.end()) fail(kLimit, "a key of risk.limits");
        input.limit = static_cast<std::uint8_t>(limit->id);
        const auto value = parse_limit(limit->unit, take(kFirst));
        if (!value) fail(std::string(kNames[kFirst]) + ": " + clip(value.error(), 200));
        input.values[0] = *value;
    }

    /// The cell's text, which this kind has a use for.
    std::string_view take(Column column) {
        used_[column] = true;
        return cell(column);
    }
    template <class T>
    T number(Column column, std::string_view expected) {
        const auto value = parse<T>(take(column));
        if (!value) fail(column, expected);
        return *value;
    }
    Duration duration(Column column, bool negative) {
        std::string_view text = take(column);
        const bool minus = negative && text.starts_with('-');
        if (minus) text.remove_prefix(1);
        const auto value = config::parse_duration(text);
        if (!value || value->ns < 0) {
            fail(column, negative ? "a duration such as 250ms or -100us"
                                  : "a duration such as 250ms that is not negative");
        }
        return minus ? Duration{-value->ns} : *value;
    }
    std::int64_t bytes() {
        const auto value = config::parse_integer(take(kSecond));
        if (!value || *value < 0) fail(kSecond, "a number of bytes");
        return *value;
    }
    InstrumentId instrument() {
        const Instrument* found = names_.instruments->find(unescape_csv(take(kTarget)));
        if (found == nullptr) fail(kTarget, "the symbol of an instrument of the run");
        return found->id;
    }
    std::uint64_t target(const std::vector<std::string>& known, const std::string& kind) {
        const auto found = std::find(known.begin(), known.end(), unescape_csv(take(kTarget)));
        if (found == known.end()) fail(kTarget, "the name of " + kind + " of the run");
        return static_cast<std::uint64_t>(found - known.begin());
    }

    std::string name_;
    LineReader lines_;
    const RunNames& names_;
    Line line_;
    std::array<std::string_view, kMaxFields> fields_{};
    std::size_t count_ = 0;
    std::size_t width_ = 0;
    std::array<std::optional<std::size_t>, kColumns> position_{};
    std::array<bool, kColumns> used_{};  // by the row in hand
};

}  // namespace

RiskInputList read_risk_inputs(std::unique_ptr<ByteSource> source, const RunNames& names,
                               const HasherFactory& hasher) {
    RiskInputList list;
    list.source.name = std::string(kSourceName) + std::string(source->name());
    const auto digest = hasher();
    auto hashed = std::make_unique<HashingSource>(std::move(source), *digest);
    list.inputs = InputReader(std::move(hashed), names).read();
    list.source.hash = digest->finish();
    return list;
}

RiskInputList read_risk_inputs(const std::string& path, const RunNames& names) {
    PosixFileSystem files;
    return read_risk_inputs(std::make_unique<FileSource>(files, path), names, make_sha256);
}

bool is_risk_inputs(const JournalSource& source) noexcept {
    return source.name.starts_with(kSourceName);
}

}  // namespace fermata
