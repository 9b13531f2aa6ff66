#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "adapters/tape/tape_format.hpp"
#include "core/types/time.hpp"

namespace fermata::tape {

/// A tape whose bytes are in memory (mapped or not): everything but the events is checked at
/// construction, the events block by block when they are read.
///
/// Throws FeedError that names the tape, what was found and what was expected. Never reads outside
/// of `bytes`, whatever they hold.
class TapeView {
public:
    /// `bytes` outlive the view and are aligned to 64.
    TapeView(std::span<const std::byte> bytes, std::string name);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const Tables& tables() const noexcept { return tables_; }
    [[nodiscard]] std::uint64_t event_count() const noexcept { return header_.event_count; }
    [[nodiscard]] std::size_t block_count() const noexcept { return index_.size(); }
    [[nodiscard]] const IndexEntry& block_info(std::size_t block) const { return index_[block]; }
    [[nodiscard]] Timestamp first() const noexcept { return {header_.first_ns}; }
    [[nodiscard]] Timestamp last() const noexcept { return {header_.last_ns}; }
    [[nodiscard]] std::string_view content_hash() const noexcept { return hash_; }

    /// The events of one block after its checksum, its times against the index, the order of the
    /// events and every id and type were checked.
    [[nodiscard]] std::span<const MarketEvent> block(std::size_t block) const;
    /// The first block that may hold events at or after `t`; block_count() when there is none.
    [[nodiscard]] std::size_t find(Timestamp t) const noexcept;

private:
    [[noreturn]] void fail(const std::string& what) const;
    void read_header();
    void read_index();
    [[nodiscard]] std::string_view section(std::uint64_t offset, std::uint64_t length,
                                           const char* what) const;

    std::span<const std::byte> bytes_;
    std::string name_;
    Header header_{};
    std::string hash_;
    std::span<const IndexEntry> index_;
    Tables tables_;
};

}  // namespace fermata::tape
