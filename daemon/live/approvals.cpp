#include "daemon/live/approvals.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <ranges>
#include <span>
#include <stdexcept>

#include "daemon/assembly/assembly.hpp"
#include "daemon/config/document.hpp"

namespace fermata {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool is_hash(std::string_view text) {
    constexpr std::string_view kPrefix = "sha256:";
    return text.starts_with(kPrefix) && text.size() == kPrefix.size() + 64 &&
           text.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string_view::npos;
}

[[noreturn]] void refuse(const std::string& origin, std::size_t line, const std::string& what) {
    throw std::runtime_error(origin + ":" + std::to_string(line) + ": " + what);
}

}  // namespace

std::vector<Approval> parse_approvals(std::string_view text, const std::string& origin) {
    std::vector<Approval> all;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (line.empty() || line.front() == '#') continue;
        std::vector<std::string_view> fields;
        for (std::string_view rest = line;;) {
            const std::size_t bar = fields.size() == 2 ? std::string_view::npos : rest.find('|');
            fields.push_back(trimmed(rest.substr(0, bar)));
            if (bar == std::string_view::npos) break;
            rest.remove_prefix(bar + 1);
        }
        if (fields.size() != 3) {
            refuse(origin, number,
                   "found " + std::to_string(fields.size()) +
                       " fields, expected three with bars between them: configuration hash | "
                       "build | who and why");
        }
        if (!is_hash(fields[0])) {
            refuse(origin, number,
                   "field 1: found '" + std::string(fields[0]) +
                       "', expected a configuration hash (sha256: and 64 hexadecimal digits)");
        }
        if (fields[1].empty()) refuse(origin, number, "field 2: expected a build, found nothing");
        if (fields[2].empty()) refuse(origin, number, "field 3: expected a name, found nothing");
        all.push_back({std::string(fields[0]), std::string(fields[1]), std::string(fields[2])});
    }
    return all;
}

std::vector<Approval> read_approvals(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error(file + ": " + std::strerror(errno));
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (in.bad()) throw std::runtime_error(file + ": cannot be read to its end");
    return parse_approvals(text, file);
}

const Approval* find_approval(const std::vector<Approval>& approvals,
                              const std::string& configuration_hash, const std::string& build) {
    const auto newest = std::views::reverse(approvals);
    const auto found = std::ranges::find_if(newest, [&](const Approval& a) {
        return a.configuration_hash == configuration_hash && a.build == build;
    });
    return found == newest.end() ? nullptr : &*found;
}

std::string approval_hash(const Config& config) {
    const config::Node all = config::parse_document(config.effective, config.file);
    config::Node approved = config::Node::map();
    approved.add("configuration", config::Node::scalar(config.hash));
    for (const char* key : {"control", "live", "watchdog"}) {
        if (const config::Node* section = all.find(key)) approved.add(key, *section);
    }
    const std::string text = config::to_yaml(approved);
    const std::unique_ptr<Hasher> hasher = sha256_hasher()();
    hasher->update(std::as_bytes(std::span(text)));
    return hasher->finish();
}

std::string approval_line(const Approval& a) {
    return a.configuration_hash + " | " + a.build + " | " + a.who;
}

}  // namespace fermata
