#pragma once

#include <string>

#include "core/strategy/registry.hpp"
#include "daemon/config/schema.hpp"

/// The reference of the configuration, generated from its one declaration.

namespace fermata::config {

/// For a terminal: the keys as an indented tree.
[[nodiscard]] std::string reference_text(const SectionSpec& root);
/// docs/configuration.md.
[[nodiscard]] std::string reference_markdown(const SectionSpec& root);
/// A JSON Schema (draft 2020-12) for editors. It checks types, names and bounds, not references.
[[nodiscard]] std::string reference_json(const SectionSpec& root);

}  // namespace fermata::config

namespace fermata {

enum class SchemaFormat { kText, kMarkdown, kJson };

/// The reference of the configuration of a build that knows these strategies.
[[nodiscard]] std::string config_schema(SchemaFormat format, const StrategyRegistry& registry);

}  // namespace fermata
