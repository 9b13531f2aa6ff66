#include "daemon/cli/journal_report.hpp"

#include <algorithm>
#include <array>
#include <iomanip>
#include <map>
#include <optional>
#include <ostream>
#include <string_view>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/market/date.hpp"
#include "daemon/cli/event_fields.hpp"
#include "daemon/cli/stream_name.hpp"

namespace fermata {
namespace {

std::string_view name(JournalEnding ending) noexcept {
    switch (ending) {
        case JournalEnding::kReading:
            return "not read to its end";
        case JournalEnding::kClosed:
            return "closed";
        case JournalEnding::kTorn:
            return "torn: the run was not closed";
        case JournalEnding::kDamaged:
            return "damaged";
        case JournalEnding::kWaiting:
            return "still growing";
    }
    return "?";
}

class Lines {
public:
    explicit Lines(std::ostream& out) : out_(out) {}
    template <class T>
    void put(std::string_view label, const T& value) {
        out_ << std::left << std::setw(16) << label << value << '\n';
    }

private:
    std::ostream& out_;
};

void print_manifest(Lines& lines, const JournalManifest& manifest) {
    lines.put("build", manifest.build);
    lines.put("configuration", manifest.configuration_hash);
    lines.put("calendars", manifest.calendars);
    lines.put("time zones", manifest.time_zones);
    lines.put("data from", manifest.start == Timestamp::min()
                               ? "the first event"
                               : format_iso_timestamp(manifest.start));
    lines.put("shards", manifest.shards);
    lines.put("schedule", name(manifest.schedule));
    lines.put("market data", name(manifest.market));
    if (!manifest.parent.empty()) lines.put("parent run", manifest.parent);
    for (const JournalSource& source : manifest.sources) {
        lines.put("source", source.name + "  " + source.hash);
    }
    const auto names = [&](std::string_view label, const std::vector<std::string>& table) {
        std::string text;
        for (const std::string& entry : table) text.append(text.empty() ? "" : " ").append(entry);
        lines.put(label, text);
    };
    names("instruments", manifest.instruments);
    names("strategies", manifest.strategies);
    names("accounts", manifest.accounts);
    names("venues", manifest.venues);
    names("currencies", manifest.currencies);
    for (const auto& [key, value] : manifest.other) lines.put(key, value);
}

/// What is counted while the records go by.
struct Counts {
    std::array<std::uint64_t, 256> by_type{};
    std::optional<Timestamp> first;
    Timestamp last;
    std::uint64_t market = 0;
    std::map<JournalStream, std::uint64_t> last_positions;
    std::uint32_t boots = 0;
    void add(const JournalRecord& record) {
        last_positions[record.stream] = record.position;
        boots = std::max(boots, record.boot_epoch);
        if (record.is_market) {
            ++market;
        } else {
            ++by_type[static_cast<std::uint8_t>(record.event.type)];
        }
        last = record.is_market ? record.market.ts : record.event.ts;
        if (!first) first = last;
    }
};

void print_segments(std::ostream& out, const JournalReader& reader) {
    out << "segments\n";
    for (const SegmentInfo& info : reader.segments()) {
        out << "  " << segment_file_name(info.segment) << std::right << std::setw(14) << info.bytes
            << " bytes" << std::setw(12) << info.records << " records";
        if (!info.footer) out << "  no footer";
        if (info.footer && info.footer->recovered) out << "  closed by the boot after a crash";
        out << '\n';
    }
}

}  // namespace

int print_journal_statistics(FileSystem& files, const std::string& directory, std::ostream& out,
                             std::ostream& err) {
    JournalReaderOptions reading;
    reading.first_segment = 0;
    reading.records_hasher = make_sha256;
    reading.chain_hasher = make_hasher;
    auto opened = JournalReader::open(files, directory, reading);
    if (!opened) {
        err << opened.error().message << '\n';
        return 1;
    }
    JournalReader& reader = **opened;
    Counts counts;
    while (const JournalRecord* record = reader.next()) counts.add(*record);

    Lines lines(out);
    lines.put("journal", directory);
    if (reader.run()) lines.put("run", to_hex(*reader.run()));
    if (reader.manifest() != nullptr) print_manifest(lines, *reader.manifest());
    std::uint64_t bytes = 0;
    for (const SegmentInfo& info : reader.segments()) bytes += info.bytes;
    lines.put("records", reader.records());
    lines.put("bytes", bytes);
    if (counts.first) {
        lines.put("first", format_iso_timestamp(*counts.first));
        lines.put("last", format_iso_timestamp(counts.last));
    }
    lines.put("boots", counts.boots);
    for (const auto& [stream, position] : counts.last_positions) {
        lines.put("stream", stream_text(stream) + "  up to " + std::to_string(position));
    }
    if (!reader.segments().empty() && reader.segments().front().segment == 1) {
        lines.put("hash", reader.hash());
    }
    if (const auto& head = reader.head()) {
        lines.put("chain", std::string(name(head->algorithm)) + ", " + std::to_string(head->block) +
                               " blocks");
        lines.put("head", head_hex(*head));
    } else {
        lines.put("chain", "none");
    }
    lines.put("ending", name(reader.ending()));
    out << "records by type\n";
    for (const OrderEventType type : order_event_types()) {
        const std::uint64_t count = counts.by_type[static_cast<std::uint8_t>(type)];
        if (count == 0) continue;
        out << "  " << std::left << std::setw(14) << fermata::name(type) << std::right
            << std::setw(12) << count << '\n';
    }
    if (counts.market != 0) {
        out << "  " << std::left << std::setw(14) << "market events" << std::right << std::setw(12)
            << counts.market << '\n';
    }
    print_segments(out, reader);
    if (reader.problem() == nullptr) return 0;
    out.flush();
    err << reader.problem()->message << '\n';
    return 1;
}

}  // namespace fermata
