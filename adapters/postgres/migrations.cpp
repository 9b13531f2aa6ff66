#include "adapters/postgres/migrations.hpp"

namespace fermata::postgres {
namespace {

constexpr Migration kMigrations[] = {
#include "migration_texts.inc"
};

}  // namespace

int Migration::version() const noexcept {
    int version = 0;
    for (const char c : stem.substr(0, 4)) version = version * 10 + (c - '0');
    return version;
}

std::span<const Migration> migrations() noexcept { return kMigrations; }
int schema_version() noexcept { return migrations().back().version(); }

}  // namespace fermata::postgres
