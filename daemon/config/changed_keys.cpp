#include "daemon/config/changed_keys.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/config/document.hpp"

namespace fermata::config {
namespace {

constexpr std::size_t kShownMax = 120;  // bytes of a value

std::string shortened(std::string text) {
    if (text.size() > kShownMax) text.replace(kShownMax, std::string::npos, "...");
    return text;
}

/// On one line.
std::string text_of(const Node& node) {
    std::string out;
    switch (node.kind) {
        case Node::Kind::kNull:
            return "none";
        case Node::Kind::kScalar:
            return node.text.empty() ? "''" : node.text;
        case Node::Kind::kList:
            for (const Node& item : node.items) out += (out.empty() ? "" : ", ") + text_of(item);
            return "[" + out + "]";
        case Node::Kind::kMap:
            for (const Entry& e : node.entries) {
                out += (out.empty() ? "" : ", ") + e.key + ": " + text_of(e.value);
            }
            return "{" + out + "}";
    }
    return out;
}
std::string text_of(const Node* node) {
    return node == nullptr ? "none" : shortened(text_of(*node));
}

bool has_maps(const Node* node) {
    return node != nullptr && node->is(Node::Kind::kList) &&
           std::ranges::any_of(node->items, [](const Node& i) { return i.is(Node::Kind::kMap); });
}

/// What an item of a list is called; its place where nothing names it.
std::string name_of(const Node& item, std::size_t place) {
    for (const char* key : {"name", "symbol", "comp_id"}) {
        const Node* const name = item.find(key);
        if (name != nullptr && name->is(Node::Kind::kScalar)) return name->text;
    }
    return std::to_string(place);
}

class Comparison {
public:
    void compare(const std::string& path, const Node* a, const Node* b) {
        if (has_maps(a) || has_maps(b)) return items(path, a, b);
        const bool map =
            (a == nullptr || a->is(Node::Kind::kMap)) && (b == nullptr || b->is(Node::Kind::kMap));
        if (map && (a != nullptr || b != nullptr)) return entries(path, a, b);
        const bool equal =
            a != nullptr && b != nullptr ? to_yaml(*a) == to_yaml(*b) : text_of(a) == text_of(b);
        if (!equal) found.push_back({path, text_of(a), text_of(b)});
    }
    std::vector<ChangedKey> found;

private:
    static std::string below(const std::string& path, const std::string& key) {
        return path.empty() ? key : path + "." + key;
    }
    void entries(const std::string& path, const Node* a, const Node* b) {
        std::set<std::string> keys;
        for (const Node* node : {a, b}) {
            if (node == nullptr) continue;
            for (const Entry& e : node->entries) keys.insert(e.key);
        }
        for (const std::string& key : keys) {
            compare(below(path, key), a == nullptr ? nullptr : a->find(key),
                    b == nullptr ? nullptr : b->find(key));
        }
    }
    void items(const std::string& path, const Node* a, const Node* b) {
        std::vector<std::string> names;
        const auto find = [](const Node* list, const std::string& name) -> const Node* {
            if (list == nullptr) return nullptr;
            for (std::size_t n = 0; n < list->items.size(); ++n) {
                if (name_of(list->items[n], n) == name) return &list->items[n];
            }
            return nullptr;
        };
        for (const Node* list : {a, b}) {
            if (list == nullptr) continue;
            for (std::size_t n = 0; n < list->items.size(); ++n) {
                std::string name = name_of(list->items[n], n);
                if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
            }
        }
        for (const std::string& name : names) {
            const Node* const before = find(a, name);
            const Node* const after = find(b, name);
            if (before != nullptr && after != nullptr) {
                compare(below(path, name), before, after);
            } else {
                found.push_back({below(path, name), text_of(before), text_of(after)});
            }
        }
    }
};

}  // namespace

std::vector<ChangedKey> changed_keys(std::string_view before, std::string_view after) {
    const Node a = parse_document(before, "the configuration so far");
    const Node b = parse_document(after, "the configuration");
    Comparison comparison;
    comparison.compare({}, &a, &b);
    return std::move(comparison.found);
}

}  // namespace fermata::config
