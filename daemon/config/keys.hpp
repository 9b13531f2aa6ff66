#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/config/codec.hpp"
#include "daemon/config/schema.hpp"

/// Typed keys of schema.hpp: a key is a member of the settings that it fills. The member's type
/// says how the text is read, and the member's value in default-constructed settings is the key's
/// default, so that neither is written twice.

namespace fermata::config {

template <class T>
struct Unwrapped {
    using type = T;
    static constexpr bool kOptional = false;
};
template <class T>
struct Unwrapped<std::optional<T>> {
    using type = T;
    static constexpr bool kOptional = true;
};

/// What a key may say beyond its type. All bounds are of the key's own type.
template <class T>
struct Options {
    bool required = false;
    std::optional<T> minimum = {};
    std::optional<T> maximum = {};
    std::optional<T> above = {};  ///< Greater than this.
    std::string unit = {};
    std::string default_note = {};      ///< Instead of the default, where it depends on other keys.
    bool (*valid)(const T&) = nullptr;  ///< A rule beyond the bounds, told by `expected`.
    std::string expected = {};          ///< "a name of letters, digits, ..."
    std::string defines = {};           ///< Text: makes the value known as such a name.
    std::string refers_to = {};         ///< Text: must be such a name.
    std::optional<Part> part = {};
    bool may_be_empty = true;  ///< Lists and maps.
    bool may_repeat = false;   ///< Lists: an element may stand in it twice.
};

template <class E>
struct Choice {
    std::string name;
    E value;
    std::string doc;
    bool built = true;
};

namespace detail {

/// "an integer from 1 to 100", "a price with at most 9 decimals, above 0".
template <class T>
std::string expectation(const Options<T>& o) {
    std::string out = o.expected.empty() ? Codec<T>::kPhrase : o.expected;
    if (o.minimum && o.maximum) {
        return out + " from " + Codec<T>::format(*o.minimum) + " to " +
               Codec<T>::format(*o.maximum);
    }
    if (o.above) out += ", more than " + Codec<T>::format(*o.above);
    if (o.minimum) out += ", at least " + Codec<T>::format(*o.minimum);
    if (o.maximum) out += ", at most " + Codec<T>::format(*o.maximum);
    return out;
}

/// A scalar's value, or nothing and a problem.
template <class T>
std::optional<T> read_scalar(Reader& reader, const Node& node, const Options<T>& o) {
    std::optional<T> value;
    if (node.is(Node::Kind::kScalar)) value = Codec<T>::parse(node.text);
    bool valid = value && (o.valid == nullptr || o.valid(*value));
    if constexpr (std::totally_ordered<T>) {
        valid = valid && !(o.minimum && *value < *o.minimum) &&
                !(o.maximum && *o.maximum < *value) && !(o.above && !(*o.above < *value));
    }
    if (!valid) {
        reader.unexpected(node, expectation(o));
        if (!o.defines.empty()) reader.mark_incomplete(o.defines);
        return std::nullopt;
    }
    if constexpr (std::is_same_v<T, std::string>) {
        if (!o.defines.empty()) reader.define(o.defines, *value, node.place);
        if (!o.refers_to.empty()) reader.require_defined(o.refers_to, *value, node.place);
    }
    if constexpr (std::is_same_v<T, FilePath>) value->resolved = reader.resolve(value->written);
    return value;
}

template <class T>
void describe_scalar(KeySpec& key, const Options<T>& o) {
    key.type = Codec<T>::kLabel;
    key.json_type = Codec<T>::kJson;
    key.expected = expectation(o);
    key.unit = o.unit;
    key.default_note = o.default_note;
    key.required = o.required;
    key.reference = o.refers_to;
    key.part = o.part;
    key.may_be_empty = o.may_be_empty;
    key.may_repeat = o.may_repeat;
    if (o.minimum) key.minimum = Codec<T>::format(*o.minimum);
    if (o.maximum) key.maximum = Codec<T>::format(*o.maximum);
    if (o.above) key.above = Codec<T>::format(*o.above);
}

template <class T>
const T& of(const void* target) {
    return *static_cast<const T*>(target);
}
template <class T>
T& of(void* target) {
    return *static_cast<T*>(target);
}

}  // namespace detail

/// A key whose value is one scalar, of type F or std::optional<F>.
template <class T, class M>
KeySpec scalar_key(std::string name, M T::* member, std::string doc,
                   Options<typename Unwrapped<M>::type> o = {}) {
    using V = typename Unwrapped<M>::type;
    KeySpec key;
    key.name = std::move(name);
    key.doc = std::move(doc);
    detail::describe_scalar(key, o);
    if constexpr (!Unwrapped<M>::kOptional) {
        if (!o.required && o.default_note.empty()) key.default_text = Codec<V>::format(T{}.*member);
    }
    key.read = [member, o](Reader& reader, const Node& node, void* target) {
        if (auto value = detail::read_scalar<V>(reader, node, o)) {
            detail::of<T>(target).*member = std::move(*value);
        }
    };
    key.dump = [member](const void* target, const std::vector<Part>&, Part) -> std::optional<Node> {
        const M& value = detail::of<T>(target).*member;
        std::string text;
        if constexpr (Unwrapped<M>::kOptional) {
            if (!value) return std::nullopt;
            text = Codec<V>::format(*value);
        } else {
            text = Codec<V>::format(value);
        }
        // An empty text is a setting that nobody made.
        return text.empty() ? std::nullopt : std::optional(Node::scalar(std::move(text)));
    };
    return key;
}

/// A key whose value is one of a few words, kept as an enum E or std::optional<E>.
template <class T, class M>
KeySpec choice_key(std::string name, M T::* member, std::string doc,
                   std::vector<Choice<typename Unwrapped<M>::type>> choices,
                   Options<std::string> o = {}) {
    using E = typename Unwrapped<M>::type;
    KeySpec key;
    key.name = std::move(name);
    key.doc = std::move(doc);
    detail::describe_scalar(key, o);
    key.type = "choice";
    for (const auto& c : choices) key.choices.push_back({c.name, c.doc, c.built});
    const auto name_of = [choices](const E& value) {
        for (const auto& c : choices) {
            if (c.value == value && c.built) return c.name;
        }
        return std::string();
    };
    if constexpr (!Unwrapped<M>::kOptional) {
        if (!o.required && o.default_note.empty()) key.default_text = name_of(T{}.*member);
    }
    key.read = [member, choices, specs = key.choices](Reader& reader, const Node& node,
                                                      void* target) {
        for (const auto& c : choices) {
            if (!node.is(Node::Kind::kScalar) || c.name != node.text) continue;
            if (c.built) {
                detail::of<T>(target).*member = c.value;
            } else {
                reader.problem(node.place, "found " + in_quotes(node.text) +
                                               ", which is not built into this version; expected " +
                                               one_of(specs));
            }
            return;
        }
        reader.unexpected(node, one_of(specs) + did_you_mean(node.text, choice_names(specs)));
    };
    key.dump = [member, name_of](const void* target, const std::vector<Part>&,
                                 Part) -> std::optional<Node> {
        const M& value = detail::of<T>(target).*member;
        if constexpr (Unwrapped<M>::kOptional) {
            if (!value) return std::nullopt;
            return Node::scalar(name_of(*value));
        } else {
            return Node::scalar(name_of(value));
        }
    };
    return key;
}

/// A key whose value is a list of scalars.
template <class T, class V>
KeySpec values_key(std::string name, std::vector<V> T::* member, std::string doc,
                   Options<V> o = {}) {
    KeySpec key;
    key.name = std::move(name);
    key.doc = std::move(doc);
    key.shape = KeySpec::Shape::kScalarList;
    detail::describe_scalar(key, o);
    const T defaults{};
    for (const V& value : defaults.*member) {
        key.default_text += (key.default_text.empty() ? "" : ", ") + Codec<V>::format(value);
    }
    if (!o.required && o.default_note.empty()) key.default_text = "[" + key.default_text + "]";
    key.read = [member, o](Reader& reader, const Node& node, void* target) {
        if (!node.is(Node::Kind::kList)) {
            reader.unexpected(node, std::string("a list such as [a, b]"));
            return;
        }
        if (node.items.empty() && !o.may_be_empty) {
            reader.problem(node.place, "found an empty list, expected at least one element");
        }
        std::vector<V> values;
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            const Reader::Step step(reader, std::to_string(i));
            auto value = detail::read_scalar<V>(reader, node.items[i], o);
            if (!value) continue;
            if (!o.may_repeat && std::find(values.begin(), values.end(), *value) != values.end()) {
                reader.problem(node.items[i].place,
                               "found " + node.items[i].describe() +
                                   " twice in the list, expected every element once");
            }
            values.push_back(std::move(*value));
        }
        detail::of<T>(target).*member = std::move(values);
    };
    key.dump = [member](const void* target, const std::vector<Part>&, Part) -> std::optional<Node> {
        Node list = Node::list();
        for (const V& value : detail::of<T>(target).*member) {
            list.items.push_back(Node::scalar(Codec<V>::format(value)));
        }
        return list;
    };
    return key;
}

/// A key whose value is a map of names to scalars. The names may have to be known ones.
template <class T, class V>
KeySpec value_map_key(std::string name, std::map<std::string, V> T::* member, std::string doc,
                      Options<V> o = {}, std::string names_refer_to = {}) {
    KeySpec key;
    key.name = std::move(name);
    key.doc = std::move(doc);
    key.shape = KeySpec::Shape::kScalarMap;
    detail::describe_scalar(key, o);
    key.reference = names_refer_to;
    key.read = [member, o, names_refer_to](Reader& reader, const Node& node, void* target) {
        if (!node.is(Node::Kind::kMap)) {
            reader.unexpected(node, "a map");
            return;
        }
        if (node.entries.empty() && !o.may_be_empty) {
            reader.problem(node.place, "found an empty map, expected at least one entry");
        }
        for (const Entry& entry : node.entries) {
            const Reader::Step step(reader, entry.key);
            if (!names_refer_to.empty()) {
                reader.require_defined(names_refer_to, entry.key, entry.place);
            }
            if (auto value = detail::read_scalar<V>(reader, entry.value, o)) {
                (detail::of<T>(target).*member)[entry.key] = std::move(*value);
            }
        }
    };
    key.dump = [member](const void* target, const std::vector<Part>&, Part) -> std::optional<Node> {
        const auto& values = detail::of<T>(target).*member;
        if (values.empty()) return std::nullopt;
        Node map = Node::map();
        for (const auto& [k, v] : values) map.add(k, Node::scalar(Codec<V>::format(v)));
        return map;
    };
    return key;
}

/// A key with two forms: a scalar (`plain`), or the structure `rich`. `is_rich` says which one the
/// settings hold.
template <class T>
KeySpec either_key(KeySpec plain, KeySpec rich, bool (*is_rich)(const T&)) {
    KeySpec key = plain;
    key.shape = KeySpec::Shape::kEither;
    key.alternative = std::make_shared<KeySpec>(rich);
    key.read = [plain, rich](Reader& reader, const Node& node, void* target) {
        const bool scalar = node.is(Node::Kind::kScalar) || node.is(Node::Kind::kNull);
        (scalar ? plain : rich).read(reader, node, target);
    };
    key.dump = [plain, rich, is_rich](const void* target, const std::vector<Part>& parts,
                                      Part own) {
        return (is_rich(detail::of<T>(target)) ? rich : plain).dump(target, parts, own);
    };
    return key;
}

}  // namespace fermata::config
