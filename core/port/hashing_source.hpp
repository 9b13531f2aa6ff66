#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "core/port/byte_source.hpp"
#include "core/port/hasher.hpp"

namespace fermata {

/// Hashes what passes through. The hasher outlives it.
class HashingSource final : public ByteSource {
public:
    HashingSource(std::unique_ptr<ByteSource> inner, Hasher& hasher)
        : inner_(std::move(inner)), hasher_(hasher) {}

    [[nodiscard]] std::size_t read(std::span<char> out) override {
        const std::size_t n = inner_->read(out);
        hasher_.update(std::as_bytes(out.first(n)));
        return n;
    }
    [[nodiscard]] std::string_view name() const noexcept override { return inner_->name(); }
    [[nodiscard]] double progress() const noexcept override { return inner_->progress(); }

private:
    std::unique_ptr<ByteSource> inner_;
    Hasher& hasher_;
};

}  // namespace fermata
