#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// Whether a new run may remove the journal in `directory` without being told to: only one of a
/// replay, which can be done again from its configuration, of which nobody outside was told
/// anything (anchors.jsonl) and nothing was removed on purpose (retention.jsonl). A directory
/// without a journal may be taken, and so may one whose run was killed before anything was on
/// record. The error says what the directory holds: "runs/x/journal holds a journal that was
/// anchored".
[[nodiscard]] Status<std::string> can_be_replaced(FileSystem& files, const std::string& directory);

}  // namespace fermata
