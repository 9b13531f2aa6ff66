#include "adapters/postgres/loaded_records.hpp"

#include <optional>
#include <string>
#include <vector>

namespace fermata::postgres {

Result<std::uint64_t, StoreError> loaded_records(ConnectOptions options, const RunId& run) {
    options.role = "fermata_reader";
    const auto connection = Connection::open(options);
    if (!connection) return Err{connection.error()};
    const std::vector<std::optional<std::string>> values{to_hex(run)};
    const auto rows =
        (*connection)
            ->run(
                "SELECT p.total FROM fermata.run r JOIN fermata.load_position p "
                "USING (run_no) WHERE r.run_id = $1::uuid ORDER BY p.batch DESC LIMIT 1",
                values);
    if (!rows) return Err{rows.error()};
    return rows->size() == 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(rows->integer(0, 0));
}

}  // namespace fermata::postgres
