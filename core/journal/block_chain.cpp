#include "core/journal/block_chain.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "core/base/bytes.hpp"

namespace fermata {
namespace {

constexpr std::string_view kDomain = "fermata journal block\n";

}  // namespace

void BlockChain::begin(std::unique_ptr<Hasher> hasher, const BlockSeal& last) {
    hasher_ = std::move(hasher);
    last_ = last;
    begin_block();
}

void BlockChain::begin_block() {
    unsealed_ = 0;
    if (!hasher_) return;
    std::array<std::byte, 8> number;
    store_little_endian<std::uint64_t>(number.data(), last_.number + 1);
    hasher_->update(bytes_of(kDomain));
    hasher_->update(last_.head);
    hasher_->update(number);
}

void BlockChain::update(std::span<const std::byte> bytes) {
    if (!hasher_ || bytes.empty()) return;
    hasher_->update(bytes);
    unsealed_ += bytes.size();
}

const BlockSeal& BlockChain::seal(ControlFrame kind) {
    if (!hasher_) {
        last_.length = 0;
        return last_;
    }
    std::array<std::byte, 16> end;
    store_little_endian<std::uint64_t>(end.data(), unsealed_);
    store_little_endian<std::uint64_t>(end.data() + 8, static_cast<std::uint64_t>(kind));
    hasher_->update(end);
    last_ = BlockSeal{last_.number + 1, unsealed_, hasher_->finish_digest()};
    begin_block();
    return last_;
}

const BlockSeal& BlockChain::seal_with(std::span<const std::byte> bytes) {
    update(bytes);
    return seal(ControlFrame::kFooter);
}

void BlockChain::adopt(const BlockSeal& seal) {
    last_ = seal;
    if (!hasher_) return;
    (void)hasher_->finish_digest();
    begin_block();
}

}  // namespace fermata
