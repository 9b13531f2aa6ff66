#include "daemon/config/problem.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

namespace fermata {
namespace {

std::string join(const std::vector<ConfigProblem>& problems) {
    std::string text;
    for (const ConfigProblem& problem : problems) {
        if (!text.empty()) text += '\n';
        text += to_string(problem);
    }
    return text;
}

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// Optimal string alignment distance, without regard to case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}  // namespace

std::string Place::text() const {
    std::string out = origin ? *origin : std::string("configuration");
    if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
    return out;
}

std::string to_string(const ConfigProblem& problem) {
    std::string out = problem.place.text() + ": ";
    if (!problem.path.empty()) out += problem.path + ": ";
    return out + problem.message;
}

ConfigError::ConfigError(std::vector<ConfigProblem> problems)
    : std::runtime_error(join(problems)), problems_(std::move(problems)) {}

namespace config {

std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t kWordMax = 64;  // longer words are not typing errors
    if (word.empty() || word.size() > kWordMax) return {};
    const std::size_t tolerance = std::max<std::size_t>(1, word.size() / 3);
    std::string_view best;
    std::size_t best_distance = tolerance + 1;
    for (const std::string& candidate : candidates) {
        if (candidate.size() > kWordMax) continue;
        const std::size_t distance = edit_distance(word, candidate);
        // A distance that replaces every letter is no likeness.
        if (distance < best_distance && distance < candidate.size()) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string_view best = nearest(word, candidates);
    return best.empty() ? std::string() : "; did you mean '" + std::string(best) + "'?";
}

std::string printable(std::string_view text) {
    constexpr std::size_t kShownMax = 60;
    std::size_t end = std::min(text.size(), kShownMax);
    // Never cut a UTF-8 sequence in two.
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
        --end;
    }
    std::string out;
    for (const char c : text.substr(0, end)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
            char buffer[8];
            std::snprintf(buffer, sizeof buffer, "\\x%02x", byte);
            out += buffer;
        } else {
            out += c;
        }
    }
    return out + (end < text.size() ? "..." : "");
}

std::string in_quotes(std::string_view text) { return "'" + printable(text) + "'"; }

}  // namespace config
}  // namespace fermata
