#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/types/fixed.hpp"
#include "core/types/time.hpp"

namespace fermata::postgres {

/// Rows in the format of COPY BINARY (PostgreSQL manual, COPY, "Binary Format"): a count of
/// columns, then for each its length and bytes, all numbers big-endian. What is written here is
/// byte for byte what the server sends for the same value.
///
/// Use: `row(columns)`, then exactly so many values. Keeps its memory when it is cleared.
class CopyRows {
public:
    /// Longest row without its variable parts (text, bytea): each of those adds its own length.
    static constexpr std::size_t kRowBytesMax = 1024;

    void row(std::size_t columns) {
        reserve(kRowBytesMax);
        put(static_cast<std::int16_t>(columns));
        ++rows_;
    }
    void null() { put(std::int32_t{-1}); }
    void boolean(bool v) {
        put(std::int32_t{1});
        data_[size_++] = static_cast<std::byte>(v ? 1 : 0);
    }
    void int4(std::int64_t v) { number(static_cast<std::int32_t>(v)); }
    void int8(std::int64_t v) { number(v); }
    void int8(std::uint64_t v) { number(static_cast<std::int64_t>(v)); }
    void text(std::string_view v) { bytes(std::as_bytes(std::span(v.data(), v.size()))); }
    void bytes(std::span<const std::byte> v) {
        reserve(v.size() + kRowBytesMax);
        put(static_cast<std::int32_t>(v.size()));
        std::memcpy(data_.get() + size_, v.data(), v.size());
        size_ += v.size();
    }
    /// Days since 1970.
    void date(std::int32_t days) { number(days - kEpochDays); }
    /// Microseconds, rounded down.
    void timestamp(Timestamp ts) {
        const std::int64_t us = ts.ns / 1'000 - (ts.ns % 1'000 < 0 ? 1 : 0);
        number(us - kEpochDays * std::int64_t{86'400'000'000});
    }
    /// raw x 10^-decimals as numeric with that scale.
    void numeric(std::int64_t raw, int decimals);
    template <class Tag, int Decimals>
    void numeric(Fixed<Tag, Decimals> v) {
        numeric(v.raw(), Decimals);
    }
    void texts(std::span<const std::string_view> values);

    [[nodiscard]] std::span<const std::byte> data() const noexcept { return {data_.get(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    void clear() noexcept { size_ = rows_ = 0; }

    /// What stands before the first and after the last row of a COPY.
    [[nodiscard]] static std::span<const std::byte> header() noexcept;
    [[nodiscard]] static std::span<const std::byte> trailer() noexcept;

private:
    static constexpr std::int32_t kEpochDays = 10'957;  // 2000-01-01

    template <std::integral T>
    void number(T v) {
        put(static_cast<std::int32_t>(sizeof v));
        put(v);
    }
    template <std::integral T>
    void put(T v) {
        using U = std::make_unsigned_t<T>;
        U u = static_cast<U>(v);
        if constexpr (sizeof u == 2) u = __builtin_bswap16(u);
        if constexpr (sizeof u == 4) u = __builtin_bswap32(u);
        if constexpr (sizeof u == 8) u = __builtin_bswap64(u);
        std::memcpy(data_.get() + size_, &u, sizeof u);
        size_ += sizeof u;
    }
    void reserve(std::size_t more) {
        if (size_ + more <= capacity_) return;
        const std::size_t capacity = std::max(2 * capacity_, size_ + more);
        auto grown = std::make_unique_for_overwrite<std::byte[]>(capacity);
        if (size_ != 0) std::memcpy(grown.get(), data_.get(), size_);
        data_ = std::move(grown);
        capacity_ = capacity;
    }

    std::unique_ptr<std::byte[]> data_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    std::size_t rows_ = 0;
};

}  // namespace fermata::postgres
