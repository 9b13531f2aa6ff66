#include "daemon/cli/journal_dump.hpp"

#include <algorithm>
#include <iomanip>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>
#include <unordered_map>

#include "core/journal/journal_reader.hpp"
#include "core/market/date.hpp"
#include "daemon/cli/event_fields.hpp"
#include "daemon/cli/event_subject.hpp"

namespace fermata {
namespace {

/// Decides which records are wanted. Remembers whose orders are whose, because a venue's report
/// names the order only.
class Filter {
public:
    Filter(const DumpOptions& options, const JournalManifest& manifest)
        : options_(options), manifest_(manifest) {
        const auto found =
            std::find(manifest.strategies.begin(), manifest.strategies.end(), options.strategy);
        if (found != manifest.strategies.end()) {
            strategy_ = StrategyId{static_cast<std::uint16_t>(found - manifest.strategies.begin())};
        }
    }

    [[nodiscard]] bool strategy_is_unknown() const {
        return !options_.strategy.empty() && !strategy_;
    }

    [[nodiscard]] bool wants(const OrderEvent& event) {
        const bool by_subject = !options_.strategy.empty() || !options_.order.empty();
        if (by_subject && !wants_subject(event)) return false;
        if (options_.from && event.ts < *options_.from) return false;
        if (options_.to && event.ts >= *options_.to) return false;
        return options_.types.empty() || std::find(options_.types.begin(), options_.types.end(),
                                                   event.type) != options_.types.end();
    }

private:
    bool wants_subject(const OrderEvent& event) {
        EventSubject subject = subject_of(event);
        if (subject.order_id.value != 0 && subject.tag.value != 0) {
            tags_[subject.order_id.value] = subject.tag;
        }
        if (subject.tag.value == 0) {
            const auto found = tags_.find(subject.order_id.value);
            if (found != tags_.end()) {
                subject.tag = found->second;
                subject.strategy = strategy_of(found->second);
            }
        }
        if (!options_.strategy.empty() && subject.strategy != strategy_) return false;
        return options_.order.empty() || options_.order == std::to_string(subject.order_id.value) ||
               options_.order == tag_text(subject.tag, manifest_);
    }

    const DumpOptions& options_;
    const JournalManifest& manifest_;
    std::optional<StrategyId> strategy_;
    std::unordered_map<std::uint64_t, OrderTag> tags_;  // by order id; looked up only
};

/// Writes records in one format.
class Printer {
public:
    Printer() = default;
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;
    virtual ~Printer() = default;
    virtual void print(const JournalRecord& record, const JournalManifest& manifest) = 0;
};

class TablePrinter final : public Printer {
public:
    explicit TablePrinter(std::ostream& out) : out_(out) {}
    void print(const JournalRecord& record, const JournalManifest& manifest) override {
        const OrderEvent& event = record.event;
        out_ << std::setw(8) << record.position << "  " << std::left << std::setw(30)
             << format_iso_timestamp(event.ts) << "  " << std::setw(12) << name(event.type) << "  "
             << std::setw(8) << instrument_text(event, manifest) << std::right
             << "  cause=" << cause_text(event.cause) << " feed=" << event.feed_position
             << " source=" << event.source;
        if (record.stream != JournalStream::kTrading) {
            out_ << " stream=" << static_cast<unsigned>(record.stream);
        }
        if (event.flags != 0) out_ << " flags=" << static_cast<unsigned>(event.flags);
        for (const EventField& field : fields_of(event, manifest)) {
            if (field.text.empty()) continue;
            const bool quoted = field.text.find(' ') != std::string::npos;
            out_ << ' ' << field.name << '=' << (quoted ? "\"" : "") << field.text
                 << (quoted ? "\"" : "");
        }
        out_ << '\n';
    }

private:
    std::ostream& out_;
};

class CsvPrinter final : public Printer {
public:
    CsvPrinter(std::ostream& out, const std::vector<OrderEventType>& types)
        : out_(out), columns_(field_names(types.empty() ? order_event_types() : types)) {
        out_ << "stream,position,time,ts_ns,type,instrument,cause,feed_position,source,flags";
        for (const std::string_view column : columns_) out_ << ',' << column;
        out_ << '\n';
    }
    void print(const JournalRecord& record, const JournalManifest& manifest) override {
        const OrderEvent& event = record.event;
        out_ << static_cast<unsigned>(record.stream) << ',' << record.position << ','
             << format_iso_timestamp(event.ts) << ',' << event.ts.ns << ',' << name(event.type)
             << ',';
        put(instrument_text(event, manifest));
        out_ << ',' << cause_text(event.cause) << ',' << event.feed_position << ',' << event.source
             << ',' << static_cast<unsigned>(event.flags);
        const std::vector<EventField> fields = fields_of(event, manifest);
        for (const std::string_view column : columns_) {
            out_ << ',';
            const auto found = std::find_if(fields.begin(), fields.end(),
                                            [&](const EventField& f) { return f.name == column; });
            if (found != fields.end()) put(found->text);
        }
        out_ << '\n';
    }

private:
    /// RFC 4180: quoted when it must be, with quotes doubled.
    void put(std::string_view text) {
        if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
            out_ << text;
            return;
        }
        out_ << '"';
        for (const char c : text) {
            if (c == '"') out_ << '"';
            out_ << c;
        }
        out_ << '"';
    }

    std::ostream& out_;
    std::vector<std::string_view> columns_;
};

class JsonPrinter final : public Printer {
public:
    explicit JsonPrinter(std::ostream& out) : out_(out) {}
    void print(const JournalRecord& record, const JournalManifest& manifest) override {
        const OrderEvent& event = record.event;
        nlohmann::ordered_json object;
        object["stream"] = static_cast<unsigned>(record.stream);
        object["position"] = record.position;
        object["time"] = format_iso_timestamp(event.ts);
        object["ts_ns"] = event.ts.ns;
        object["type"] = name(event.type);
        put(object, "instrument", instrument_text(event, manifest));
        object["cause"] = cause_text(event.cause);
        object["feed_position"] = event.feed_position;
        object["source"] = event.source;
        object["flags"] = event.flags;
        for (const EventField& field : fields_of(event, manifest)) {
            if (field.number && !field.text.empty()) {
                object[std::string(field.name)] = nlohmann::ordered_json::parse(field.text);
            } else {
                put(object, field.name, field.text);
            }
        }
        // Names come from outside: bytes that are not UTF-8 are replaced, not refused.
        out_ << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    }

private:
    static void put(nlohmann::ordered_json& object, std::string_view key, const std::string& text) {
        if (text.empty()) {
            object[std::string(key)] = nullptr;
        } else {
            object[std::string(key)] = text;
        }
    }

    std::ostream& out_;
};

std::unique_ptr<Printer> make_printer(const DumpOptions& options, std::ostream& out) {
    switch (options.format) {
        case DumpFormat::kCsv:
            return std::make_unique<CsvPrinter>(out, options.types);
        case DumpFormat::kJson:
            return std::make_unique<JsonPrinter>(out);
        case DumpFormat::kTable:
            break;
    }
    return std::make_unique<TablePrinter>(out);
}

}  // namespace

int dump_journal(FileSystem& files, const DumpOptions& options, std::ostream& out,
                 std::ostream& err) {
    auto opened = JournalReader::open(files, options.directory);
    if (!opened) {
        err << opened.error().message << '\n';
        return 1;
    }
    JournalReader& reader = **opened;
    const JournalRecord* record = reader.next();
    const JournalManifest manifest =
        reader.manifest() != nullptr ? *reader.manifest() : JournalManifest{};
    Filter filter(options, manifest);
    if (filter.strategy_is_unknown() && reader.manifest() != nullptr) {
        err << "no strategy is called \"" << options.strategy << "\" in this run; there are:";
        for (const std::string& strategy : manifest.strategies) err << ' ' << strategy;
        err << '\n';
        return 2;
    }
    const std::unique_ptr<Printer> printer = make_printer(options, out);
    std::uint64_t printed = 0;
    for (; record != nullptr; record = reader.next()) {
        if (!filter.wants(record->event)) continue;
        printer->print(*record, manifest);
        if (++printed == options.limit) return 0;
    }
    if (reader.problem() == nullptr) return 0;
    out.flush();
    err << reader.problem()->message << '\n';
    return 1;
}

}  // namespace fermata
