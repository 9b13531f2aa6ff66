#pragma once

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "daemon/config/config.hpp"
#include "strategies/register.hpp"

namespace fermata::config_test {

/// A small configuration that is valid; tests change it by overrides or by replacing text.
inline constexpr const char* kMinimal = R"(mode: replay
account: {currency: USD, cash: 100000, type: cash}
instruments:
  - {symbol: SPY, tick: 0.01, calendar: us_equity}
feeds:
  - {type: csv, interval: 1d, symbol: SPY, path: SPY.csv}
venues:
  - {name: sim}
strategies:
  - {name: sma, type: sma_cross, symbols: [SPY]}
)";

inline const StrategyRegistry& registry() {
    static const StrategyRegistry shipped = [] {
        StrategyRegistry r;
        register_shipped_strategies(r);
        return r;
    }();
    return shipped;
}

inline Config parse(std::string_view text, const std::vector<std::string>& overrides = {}) {
    return parse_config(text, "test.yaml", "/srv/fermata/config", overrides, registry(),
                        make_sha256);
}

/// Every problem as text; empty when there is none.
inline std::vector<std::string> problems(std::string_view text,
                                         const std::vector<std::string>& overrides = {}) {
    std::vector<std::string> out;
    try {
        static_cast<void>(parse(text, overrides));
    } catch (const ConfigError& e) {
        for (const ConfigProblem& p : e.problems()) out.push_back(to_string(p));
    }
    return out;
}

/// `text` with the first `from` replaced by `to`.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return "the text to replace is not there";
    return text.replace(at, from.size(), to);
}

inline std::string file_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// A path in the source tree.
inline std::string source(const std::string& path) {
    return std::string(FERMATA_SOURCE_DIR) + "/" + path;
}

}  // namespace fermata::config_test
