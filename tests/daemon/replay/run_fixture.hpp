#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/assembly/assembly.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/run_configuration.hpp"
#include "strategies/register.hpp"

namespace fermata::test {

/// A folder of its own for one test; removed with everything in it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "fermata-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create " + name);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

inline void write_text(const std::filesystem::path& path, std::string_view text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) throw std::runtime_error("cannot write " + path.string());
}

[[nodiscard]] inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

[[nodiscard]] inline nlohmann::json read_summary(const std::filesystem::path& out) {
    return nlohmann::json::parse(read_text(out / "summary.json"));
}

[[nodiscard]] inline StrategyRegistry shipped_strategies() {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    return registry;
}

/// Runs the configuration `yaml` (paths relative to `folder`) and writes the results to `out`, as
/// the command line does.
inline RunReport run_yaml(std::string_view yaml, const std::filesystem::path& folder,
                          const std::filesystem::path& out,
                          const std::vector<std::string>& overrides = {},
                          const StrategyRegistry& registry = shipped_strategies()) {
    const Config config =
        parse_config(yaml, "test.yaml", folder, overrides, registry, sha256_hasher());
    RunRequest request;
    request.out = out;
    return run_configuration(config, registry, request);
}

}  // namespace fermata::test
