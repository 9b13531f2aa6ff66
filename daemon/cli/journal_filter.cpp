#include "daemon/cli/journal_filter.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "adapters/fix/order_text.hpp"
#include "daemon/cli/event_fields.hpp"
#include "daemon/cli/id_text.hpp"
#include "daemon/cli/stream_name.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

constexpr std::size_t kNamesListed = 50;

/// "no strategy is called "smaa" in this run; there are: sma rsi"
template <class Names>
Err<std::string> unknown(std::string_view what, const std::string& text, const Names& known) {
    std::string message = "no " + std::string(what) + " is called \"" + text + "\"; there are:";
    std::size_t listed = 0;
    for (const auto& entry : known) {
        if (listed++ == kNamesListed) break;
        message.append(" ").append(entry);
    }
    if (known.empty()) message += " none";
    if (known.size() > kNamesListed) {
        message += " and " + std::to_string(known.size() - kNamesListed) + " more";
    }
    return Err{std::move(message)};
}

template <class Id>
Status<std::string> look_up(std::string_view what, const std::vector<std::string>& wanted,
                            const std::vector<std::string>& known, std::vector<Id>& out) {
    for (const std::string& text : wanted) {
        const auto found = std::find(known.begin(), known.end(), text);
        if (found == known.end()) return unknown(what, text, known);
        out.push_back(Id{static_cast<decltype(Id::value)>(found - known.begin())});
    }
    return Unit{};
}

Status<std::string> look_up_types(const std::vector<std::string>& wanted, EventTypes& out) {
    std::vector<std::string_view> known;
    const std::vector<OrderEventType> orders = order_event_types();
    for (const OrderEventType type : orders) known.push_back(name(type));
    for (int type = 1; type < kMarketEventTypeCount; ++type) {
        known.push_back(name(static_cast<MarketEventType>(type)));
    }
    for (const std::string& text : wanted) {
        const auto found = std::find(known.begin(), known.end(), text);
        if (found == known.end()) return unknown("type of event", text, known);
        const auto index = static_cast<std::size_t>(found - known.begin());
        if (index < orders.size()) {
            out.orders.push_back(orders[index]);
        } else {
            out.market.push_back(static_cast<MarketEventType>(index - orders.size() + 1));
        }
    }
    return Unit{};
}

Status<std::string> look_up_streams(const std::vector<std::string>& wanted,
                                    const JournalManifest& manifest,
                                    std::vector<JournalStream>& out) {
    std::vector<std::string> known{"trading", "feed"};
    for (std::size_t i = 0; i < manifest.venues.size(); ++i) {
        known.push_back(stream_text(venue_stream(i)));
    }
    for (std::size_t i = 0; i < manifest.shards; ++i) {
        known.push_back(stream_text(shard_stream(i)));
    }
    for (const std::string& text : wanted) {
        const auto stream = stream_of(text);
        if (!stream) return unknown("stream", text, known);
        out.push_back(*stream);
    }
    return Unit{};
}

template <class T>
bool admits(const std::vector<T>& wanted, const std::optional<T>& value) noexcept {
    if (wanted.empty()) return true;
    return value && std::find(wanted.begin(), wanted.end(), *value) != wanted.end();
}

bool whole_number(std::string_view text, std::uint64_t& out) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() && out != 0;
}

}  // namespace

Result<JournalFilter, std::string> JournalFilter::compile(const JournalQuery& query,
                                                          const JournalManifest& manifest) {
    JournalFilter filter;
    const auto types = look_up_types(query.types, filter.types_);
    if (!types) return Err{types.error()};
    const auto streams = look_up_streams(query.streams, manifest, filter.streams_);
    if (!streams) return Err{streams.error()};
    const auto strategies =
        look_up("strategy", query.strategies, manifest.strategies, filter.strategies_);
    if (!strategies) return Err{strategies.error()};
    const auto accounts = look_up("account", query.accounts, manifest.accounts, filter.accounts_);
    if (!accounts) return Err{accounts.error()};
    const auto instruments =
        look_up("instrument", query.instruments, manifest.instruments, filter.instruments_);
    if (!instruments) return Err{instruments.error()};

    for (const std::string& text : query.verdicts) {
        filter.asks_verdict_ = true;
        if (text == "approved") {
            filter.approved_ = true;
        } else if (text == "denied") {
            filter.denied_ = true;
        } else if (text == "preview") {
            filter.previews_ = true;
        } else if (const Control* control = find_control(text)) {
            filter.controls_ |= bit(control->id);
        } else {
            std::vector<std::string_view> known{"approved", "denied", "preview"};
            for (const Control& each : kControls) known.push_back(each.code);
            return unknown("control or verdict", text, known);
        }
    }

    if (!query.order.empty()) {
        filter.saw_order_ = false;
        const std::size_t mark = query.order.rfind('#');
        if (mark == std::string::npos) {
            const auto id = parse_client_order(query.order);
            if (!id) {
                return Err{"\"" + query.order +
                           "\" is no order; expected its id (20779-1-17, or its number), or a tag "
                           "such as sma#3"};
            }
            filter.order_id_ = *id;
        } else {
            std::vector<StrategyId> strategy;
            const auto found =
                look_up("strategy", {query.order.substr(0, mark)}, manifest.strategies, strategy);
            if (!found) return Err{found.error()};
            std::uint64_t count = 0;
            if (!whole_number(std::string_view(query.order).substr(mark + 1), count)) {
                return Err{"\"" + query.order + "\" is no order; a tag ends in a number from 1"};
            }
            filter.tag_ = make_order_tag(strategy.front(), count);
        }
    }
    if (!query.execution.empty()) {
        filter.saw_execution_ = false;
        std::uint64_t number = 0;
        if (whole_number(query.execution, number)) filter.executions_.push_back(ExecId{number});
        filter.executions_.push_back(ExecId{fix::id_of(query.execution)});
    }
    filter.from_ = query.from;
    filter.to_ = query.to;
    return filter;
}

bool JournalFilter::is_the_order(const EventSubject& subject) const noexcept {
    if (tag_.value != 0) return subject.tag == tag_;
    return subject.order_id == order_id_;
}

bool JournalFilter::is_the_execution(const JournalRecord& record) const noexcept {
    if (record.is_market) return false;
    const auto& d = record.event.data;
    const auto is = [&](ExecId id) {
        return id.value != 0 &&
               std::find(executions_.begin(), executions_.end(), id) != executions_.end();
    };
    switch (record.event.type) {
        case OrderEventType::kExecution:
            return is(d.execution.exec_id);
        case OrderEventType::kFill:
            return is(d.fill.exec_id);
        case OrderEventType::kCorrection:
            return is(d.correction.exec_id) || is(d.correction.ref_exec_id);
        case OrderEventType::kAlert:
            switch (d.alert.code) {
                case AlertCode::kUnknownOrder:
                case AlertCode::kDuplicateExecution:
                    return is(ExecId{static_cast<std::uint64_t>(d.alert.detail[1])});
                case AlertCode::kUnknownExecution:
                case AlertCode::kCorrectionFailed:
                    return is(ExecId{static_cast<std::uint64_t>(d.alert.detail[0])});
                default:
                    return false;
            }
        default:
            return false;
    }
}

bool JournalFilter::wants_verdict(const JournalRecord& record) const noexcept {
    if (!asks_verdict_) return true;
    if (record.is_market || record.event.type != OrderEventType::kVerdict) return false;
    const VerdictData& d = record.event.data.verdict;
    // The answer to a question decides about no order.
    if (d.action == static_cast<std::uint8_t>(OrderEventType::kPreview)) return previews_;
    return (d.approved != 0 ? approved_ : denied_) || (d.failed & controls_) != 0;
}

bool JournalFilter::wants_type(const JournalRecord& record) const noexcept {
    if (types_.all()) return true;
    return record.is_market
               ? std::find(types_.market.begin(), types_.market.end(), record.market.type) !=
                     types_.market.end()
               : std::find(types_.orders.begin(), types_.orders.end(), record.event.type) !=
                     types_.orders.end();
}

bool JournalFilter::wants(const JournalRecord& record, const EventSubject& subject) {
    const Timestamp time = time_of(record);
    if (tag_.value != 0 || order_id_.value != 0) {
        if (!is_the_order(subject)) return false;
        saw_order_ = true;
    }
    if (!executions_.empty()) {
        if (!is_the_execution(record)) return false;
        saw_execution_ = true;
    }
    if (from_ && time < *from_) return false;
    if (to_ && time >= *to_) return false;
    return wants_type(record) && admits(streams_, std::optional(record.stream)) &&
           admits(strategies_, subject.strategy) && admits(accounts_, subject.account) &&
           admits(instruments_, subject.instrument) && wants_verdict(record);
}

}  // namespace fermata
