#include "daemon/cli/record_printer.hpp"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "core/market/date.hpp"
#include "daemon/cli/event_fields.hpp"
#include "daemon/cli/event_text.hpp"
#include "daemon/cli/stream_name.hpp"

namespace fermata {
namespace {

class TablePrinter final : public RecordPrinter {
public:
    TablePrinter(std::ostream& out, const JournalManifest& manifest)
        : out_(out), manifest_(manifest) {
        const auto widest = [](const std::vector<std::string>& names, std::size_t width) {
            for (const std::string& entry : names) width = std::max(width, entry.size());
            return static_cast<int>(std::min(width, kWidthMax));
        };
        instrument_width_ = widest(manifest.instruments, 10);
        order_width_ = widest(manifest.strategies, 3) + 7;
        row("time", "record", "type", "order", "instrument", "because of");
        out_ << "what\n";
    }
    void print(const JournalRecord& record, const EventSubject& subject) override {
        const OrderEvent& event = record.event;
        std::string where = std::to_string(record.position);
        if (record.stream != JournalStream::kTrading) {
            where.insert(0, stream_text(record.stream) + ":");
        }
        std::string order = tag_text(subject.tag, manifest_);
        if (order.empty() && subject.order_id.value != 0) {
            order = std::to_string(subject.order_id.value);
        }
        row(exact_time(event.ts), where, name(event.type), order, instrument_text(event, manifest_),
            cause_text(event.cause));
        out_ << text_of(event, manifest_) << '\n';
    }

private:
    static constexpr std::size_t kWidthMax = 24;

    void row(std::string_view time, std::string_view where, std::string_view type,
             std::string_view order, std::string_view instrument, std::string_view cause) {
        out_ << std::left << std::setw(30) << time << "  " << std::right << std::setw(8) << where
             << "  " << std::left << std::setw(12) << type << "  " << std::setw(order_width_)
             << order << "  " << std::setw(instrument_width_) << instrument << "  " << std::setw(14)
             << cause << "  " << std::right;
    }
    /// With all nine digits, so that times stand below each other.
    static std::string exact_time(Timestamp ts) {
        std::string text = format_iso_timestamp(ts);
        if (text.find('.') == std::string::npos) text.insert(text.size() - 1, ".000000000");
        return text;
    }

    std::ostream& out_;
    const JournalManifest& manifest_;
    int instrument_width_ = 10;
    int order_width_ = 10;
};

class CsvPrinter final : public RecordPrinter {
public:
    CsvPrinter(std::ostream& out, const JournalManifest& manifest,
               const std::vector<OrderEventType>& types)
        : out_(out),
          manifest_(manifest),
          columns_(field_names(types.empty() ? order_event_types() : types)) {
        out_ << "stream,position,time,ts_ns,type,instrument,cause,feed_position,source,flags";
        for (const std::string_view column : columns_) out_ << ',' << column;
        out_ << '\n';
    }
    void print(const JournalRecord& record, const EventSubject&) override {
        const OrderEvent& event = record.event;
        out_ << stream_text(record.stream) << ',' << record.position << ','
             << format_iso_timestamp(event.ts) << ',' << event.ts.ns << ',' << name(event.type)
             << ',';
        put(instrument_text(event, manifest_));
        out_ << ',' << cause_text(event.cause) << ',' << event.feed_position << ',' << event.source
             << ',' << static_cast<unsigned>(event.flags);
        const std::vector<EventField> fields = fields_of(event, manifest_);
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
    const JournalManifest& manifest_;
    std::vector<std::string_view> columns_;
};

class JsonPrinter final : public RecordPrinter {
public:
    JsonPrinter(std::ostream& out, const JournalManifest& manifest)
        : out_(out), manifest_(manifest) {}
    void print(const JournalRecord& record, const EventSubject&) override {
        const OrderEvent& event = record.event;
        nlohmann::ordered_json object;
        object["stream"] = stream_text(record.stream);
        object["position"] = record.position;
        object["time"] = format_iso_timestamp(event.ts);
        object["ts_ns"] = event.ts.ns;
        object["type"] = name(event.type);
        put(object, "instrument", instrument_text(event, manifest_));
        object["cause"] = cause_text(event.cause);
        object["feed_position"] = event.feed_position;
        object["source"] = event.source;
        object["flags"] = event.flags;
        for (const EventField& field : fields_of(event, manifest_)) {
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
    const JournalManifest& manifest_;
};

}  // namespace

std::unique_ptr<RecordPrinter> make_record_printer(RecordFormat format,
                                                   const std::vector<OrderEventType>& types,
                                                   const JournalManifest& manifest,
                                                   std::ostream& out) {
    switch (format) {
        case RecordFormat::kCsv:
            return std::make_unique<CsvPrinter>(out, manifest, types);
        case RecordFormat::kJson:
            return std::make_unique<JsonPrinter>(out, manifest);
        case RecordFormat::kTable:
            break;
    }
    return std::make_unique<TablePrinter>(out, manifest);
}

}  // namespace fermata
