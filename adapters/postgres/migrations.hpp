#pragma once

#include <span>
#include <string_view>

namespace fermata::postgres {

/// One step of the schema, from migrations/NNNN_name.sql. Never change one that was released: add
/// another.
struct Migration {
    std::string_view stem;  ///< "0001_tables"
    std::string_view sql;
    [[nodiscard]] int version() const noexcept;
    [[nodiscard]] std::string_view name() const noexcept { return stem.substr(5); }
};

/// All of them, by version, from 1 without gaps.
[[nodiscard]] std::span<const Migration> migrations() noexcept;
/// The version that this build works with: the last one's.
[[nodiscard]] int schema_version() noexcept;

}  // namespace fermata::postgres
