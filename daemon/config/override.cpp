#include "daemon/config/override.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/codec.hpp"

namespace fermata::config {
namespace {

[[noreturn]] void fail(const std::string& text, const std::string& path, std::string message) {
    throw ConfigError(
        {ConfigProblem{Place{std::make_shared<const std::string>("--set " + printable(text)), 0, 0},
                       path, std::move(message)}});
}

/// Everything in the value came from the command line.
void mark(Node& node, const std::shared_ptr<const std::string>& origin) {
    node.place = Place{origin, 0, 0};
    for (Node& item : node.items) mark(item, origin);
    for (Entry& entry : node.entries) {
        entry.place = node.place;
        mark(entry.value, origin);
    }
}

/// What an element of a list calls itself.
const std::string* name_of(const Node& element) {
    for (const char* key : {"name", "symbol"}) {
        const Node* value = element.find(key);
        if (value != nullptr && value->is(Node::Kind::kScalar)) return &value->text;
    }
    return nullptr;
}

/// `rest` begins with `name` as whole path segments.
bool begins_with(std::string_view rest, std::string_view name) {
    return rest.starts_with(name) && (rest.size() == name.size() || rest[name.size()] == '.');
}

/// Takes `count` characters and the dot behind them off the front.
std::string_view drop(std::string_view rest, std::size_t count) {
    return rest.size() > count ? rest.substr(count + 1) : std::string_view();
}

/// The key at the front of `rest`: the longest key of `map` that fits, as keys may hold dots, else
/// all up to the next dot.
std::string_view front_key(const Node& map, std::string_view rest) {
    std::size_t longest = 0;
    for (const Entry& entry : map.entries) {
        if (entry.key.size() > longest && begins_with(rest, entry.key)) longest = entry.key.size();
    }
    return rest.substr(0, longest != 0 ? longest : rest.find('.'));
}

/// The element of `list` that the front of `rest` names, which is taken off.
Node& element(Node& list, std::string_view& rest, const std::string& text,
              const std::string& path) {
    // Names may hold dots ("BRK.B"): the longest one that fits is meant.
    std::size_t longest = 0;
    std::vector<Node*> found;
    std::vector<std::string> names;
    for (Node& item : list.items) {
        const std::string* name = name_of(item);
        if (name == nullptr) continue;
        names.push_back(*name);
        if (name->empty() || !begins_with(rest, *name) || name->size() < longest) continue;
        if (name->size() > longest) found.clear();
        longest = name->size();
        found.push_back(&item);
    }
    if (found.size() > 1) {
        fail(text, path,
             "found " + std::to_string(found.size()) + " elements named " +
                 in_quotes(rest.substr(0, longest)) + ", expected an index from 0");
    }
    if (found.size() == 1) {
        rest = drop(rest, longest);
        return *found.front();
    }
    const std::string_view key = rest.substr(0, rest.find('.'));
    const auto index = parse_integer(key);
    if (!index) {
        fail(text, path,
             "found " + in_quotes(key) +
                 ", expected the index or the name of an element of the list" +
                 did_you_mean(key, names));
    }
    const auto size = static_cast<std::int64_t>(list.items.size());
    if (*index < 0 || *index > size) {
        fail(text, path,
             "found the index " + std::to_string(*index) + ", expected 0 to " +
                 std::to_string(size));
    }
    if (*index == size) list.items.emplace_back();
    rest = drop(rest, key.size());
    return list.items[static_cast<std::size_t>(*index)];
}

/// "key=null": the key is as if it had never been said.
void remove_key(Node& map, const std::string& key, const std::string& text,
                const std::string& path) {
    std::vector<std::string> said;
    for (const Entry& entry : map.entries) said.push_back(entry.key);
    const auto erased = std::erase_if(map.entries, [&](const Entry& e) { return e.key == key; });
    if (erased != 0) return;
    fail(text, path,
         "found " + in_quotes(key) + ", expected a key that the configuration says" +
             did_you_mean(key, said));
}

}  // namespace

void apply_override(Node& root, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        fail(text, "", "found " + in_quotes(text) + ", expected key.path=value");
    }
    const std::string path = printable(text.substr(0, equals));
    std::string_view rest = std::string_view(text).substr(0, equals);
    if (rest.front() == '.' || rest.back() == '.' || rest.find("..") != std::string_view::npos) {
        fail(text, path, "found an empty key, expected keys separated by single dots");
    }
    const auto origin = std::make_shared<const std::string>("--set " + printable(text));

    Node value;
    const std::string written = text.substr(equals + 1);
    const bool removes = written == "null" || written == "~";
    try {
        check_encoding(text, *origin);
        if (written.find_first_not_of(" \t") == std::string::npos) {
            fail(text, path, "found nothing behind '=', expected a value");
        }
        if (!removes) value = parse_document(written, *origin);
    } catch (const ConfigError& e) {
        fail(text, path, e.problems().front().message);
    }
    mark(value, origin);

    Node* node = &root;
    int depth = 0;
    while (!rest.empty()) {
        if (++depth > kDepthMax) {
            fail(text, path, "nested deeper than " + std::to_string(kDepthMax) + " levels");
        }
        if (node->is(Node::Kind::kList)) {
            node = &element(*node, rest, text, path);
            continue;
        }
        const std::string key(front_key(*node, rest));
        if (node->is(Node::Kind::kScalar)) {
            fail(text, path,
                 "found a plain value above " + in_quotes(key) + ", expected a map or a list");
        }
        if (node->is(Node::Kind::kNull)) {
            *node = Node::map();
            node->place = Place{origin, 0, 0};
        }
        rest = drop(rest, key.size());
        Node* child = node->find(key);
        if (removes && (child == nullptr || rest.empty())) {
            return remove_key(*node, key, text, path);
        }
        if (child == nullptr) {
            Node made;
            made.place = Place{origin, 0, 0};
            child = &node->add(key, std::move(made));
        }
        node = child;
    }
    *node = std::move(value);
}

}  // namespace fermata::config
