#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/keys.hpp"
#include "daemon/config/schema.hpp"

namespace fermata::config {

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
    Section& add_variant(VariantSpec variant) {
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

    /// See SectionSpec::explain_unknown.
    Section& explain_unknown(std::function<std::string(const std::string&)> explain) {
        spec_->explain_unknown = std::move(explain);
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
