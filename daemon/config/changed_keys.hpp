#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fermata::config {

/// A key that two configurations have otherwise, named as an override names it:
/// "strategies.sma.params.fast".
struct ChangedKey {
    std::string key;
    std::string before, after;  ///< As the configuration writes it; "none" where it is not there.
};

/// What differs between two effective configurations (Config::effective), key by key. An item of a
/// list that has a name is told by it, else by its place; one that is there on one side alone is
/// one change. No secret is in an effective configuration. Throws ConfigError for what is none.
[[nodiscard]] std::vector<ChangedKey> changed_keys(std::string_view before, std::string_view after);

}  // namespace fermata::config
