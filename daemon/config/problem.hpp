#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fermata {

/// Where a value of the configuration was written.
struct Place {
    /// The file as it was named by the caller, or "--set KEY=VALUE". Never null once parsed.
    std::shared_ptr<const std::string> origin;
    int line = 0;  ///< From 1; 0 where there is no line (an override).
    int column = 0;

    /// "demo.yaml:7:12", or the origin alone.
    [[nodiscard]] std::string text() const;
};

/// One thing that is wrong with a configuration.
struct ConfigProblem {
    Place place;
    std::string path;     ///< Dotted path of the key, "feeds.0.interval"; empty for the whole file.
    std::string message;  ///< What was found and what was expected.
};

/// "demo.yaml:7:12: feeds.0.interval: found '1x', expected a duration".
[[nodiscard]] std::string to_string(const ConfigProblem& problem);

/// A configuration that cannot be used. Carries every problem that was found, in the order of the
/// file; what() is all of them, one a line.
class ConfigError : public std::runtime_error {
public:
    explicit ConfigError(std::vector<ConfigProblem> problems);
    [[nodiscard]] const std::vector<ConfigProblem>& problems() const noexcept { return problems_; }

private:
    std::vector<ConfigProblem> problems_;
};

namespace config {

/// The candidate that was probably meant by `word`, or an empty view: the nearest by edit distance
/// (insert, delete, replace, swap neighbours; case costs nothing), if it is near enough.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       const std::vector<std::string>& candidates);

/// `did you mean 'z'?` with a leading separator, or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string>& candidates);

/// `text` for a message: cut to a bearable length, control characters made visible.
[[nodiscard]] std::string printable(std::string_view text);
/// The same in quotes.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace config
}  // namespace fermata
