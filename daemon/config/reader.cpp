#include "daemon/config/reader.hpp"

#include <algorithm>
#include <tuple>

namespace fermata::config {
namespace {

/// "an account", "a venue".
std::string with_article(const std::string& noun) {
    const bool vowel =
        !noun.empty() && std::string_view("aeiou").find(noun[0]) != std::string::npos;
    return (vowel ? "an " : "a ") + noun;
}

}  // namespace

void Reader::problem(const Place& place, std::string message) {
    problems_.push_back({place, path(), std::move(message)});
}

void Reader::unexpected(const Node& node, const std::string& expected) {
    problem(node.place, "found " + node.describe() + ", expected " + expected);
}

void Reader::problem_at(const std::string& key, const Place& place, std::string message) {
    const Step step(*this, key);
    problem(place, std::move(message));
}

void Reader::define(const std::string& kind, const std::string& name, const Place& place) {
    const auto [found, added] = names_[kind].emplace(name, place);
    if (added) return;
    problem(place, "found " + in_quotes(name) + " again, expected " + with_article(kind) +
                       " of another name (first at " + found->second.text() + ")");
}

bool Reader::is_defined(const std::string& kind, const std::string& name) const {
    const auto found = names_.find(kind);
    return found != names_.end() && found->second.contains(name);
}

std::vector<std::string> Reader::names(const std::string& kind) const {
    std::vector<std::string> out;
    if (const auto found = names_.find(kind); found != names_.end()) {
        for (const auto& [name, place] : found->second) out.push_back(name);
    }
    return out;
}

void Reader::require_defined(const std::string& kind, const std::string& name, const Place& place) {
    if (is_defined(kind, name) || incomplete_.contains(kind)) return;
    constexpr std::size_t kListedMax = 8;
    const std::vector<std::string> known = names(kind);
    std::string message =
        "found " + in_quotes(name) + ", expected the name of " + with_article(kind);
    if (known.empty()) {
        message += ", of which there is none";
    } else if (known.size() <= kListedMax) {
        for (std::size_t i = 0; i < known.size(); ++i) {
            message += (i == 0 ? ": " : ", ") + known[i];
        }
    }
    problem(place, message + did_you_mean(name, known));
}

std::filesystem::path Reader::resolve(const std::string& written) const {
    const std::filesystem::path path(written);
    return path.is_absolute() ? path : (base_ / path).lexically_normal();
}

std::string Reader::path() const {
    std::string out;
    for (const std::string& key : path_) out += (out.empty() ? "" : ".") + key;
    return out;
}

std::vector<ConfigProblem> Reader::take_problems() {
    const auto order = [](const ConfigProblem& p) {
        return std::tuple(p.place.line == 0, p.place.origin ? *p.place.origin : std::string(),
                          p.place.line, p.place.column);
    };
    std::stable_sort(problems_.begin(), problems_.end(),
                     [&](const auto& a, const auto& b) { return order(a) < order(b); });
    return std::exchange(problems_, {});
}

}  // namespace fermata::config
