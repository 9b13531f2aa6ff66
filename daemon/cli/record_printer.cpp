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
#include "daemon/cli/id_text.hpp"
#include "daemon/cli/market_event_fields.hpp"
#include "daemon/cli/stream_name.hpp"

namespace fermata {
namespace {

/// What every record has, whatever it holds.
struct Head {
    std::string stream;
    Timestamp ts;
    std::string_view type;
    std::string instrument;
    std::string cause;  ///< Empty for market events: nothing in the run caused them.
    std::uint64_t feed_position = 0;
    std::uint16_t source = 0;
    std::uint8_t flags = 0;
};

Head head_of(const JournalRecord& record, const JournalManifest& manifest) {
    Head head;
    head.stream = stream_text(record.stream);
    head.ts = time_of(record);
    if (record.is_market) {
        const MarketEvent& event = record.market;
        head.type = name(event.type);
        head.instrument = name_of(manifest.instruments, event.instrument.value);
        head.feed_position = event.seq;
        head.source = event.stream.value;
        head.flags = event.flags;
    } else {
        const OrderEvent& event = record.event;
        head.type = name(event.type);
        head.instrument = instrument_text(event, manifest);
        head.cause = cause_text(event.cause);
        head.feed_position = event.feed_position;
        head.source = event.source;
        head.flags = event.flags;
    }
    return head;
}

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
        const Head head = head_of(record, manifest_);
        std::string where = std::to_string(record.position);
        if (record.stream != JournalStream::kTrading) where.insert(0, head.stream + ":");
        std::string order = tag_text(subject.tag, manifest_);
        if (order.empty() && subject.order_id.value != 0) {
            order = client_order_text(subject.order_id);
        }
        row(exact_time(head.ts), where, head.type, order, head.instrument, head.cause);
        out_ << (record.is_market ? fields_text(record.market) : text_of(record.event, manifest_))
             << '\n';
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
    CsvPrinter(std::ostream& out, const JournalManifest& manifest, const EventTypes& types)
        : out_(out),
          manifest_(manifest),
          columns_(field_names(types.all() ? order_event_types() : types.orders)) {
        // A name that both kinds of events have ("price") is one column.
        const bool recorded = types.all() && manifest.market == MarketRecord::kRecord;
        for (const std::string_view name :
             market_field_names(recorded ? market_event_types() : types.market)) {
            if (std::find(columns_.begin(), columns_.end(), name) == columns_.end()) {
                columns_.push_back(name);
            }
        }
        out_ << "stream,position,time,ts_ns,type,instrument,cause,feed_position,source,flags";
        for (const std::string_view column : columns_) out_ << ',' << column;
        out_ << '\n';
    }
    void print(const JournalRecord& record, const EventSubject&) override {
        const Head head = head_of(record, manifest_);
        out_ << head.stream << ',' << record.position << ',' << format_iso_timestamp(head.ts) << ','
             << head.ts.ns << ',' << head.type << ',';
        put(head.instrument);
        out_ << ',' << head.cause << ',' << head.feed_position << ',' << head.source << ','
             << static_cast<unsigned>(head.flags);
        if (record.is_market) {
            put_columns(
                fields_of(record.market), [](const auto& field) { return field.first; },
                [](const auto& field) { return field.second; });
        } else {
            put_columns(
                fields_of(record.event, manifest_),
                [](const EventField& field) { return field.name; },
                [](const EventField& field) { return field.text; });
        }
        out_ << '\n';
    }

private:
    template <class Fields, class Name, class Text>
    void put_columns(const Fields& fields, Name name, Text text) {
        for (const std::string_view column : columns_) {
            out_ << ',';
            const auto found = std::find_if(fields.begin(), fields.end(),
                                            [&](const auto& f) { return name(f) == column; });
            if (found != fields.end()) put(text(*found));
        }
    }
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
        const Head head = head_of(record, manifest_);
        nlohmann::ordered_json object;
        object["stream"] = head.stream;
        object["position"] = record.position;
        object["time"] = format_iso_timestamp(head.ts);
        object["ts_ns"] = head.ts.ns;
        object["type"] = head.type;
        put(object, "instrument", head.instrument);
        put(object, "cause", head.cause);
        object["feed_position"] = head.feed_position;
        object["source"] = head.source;
        object["flags"] = head.flags;
        if (record.is_market) {
            for (const auto& [key, text] : fields_of(record.market)) {
                if (key != "flags") put(object, key, text);  // it stands there already
            }
        } else {
            add_fields(object, record.event);
        }
        // Names come from outside: bytes that are not UTF-8 are replaced, not refused.
        out_ << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    }

private:
    void add_fields(nlohmann::ordered_json& object, const OrderEvent& event) const {
        for (const EventField& field : fields_of(event, manifest_)) {
            if (field.number && !field.text.empty()) {
                object[std::string(field.name)] = nlohmann::ordered_json::parse(field.text);
            } else {
                put(object, field.name, field.text);
            }
        }
    }
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

std::unique_ptr<RecordPrinter> make_record_printer(RecordFormat format, const EventTypes& types,
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
