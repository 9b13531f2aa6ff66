#include "adapters/postgres/stored_batches.hpp"

#include <charconv>
#include <limits>
#include <optional>

#include "adapters/postgres/migrations.hpp"

namespace fermata::postgres {
namespace {

std::optional<std::vector<std::uint64_t>> parse_array(std::string_view text) {
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    std::vector<std::uint64_t> out;
    while (!text.empty()) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{}) return std::nullopt;
        out.push_back(value);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.empty()) break;
        if (text.front() != ',' || text.size() == 1) return std::nullopt;
        text.remove_prefix(1);
    }
    return out;
}

std::optional<std::uint64_t> number(const Rows& rows, int row, int column, std::uint64_t minimum,
                                    std::uint64_t maximum = ~std::uint64_t{0}) {
    const std::string_view text = rows.value(row, column).value_or("");
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (value < minimum || value > maximum) return std::nullopt;
    return value;
}

std::optional<StoredBatch> batch_of(const Rows& rows, int row) {
    constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
    const auto batch = number(rows, row, 0, 1);
    const auto records = number(rows, row, 1, 1);
    const auto total = number(rows, row, 2, records.value_or(1));
    const auto digest = number(rows, row, 3, 0, kMax32);
    const auto segment = number(rows, row, 4, 1, kMax32);
    const auto offset = number(rows, row, 5, 0);
    auto streams =
        parse_positions(rows.value(row, 6).value_or(""), rows.value(row, 7).value_or(""));
    if (!batch || !records || !total || !digest || !segment || !offset || !streams) {
        return std::nullopt;
    }
    return StoredBatch{*batch,
                       *records,
                       *total,
                       static_cast<std::uint32_t>(*digest),
                       static_cast<std::uint32_t>(*segment),
                       *offset,
                       std::move(*streams)};
}

}  // namespace

Status<StoreError> check_schema(Connection& connection) {
    auto rows = connection.run("SELECT max(version) FROM fermata.schema_migration");
    if (!rows) {
        StoreError error = rows.error();
        if (error.kind == StoreErrorKind::kSchema || error.kind == StoreErrorKind::kRefused) {
            error.kind = StoreErrorKind::kSchema;
            error.message = "the database has no Fermata schema: run fermata db init";
        }
        return Err{std::move(error)};
    }
    const std::int64_t version = rows->integer(0, 0);
    if (version == schema_version()) return Unit{};
    return Err{StoreError{
        StoreErrorKind::kSchema,
        "the database has version " + std::to_string(version) +
            " of the schema, this build needs " + std::to_string(schema_version()) +
            (version < schema_version() ? ": run fermata db migrate" : ": use a newer build")}};
}

std::optional<StreamPositions> parse_positions(std::string_view streams,
                                               std::string_view positions) {
    const auto numbers = parse_array(streams);
    const auto last = parse_array(positions);
    if (!numbers || !last || numbers->size() != last->size()) return std::nullopt;
    StreamPositions out;
    std::uint64_t before = 0;  // the control stream's number: its frames are not stored
    for (std::size_t i = 0; i < numbers->size(); ++i) {
        const std::uint64_t stream = (*numbers)[i];
        if (stream <= before || stream >= kJournalStreamsMax || (*last)[i] == 0) {
            return std::nullopt;
        }
        out[static_cast<JournalStream>(stream)] = (*last)[i];
        before = stream;
    }
    return out;
}

std::string array_text(const StreamPositions& streams, bool positions) {
    std::string out = "{";
    for (const auto& [stream, position] : streams) {
        if (out.size() > 1) out += ',';
        out += positions ? std::to_string(position) : std::to_string(static_cast<unsigned>(stream));
    }
    return out + "}";
}

Result<std::vector<StoredBatch>, StoreError> read_batches(Connection& connection,
                                                          const std::string& run_no,
                                                          bool last_only) {
    auto rows = connection.run(
        "SELECT batch, records, total, digest, segment, byte, streams, positions FROM "
        "fermata.load_position WHERE run_no = " +
        run_no + (last_only ? " ORDER BY batch DESC LIMIT 1" : " ORDER BY batch"));
    if (!rows) return Err{rows.error()};
    std::vector<StoredBatch> batches;
    batches.reserve(static_cast<std::size_t>(rows->size()));
    for (int i = 0; i < rows->size(); ++i) {
        auto batch = batch_of(*rows, i);
        if (!batch) {
            return Err{StoreError{
                StoreErrorKind::kRejected,
                "table load_position: batch " + rows->text(i, 0) + " of run_no " + run_no +
                    " makes no sense (records " + rows->text(i, 1) + ", total " + rows->text(i, 2) +
                    ", digest " + rows->text(i, 3) + ", segment " + rows->text(i, 4) + ", byte " +
                    rows->text(i, 5) + ", streams " + rows->text(i, 6) + ", positions " +
                    rows->text(i, 7) + "): somebody changed it"}};
        }
        batches.push_back(std::move(*batch));
    }
    return batches;
}

}  // namespace fermata::postgres
