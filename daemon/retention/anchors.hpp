#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/journal/journal_head.hpp"
#include "core/port/file.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// The file of anchors in a journal's directory.
inline constexpr std::string_view kAnchorsFile = "anchors.jsonl";
/// Whoever adds to it holds a lock on this empty file beside it.
inline constexpr std::string_view kAnchorsLock = "anchors.lock";

/// The head of a journal's chain at a time, as it was told to an outside witness.
struct Anchor {
    JournalHead head;
    Timestamp time;  ///< When it was taken, by the clock of the machine.
    friend bool operator==(const Anchor&, const Anchor&) = default;
};

/// One line of JSON: {"run":"...","segment":3,"block":12,"records":5131,"algorithm":"blake2b512",
/// "head":"...","time":"..."}.
[[nodiscard]] std::string to_json(const Anchor& anchor);
/// Reads such a line; nothing for every other text.
[[nodiscard]] std::optional<Anchor> parse_anchor(std::string_view line);

/// The anchors of a file, in its order. The error names the line that is none.
[[nodiscard]] Result<std::vector<Anchor>, std::string> read_anchors(FileSystem& files,
                                                                    const std::string& path);

/// What a journal says to an anchor.
enum class AnchorFound : std::uint8_t {
    kYes,       ///< The journal contains the head.
    kPruned,    ///< It belongs to segments that were removed before the first one that is left.
    kNo,        ///< The journal ends before it, or has another head at its place.
    kOtherRun,  ///< It belongs to another run.
};
[[nodiscard]] std::string_view name(AnchorFound found) noexcept;  ///< "contained", "pruned", ...

/// Looks for the heads of `anchors` among the seals of a journal, in one pass that does not compute
/// the chain: call it for a journal whose chain was verified.
[[nodiscard]] Result<std::vector<AnchorFound>, std::string> find_anchors(
    FileSystem& files, const std::string& directory, const std::vector<Anchor>& anchors);

}  // namespace fermata
