#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "daemon/config/document.hpp"

namespace fermata::config {
namespace {

/// Text that YAML reads back as the same scalar without quotes.
bool is_plain(const std::string& text) {
    if (text.empty()) return false;
    static constexpr std::array<std::string_view, 5> kNulls{"~", "null", "Null", "NULL", "<<"};
    if (std::find(kNulls.begin(), kNulls.end(), text) != kNulls.end()) return false;
    const auto allowed = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' ||
               c == '/' || c == '-' || c == '+' || c == ':';
    };
    if (!std::all_of(text.begin(), text.end(), allowed)) return false;
    if (text.back() == ':' || text.find("---") == 0 || text.find("...") == 0) return false;
    return text.front() != ':' && (text.front() != '-' || text.size() > 1);
}

std::string scalar_text(const std::string& text) {
    if (is_plain(text)) return text;
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            char buffer[8];
            std::snprintf(buffer, sizeof buffer, "\\x%02x", byte);
            out += buffer;
        } else {
            out += c;
        }
    }
    return out + '"';
}

void write(const Node& node, int level, std::string& out);

/// What stands behind "key:" or "-": a scalar on the same line, or a block below.
void write_value(const Node& node, int level, std::string& out) {
    switch (node.kind) {
        case Node::Kind::kNull:
            out += " null\n";
            return;
        case Node::Kind::kScalar:
            out += " " + scalar_text(node.text) + "\n";
            return;
        case Node::Kind::kList:
            if (node.items.empty()) {
                out += " []\n";
                return;
            }
            break;
        case Node::Kind::kMap:
            if (node.entries.empty()) {
                out += " {}\n";
                return;
            }
            break;
    }
    out += '\n';
    write(node, level, out);
}

void write(const Node& node, int level, std::string& out) {
    const std::string indent(static_cast<std::size_t>(level) * 2, ' ');
    if (node.is(Node::Kind::kList)) {
        for (const Node& item : node.items) {
            if (item.items.empty() && item.entries.empty()) {
                out += indent + "-";
                write_value(item, level + 1, out);
                continue;
            }
            // The dash takes the place of the first line's indentation.
            const std::size_t begin = out.size();
            write(item, level + 1, out);
            out[begin + indent.size()] = '-';
        }
        return;
    }
    std::vector<const Entry*> sorted;
    for (const Entry& e : node.entries) sorted.push_back(&e);
    std::sort(sorted.begin(), sorted.end(),
              [](const Entry* a, const Entry* b) { return a->key < b->key; });
    for (const Entry* e : sorted) {
        out += indent + scalar_text(e->key) + ":";
        write_value(e->value, level + 1, out);
    }
}

}  // namespace

std::string to_yaml(const Node& node) {
    std::string out;
    if (node.is(Node::Kind::kMap) || node.is(Node::Kind::kList)) {
        write(node, 0, out);
    } else {
        out = node.is(Node::Kind::kNull) ? "null\n" : scalar_text(node.text) + "\n";
    }
    return out;
}

}  // namespace fermata::config
