#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/config/codec.hpp"
#include "daemon/config/schema.hpp"

/// The typed builder of schema.hpp: a key is a member of the settings that it fills. The member's
/// type says how the text is read, and the member's value in default-constructed settings is the
/// key's default, so that neither is written twice.

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
    std::string default_note = {};  ///< Instead of the default, where it depends on other keys.
    std::string defines = {};       ///< Text: makes the value known as such a name.
    std::string refers_to = {};     ///< Text: must be such a name.
    std::optional<Part> part = {};
    bool may_be_empty = true;  ///< Lists and maps.
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
    std::string out = Codec<T>::kPhrase;
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
    const bool valid = value && !(o.minimum && *value < *o.minimum) &&
                       !(o.maximum && *o.maximum < *value) && !(o.above && !(*o.above < *value));
    if (!valid) {
        reader.unexpected(node, expectation(o));
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
    key.unit = o.unit;
    key.default_note = o.default_note;
    key.required = o.required;
    key.reference = o.refers_to;
    key.part = o.part;
    key.may_be_empty = o.may_be_empty;
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
    for (const V& value : T{}.*member) {
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
            if (std::find(values.begin(), values.end(), *value) != values.end()) {
                reader.problem(node.items[i].place,
                               "found " + node.items[i].describe() + " twice in the list");
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

/// A section whose keys fill a T.
template <class T>
class Section {
public:
    Section(std::string title, std::string doc) : spec_(std::make_shared<SectionSpec>()) {
        spec_->title = std::move(title);
        spec_->doc = std::move(doc);
    }

    Section& add(KeySpec key) {
        spec_->keys.push_back(std::move(key));
        return *this;
    }
    template <class M>
    Section& key(std::string name, M T::* member, std::string doc,
                 Options<typename Unwrapped<M>::type> o = {}) {
        return add(scalar_key(std::move(name), member, std::move(doc), std::move(o)));
    }
    template <class M>
    Section& choice(std::string name, M T::* member, std::string doc,
                    std::vector<Choice<typename Unwrapped<M>::type>> choices,
                    Options<std::string> o = {}) {
        return add(
            choice_key(std::move(name), member, std::move(doc), std::move(choices), std::move(o)));
    }
    template <class V>
    Section& values(std::string name, std::vector<V> T::* member, std::string doc,
                    Options<V> o = {}) {
        return add(values_key(std::move(name), member, std::move(doc), std::move(o)));
    }

    /// A key whose value is a section; absent, the member keeps its defaults (or stays empty).
    template <class M>
    Section& section(std::string name, M T::* member,
                     const Section<typename Unwrapped<M>::type>& inner,
                     std::optional<Part> part = {}, bool required = false) {
        return add(section_key(std::move(name), member, inner, part, required));
    }
    template <class M>
    static KeySpec section_key(std::string name, M T::* member,
                               const Section<typename Unwrapped<M>::type>& inner,
                               std::optional<Part> part = {}, bool required = false) {
        KeySpec key;
        key.name = std::move(name);
        key.doc = inner.spec()->doc;
        key.shape = KeySpec::Shape::kSection;
        key.section = inner.spec();
        key.part = part;
        key.required = required;
        key.read = [member, spec = inner.spec()](Reader& reader, const Node& node, void* target) {
            M& value = detail::of<T>(target).*member;
            if constexpr (Unwrapped<M>::kOptional) {
                read_section(reader, node, *spec, &value.emplace());
            } else {
                read_section(reader, node, *spec, &value);
            }
        };
        key.dump = [member, spec = inner.spec()](const void* target, const std::vector<Part>& parts,
                                                 Part own) -> std::optional<Node> {
            const M& value = detail::of<T>(target).*member;
            if constexpr (Unwrapped<M>::kOptional) {
                if (!value) return std::nullopt;
                return dump_section(*spec, &*value, parts, own);
            } else {
                return dump_section(*spec, &value, parts, own);
            }
        };
        return key;
    }

    /// A key whose value is a list of sections.
    template <class S>
    Section& list(std::string name, std::vector<S> T::* member, const Section<S>& inner,
                  Options<bool> o = {}) {
        return add(list_key(std::move(name), member, inner, o));
    }
    template <class S>
    static KeySpec list_key(std::string name, std::vector<S> T::* member, const Section<S>& inner,
                            Options<bool> o = {}) {
        KeySpec key;
        key.name = std::move(name);
        key.doc = inner.spec()->doc;
        key.shape = KeySpec::Shape::kSectionList;
        key.section = inner.spec();
        key.part = o.part;
        key.required = o.required;
        key.may_be_empty = o.may_be_empty;
        key.read = [member, spec = inner.spec(), o](Reader& reader, const Node& node,
                                                    void* target) {
            if (!node.is(Node::Kind::kList)) {
                reader.unexpected(node, "a list of maps");
                return;
            }
            if (node.items.empty() && !o.may_be_empty) {
                reader.problem(node.place, "found an empty list, expected at least one element");
            }
            std::vector<S>& values = detail::of<T>(target).*member;
            values.clear();
            values.reserve(node.items.size());
            for (std::size_t i = 0; i < node.items.size(); ++i) {
                const Reader::Step step(reader, std::to_string(i));
                values.emplace_back();
                read_section(reader, node.items[i], *spec, &values.back());
            }
        };
        key.dump = [member, spec = inner.spec()](const void* target, const std::vector<Part>& parts,
                                                 Part own) -> std::optional<Node> {
            Node list = Node::list();
            for (const S& value : detail::of<T>(target).*member) {
                list.items.push_back(dump_section(*spec, &value, parts, own));
            }
            return list;
        };
        return key;
    }

    /// A key whose value is a map of names to sections.
    template <class S>
    Section& map(std::string name, std::map<std::string, S> T::* member, const Section<S>& inner,
                 std::string names_refer_to = {}) {
        KeySpec key;
        key.name = std::move(name);
        key.doc = inner.spec()->doc;
        key.shape = KeySpec::Shape::kSectionMap;
        key.section = inner.spec();
        key.reference = names_refer_to;
        key.read = [member, spec = inner.spec(), names_refer_to](Reader& reader, const Node& node,
                                                                 void* target) {
            if (!node.is(Node::Kind::kMap)) {
                reader.unexpected(node, "a map");
                return;
            }
            for (const Entry& entry : node.entries) {
                const Reader::Step step(reader, entry.key);
                if (!names_refer_to.empty()) {
                    reader.require_defined(names_refer_to, entry.key, entry.place);
                }
                S& value = (detail::of<T>(target).*member)[entry.key];
                read_section(reader, entry.value, *spec, &value);
            }
        };
        key.dump = [member, spec = inner.spec()](const void* target, const std::vector<Part>& parts,
                                                 Part own) -> std::optional<Node> {
            const auto& values = detail::of<T>(target).*member;
            if (values.empty()) return std::nullopt;
            Node map = Node::map();
            for (const auto& [k, v] : values) map.add(k, dump_section(*spec, &v, parts, own));
            return map;
        };
        return add(std::move(key));
    }

    /// The keys of `inner`, which fill a part of T, as if they were this section's own.
    template <class S>
    Section& include(const Section<S>& inner, S T::* member) {
        for (const KeySpec& key : inner.spec()->keys) {
            spec_->keys.push_back(project(
                key, [member](void* target) -> void* { return &(detail::of<T>(target).*member); }));
        }
        return *this;
    }

    /// The section has kinds; the key `name` says which. Follow with one `variant` a kind.
    Section& variants(std::string name, std::string doc, std::string default_variant = {}) {
        spec_->discriminator = std::move(name);
        spec_->discriminator_doc = std::move(doc);
        spec_->default_variant = std::move(default_variant);
        return *this;
    }
    /// Two kinds, told apart by the presence of a key of the first.
    Section& variants_by_presence(std::string name) {
        spec_->discriminator = std::move(name);
        spec_->by_presence = true;
        return *this;
    }
    /// One kind: its keys fill what `enter` makes of the target; `is` tells whether it is this one.
    /// `enter` is called for the reading and, behind a const_cast, for the writing of settings that
    /// are of this kind already: then it must change nothing.
    template <class S>
    Section& variant(std::string name, const Section<S>& inner, S& (*enter)(T&),
                     bool (*is)(const T&), void (*select)(T&) = nullptr) {
        VariantSpec variant;
        variant.name = std::move(name);
        variant.doc = inner.spec()->doc;
        variant.select = [select](void* target) {
            if (select != nullptr) select(detail::of<T>(target));
        };
        variant.selected = [is](const void* target) { return is(detail::of<T>(target)); };
        const auto projector = [enter](void* target) -> void* {
            return &enter(detail::of<T>(target));
        };
        for (const KeySpec& key : inner.spec()->keys) {
            variant.keys.push_back(project(key, projector));
        }
        for (const auto& check : inner.spec()->checks) {
            variant.checks.push_back(
                [check, projector](Reader& reader, const Node& node, void* target) {
                    check(reader, node, projector(target));
                });
        }
        spec_->variants.push_back(std::move(variant));
        return *this;
    }
    /// A kind that is known but not built into this version.
    Section& variant_not_built(std::string name, std::string doc) {
        VariantSpec variant;
        variant.name = std::move(name);
        variant.doc = std::move(doc);
        variant.built = false;
        variant.selected = [](const void*) { return false; };
        spec_->variants.push_back(std::move(variant));
        return *this;
    }

    /// Contradictions between keys; runs only when each key alone is valid.
    Section& check(void (*rule)(Reader&, const Node&, T&)) {
        spec_->checks.push_back([rule](Reader& reader, const Node& node, void* target) {
            rule(reader, node, detail::of<T>(target));
        });
        return *this;
    }

    [[nodiscard]] std::shared_ptr<const SectionSpec> spec() const { return spec_; }

private:
    template <class Projector>
    static KeySpec project(KeySpec key, Projector projector) {
        key.read = [read = std::move(key.read), projector](Reader& reader, const Node& node,
                                                           void* target) {
            read(reader, node, projector(target));
        };
        key.dump = [dump = std::move(key.dump), projector](
                       const void* target, const std::vector<Part>& parts, Part own) {
            return dump(projector(const_cast<void*>(target)), parts, own);
        };
        return key;
    }

    std::shared_ptr<SectionSpec> spec_;
};

}  // namespace fermata::config
