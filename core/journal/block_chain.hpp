#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/journal/format.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

/// The hash chain over the bytes of a journal's files:
///
///   head_i = H("fermata journal block\n", head_{i-1}, i, bytes, length of bytes, kind)
///
/// where head_{i-1} takes 64 bytes (head_0: zeros) and i, length and kind 8 each; kind is the type
/// of the frame that ends the block, seal or footer. The length stands behind the bytes and not
/// before them, so that a block need not be kept until it ends; with fields of fixed size around
/// the bytes, two blocks never give the hash function the same text.
///
/// Writer and reader use the same class: one puts what `seal` says into the file, the other
/// compares. Without a hasher there is no chain: numbers and heads stay as they are.
class BlockChain {
public:
    BlockChain() = default;

    /// Begins with the first byte of a segment, behind block `last`.
    void begin(std::unique_ptr<Hasher> hasher, const BlockSeal& last);
    [[nodiscard]] bool active() const noexcept { return hasher_ != nullptr; }

    /// Adds bytes of the file to the open block.
    void update(std::span<const std::byte> bytes);
    /// Bytes in the open block.
    [[nodiscard]] std::uint64_t unsealed() const noexcept { return unsealed_; }
    /// The last block that was sealed.
    [[nodiscard]] const BlockSeal& last() const noexcept { return last_; }

    /// Ends the block and begins the next. `kind` is that of the frame that says so.
    const BlockSeal& seal(ControlFrame kind);
    /// The same with bytes at the end that are no part of the file so far: a footer's own.
    const BlockSeal& seal_with(std::span<const std::byte> bytes);
    /// Goes on behind a seal that is not the expected one.
    void adopt(const BlockSeal& seal);

private:
    void begin_block();

    std::unique_ptr<Hasher> hasher_;
    std::uint64_t unsealed_ = 0;
    BlockSeal last_;
};

}  // namespace fermata
