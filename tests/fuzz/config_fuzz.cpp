// Any bytes as a configuration with overrides: it is refused with a ConfigError, each of whose
// problems has a place and a message, or its effective form loads again and is equal.
//
// The parts of the input are separated by zero bytes: the YAML, then any number of overrides.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/base/assert.hpp"
#include "daemon/config/config.hpp"
#include "strategies/register.hpp"

namespace {

using namespace fermata;

const StrategyRegistry& registry() {
    static const StrategyRegistry shipped = [] {
        StrategyRegistry r;
        register_shipped_strategies(r);
        return r;
    }();
    return shipped;
}

Config parse(std::string_view text, const std::vector<std::string>& overrides) {
    return parse_config(text, "fuzz.yaml", "/nonexistent", overrides, registry(), make_sha256);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < size; ++i) {
        if (data[i] == 0) {
            parts.emplace_back();
        } else {
            parts.back().push_back(static_cast<char>(data[i]));
        }
    }
    const std::string text = parts.front();
    parts.erase(parts.begin());
    Config config;
    try {
        config = parse(text, parts);
    } catch (const ConfigError& e) {
        FERMATA_ASSERT(!e.problems().empty());
        for (const ConfigProblem& problem : e.problems()) {
            FERMATA_ASSERT(problem.place.origin && !problem.message.empty());
        }
        return 0;
    }
    // A configuration that was accepted: its effective form must be, too. No catch here.
    const Config again = parse(config.effective, {});
    FERMATA_ASSERT(again.effective == config.effective);
    FERMATA_ASSERT(again.hash == config.hash && again.rules_hash == config.rules_hash);
    return 0;
}
