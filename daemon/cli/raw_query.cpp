#include "daemon/cli/raw_query.hpp"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/wire_fields.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/market/date.hpp"
#include "daemon/cli/id_text.hpp"

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

/// Which order and which execution a message is to be about.
class RawFilter {
public:
    explicit RawFilter(const JournalQuery& query)
        : order_(query.order),
          execution_(query.execution),
          order_id_(parse_client_order(query.order)) {
        const char* const end = execution_.data() + execution_.size();
        const auto read = std::from_chars(execution_.data(), end, exec_id_);
        if (read.ec != std::errc{} || read.ptr != end) exec_id_ = 0;
    }
    [[nodiscard]] bool asks() const { return !order_.empty() || !execution_.empty(); }
    [[nodiscard]] bool wants(std::string_view message) const {
        if (!asks()) return true;
        bool order = order_.empty();
        std::string_view account, own, reference;
        for (fix::WireFields fields(message); fields.next();) {
            const std::string_view value = fields.value();
            switch (fields.tag()) {
                case 1:
                    account = value;
                    break;
                case 11:  // ClOrdID
                case 37:  // OrderID
                case 41:  // OrigClOrdID
                    order = order || is_the_order(value);
                    break;
                case 17:  // ExecID
                    own = value;
                    break;
                case 19:  // ExecRefID
                    reference = value;
                    break;
                default:
                    break;
            }
        }
        return order && (execution_.empty() || is_the_execution(own, account) ||
                         is_the_execution(reference, account));
    }

private:
    [[nodiscard]] bool is_the_order(std::string_view text) const {
        if (text == order_) return true;
        const auto id = fix::parse_request_id(text);
        return id && id->order == order_id_;
    }
    [[nodiscard]] bool is_the_execution(std::string_view text, std::string_view account) const {
        if (text.empty()) return false;
        return text == execution_ || (exec_id_ != 0 && (fix::id_of(text) == exec_id_ ||
                                                        fix::id_of(text, account) == exec_id_));
    }

    const std::string& order_;
    const std::string& execution_;
    std::optional<ClientOrderId> order_id_;
    std::uint64_t exec_id_ = 0;
};

}  // namespace

int query_raw(FileSystem& files, const JournalQuery& query, std::ostream& out, std::ostream& err) {
    if (query.order.find('#') != std::string::npos) {
        err << "messages have no tags: give the id of the order, which fermata journal query "
               "--order "
            << query.order << " shows\n";
        return 2;
    }
    const RawFilter filter(query);
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
        const bool wanted = !(query.from && m.ts < *query.from) &&
                            !(query.to && !(m.ts < *query.to)) && filter.wants(whole);
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
    const bool found = printed != 0 || !filter.asks();
    if (!found) err << "no message is about that\n";
    if (done() || reader.problem() == nullptr) return found ? 0 : 1;
    err << reader.problem()->message << '\n';
    return 1;
}

}  // namespace fermata
