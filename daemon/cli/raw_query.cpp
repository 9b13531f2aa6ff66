#include "daemon/cli/raw_query.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "core/journal/journal_reader.hpp"
#include "core/market/date.hpp"

namespace fermata {
namespace {

/// Nothing that a counterparty wrote may steer a terminal.
std::string visible(const std::string& bytes) {
    std::string out = bytes;
    for (char& c : out) {
        if (c == '\x01') {
            c = '|';
        } else if (c < ' ' || c > '~') {
            c = '?';
        }
    }
    return out;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

class RawPrinter {
public:
    RawPrinter(RecordFormat format, std::ostream& out) : format_(format), out_(out) {
        if (format_ == RecordFormat::kCsv) out_ << "time,number,session,direction,lost,message\n";
        if (format_ == RecordFormat::kTable) out_ << "time  session  direction  message\n";
    }
    void print(const RawMessage& m, const std::string& bytes) {
        const std::string time = format_iso_timestamp(m.ts);
        const char* const direction = m.sent ? "out" : "in";
        const std::string text = visible(bytes);
        switch (format_) {
            case RecordFormat::kTable:
                if (m.lost != 0) out_ << "  (" << m.lost << " messages are missing here)\n";
                out_ << time << "  " << m.session << "  " << direction << "  " << text << '\n';
                return;
            case RecordFormat::kCsv:
                out_ << time << ',' << m.number << ',' << m.session << ',' << direction << ','
                     << m.lost << ',' << quoted(text) << '\n';
                return;
            case RecordFormat::kJson: {
                nlohmann::ordered_json line;
                line["time"] = time;
                line["number"] = m.number;
                line["session"] = m.session;
                line["direction"] = direction;
                line["lost"] = m.lost;
                line["message"] = text;
                out_ << line.dump() << '\n';
                return;
            }
        }
    }

private:
    RecordFormat format_;
    std::ostream& out_;
};

}  // namespace

int query_raw(FileSystem& files, const JournalQuery& query, std::ostream& out, std::ostream& err) {
    RawPrinter printer(query.format, out);
    std::map<std::uint16_t, std::string> parts;  // of messages whose end did not come yet
    std::uint64_t printed = 0;
    const auto done = [&] { return query.limit != 0 && printed == query.limit; };
    JournalReaderOptions options;
    options.first_segment = 0;  // older ones may have been removed
    options.on_raw = [&](const RawMessage& m) {
        std::string& bytes = parts[m.session];
        bytes += m.bytes;
        if (m.more) return;
        const std::string whole = std::move(bytes);
        parts.erase(m.session);
        const bool wanted =
            !(query.from && m.ts < *query.from) && !(query.to && !(m.ts < *query.to));
        if (!wanted || done()) return;
        printer.print(m, whole);
        ++printed;
    };
    auto opened = JournalReader::open(files, query.directory, options);
    if (!opened) {
        err << opened.error().message << '\n';
        return 1;
    }
    JournalReader& reader = **opened;
    while (!done() && reader.next() != nullptr) {
    }
    out.flush();
    if (done() || reader.problem() == nullptr) return 0;
    err << reader.problem()->message << '\n';
    return 1;
}

}  // namespace fermata
