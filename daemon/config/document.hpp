#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/problem.hpp"

namespace fermata::config {

struct Entry;

/// A value of a YAML document with the place where it stands. Scalars keep their text as written:
/// what it means is decided by the schema, never by YAML's guess.
struct Node {
    enum class Kind { kNull, kScalar, kList, kMap };

    Kind kind = Kind::kNull;
    Place place;
    std::string text;            ///< Scalars only.
    std::vector<Node> items;     ///< Lists only.
    std::vector<Entry> entries;  ///< Maps only, in the order of the file, keys unique.

    [[nodiscard]] static Node scalar(std::string text);
    [[nodiscard]] static Node list();
    [[nodiscard]] static Node map();

    [[nodiscard]] bool is(Kind k) const noexcept { return kind == k; }
    /// The value of a key of a map; nullptr when absent or when this is no map.
    [[nodiscard]] const Node* find(std::string_view key) const noexcept;
    [[nodiscard]] Node* find(std::string_view key) noexcept;
    [[nodiscard]] const Entry* find_entry(std::string_view key) const noexcept;
    /// Adds a key to a map; the key must be new.
    Node& add(std::string key, Node value);
    /// For a message: "'abc'", "a list", "a map", "nothing".
    [[nodiscard]] std::string describe() const;
};

/// A key of a map and its value.
struct Entry {
    std::string key;
    Place place;  ///< Of the key.
    Node value;
};

/// Bounds that keep a hostile or broken file from exhausting the machine.
inline constexpr std::size_t kFileBytesMax = std::size_t{8} << 20;
inline constexpr std::size_t kNodesMax = 500'000;  ///< After the expansion of aliases.
inline constexpr std::size_t kKeysMax = 10'000;    ///< Of one map.
inline constexpr int kDepthMax = 24;

/// Parses one YAML document. Anchors, aliases and merge keys (`<<`) are expanded; tags, several
/// documents, keys that are not plain text, duplicate keys and bytes that are not UTF-8 are
/// problems. Throws ConfigError.
[[nodiscard]] Node parse_document(std::string_view text, const std::string& origin);

/// Reads a whole file of at most kFileBytesMax bytes; a pipe will do. Throws ConfigError.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

/// Checks that `text` is UTF-8 without control characters. Throws ConfigError with the first
/// offending byte's line and column.
void check_encoding(std::string_view text, const std::string& origin);

/// The node as canonical YAML: keys sorted, two spaces a level, scalars quoted where their text
/// could be read as something else. Equal trees give equal bytes, and the text parses back.
[[nodiscard]] std::string to_yaml(const Node& node);

}  // namespace fermata::config
