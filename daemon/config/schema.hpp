#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/document.hpp"
#include "daemon/config/reader.hpp"

/// The declaration of a configuration: sections made of keys. One declaration is read in four ways:
/// to validate and fill the typed settings (read_section), to write the effective configuration
/// (dump_section), and to generate the reference and the JSON Schema (reference.hpp).
///
/// Sections are declared with the typed builder in section.hpp; this header is what is left of them
/// when the types are erased.

namespace fermata::config {

struct SectionSpec;

/// What a key decides. Only the rules and the inputs decide about results, so only they are hashed.
enum class Part {
    kRules,      ///< What is traded, how, and within which limits.
    kInput,      ///< Which market data is read.
    kOperation,  ///< How the run is carried out: output, speed, threads, journal.
};

/// One of the values that a key may have.
struct ChoiceSpec {
    std::string name;
    std::string doc;
    bool built = true;  ///< False: known, and refused as "not built into this version".
};

struct KeySpec {
    /// The form of the value.
    enum class Shape {
        kScalar,
        kScalarList,   ///< A list of scalars.
        kScalarMap,    ///< A map of names to scalars.
        kSection,      ///< A map with the keys of `section`.
        kSectionList,  ///< A list of such maps.
        kSectionMap,   ///< A map of names to such maps.
        kEither,       ///< A scalar, or the form described by `alternative`.
    };

    std::string name;
    std::string doc;
    Shape shape = Shape::kScalar;
    std::string type;       ///< "money", "text"; of the element where there are several.
    std::string expected;   ///< In words, with the bounds: "an integer from 1 to 10".
    std::string json_type;  ///< "string", "number", "integer", "boolean".
    std::string unit;
    std::string default_text;             ///< As it would be written; empty: none.
    std::string default_note;             ///< A default that depends on other keys, in words.
    std::string minimum, maximum, above;  ///< Bounds as text; `above` is excluded.
    std::string reference;                ///< Kind of name that it must be, "account".
    std::vector<ChoiceSpec> choices;
    bool required = false;
    bool may_be_empty = true;  ///< Of a list or map.
    bool may_repeat = false;   ///< Of a list of scalars.
    std::optional<Part> part;  ///< Empty: that of the section around it.
    std::shared_ptr<const SectionSpec> section;
    std::shared_ptr<const KeySpec> alternative;  ///< kEither only.

    /// Checks `node` and stores its value in `target`, the settings of the section around it.
    std::function<void(Reader&, const Node& node, void* target)> read;
    /// The value in `target`, or nothing when it is not set. `parts` and `own` are for the keys
    /// below.
    std::function<std::optional<Node>(const void* target, const std::vector<Part>& parts, Part own)>
        dump;
};

/// The keys of one of several kinds of a section ("type: csv").
struct VariantSpec {
    std::string name;
    std::string doc;
    bool built = true;
    std::vector<KeySpec> keys;
    std::function<void(void* target)> select;
    std::function<bool(const void* target)> selected;
    /// Contradictions between the keys of the variant; runs only when each alone is valid.
    std::vector<std::function<void(Reader&, const Node&, void*)>> checks;
};

struct SectionSpec {
    std::string title;
    std::string doc;
    std::vector<KeySpec> keys;
    /// Empty: no variants. Else the key that names the variant.
    std::string discriminator;
    std::string discriminator_doc;
    std::string default_variant;
    /// True: the presence of the key `discriminator`, a key of variants[0], selects variants[0],
    /// its absence variants[1].
    bool by_presence = false;
    std::vector<VariantSpec> variants;
    std::vector<std::function<void(Reader&, const Node&, void*)>> checks;
    /// Explains a key that is none of the above where more is known than that; empty otherwise.
    std::function<std::string(const std::string& key)> explain_unknown;
};

/// Reads `node`, which must be a map, into `target`; every problem goes to `reader`.
void read_section(Reader& reader, const Node& node, const SectionSpec& spec, void* target);

/// The effective values of `target`, with the defaults that were filled in. Keys whose part is not
/// in `parts` are left out.
[[nodiscard]] Node dump_section(const SectionSpec& spec, const void* target,
                                const std::vector<Part>& parts, Part part = Part::kRules);

/// "one of a, b, c"; those that are not built are left out.
[[nodiscard]] std::string one_of(const std::vector<ChoiceSpec>& choices);
[[nodiscard]] std::vector<std::string> choice_names(const std::vector<ChoiceSpec>& choices);
[[nodiscard]] std::vector<ChoiceSpec> variant_choices(const SectionSpec& spec);

}  // namespace fermata::config
