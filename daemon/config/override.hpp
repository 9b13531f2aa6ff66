#pragma once

#include <string>

#include "daemon/config/document.hpp"

namespace fermata::config {

/// Applies one "key.path=value" to a document. The path's keys are separated by dots; an element of
/// a list is named by its index from 0, or by its name or symbol ("strategies.sma.params.fast=10",
/// "feeds.0.path=x.csv"). Maps on the way are made where they are missing; a list grows only by an
/// index that is its size. The value is YAML: "10", "[SPY, IBM]", "{type: percent, value: 0.5}".
/// Throws ConfigError whose place is "--set key.path=value".
void apply_override(Node& root, const std::string& text);

}  // namespace fermata::config
