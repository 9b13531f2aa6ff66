#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/base/assert.hpp"

namespace fermata {

/// An expected failure, to be constructed where a Result is returned: `return Err{Error::kFull};`.
template <class E>
struct Err {
    E error;
};
template <class E>
Err(E) -> Err<E>;

/// Stands for "nothing" as the value of a Result.
struct Unit {
    friend constexpr bool operator==(Unit, Unit) = default;
};

/// Where a Result keeps its side.
template <class T, class E>
class ResultState {
public:
    template <std::size_t Side, class Content>
    constexpr explicit ResultState(std::in_place_index_t<Side> side, Content&& content)
        : state_(side, std::forward<Content>(content)) {}
    [[nodiscard]] constexpr bool ok() const noexcept { return state_.index() == 0; }
    [[nodiscard]] constexpr T& value() noexcept { return *std::get_if<0>(&state_); }
    [[nodiscard]] constexpr const T& value() const noexcept { return *std::get_if<0>(&state_); }
    [[nodiscard]] constexpr const E& error() const noexcept { return *std::get_if<1>(&state_); }

private:
    std::variant<T, E> state_;
};

/// A number, or an enumeration that says why there is none: two whole words, so that it is handed
/// over in two registers. A variant's index is one byte, which is written alone and read back with
/// its padding as a word: the processor waits some 15 cycles for that at every call.
template <class T, class E>
    requires(std::is_enum_v<E> && sizeof(E) < sizeof(std::uint64_t) &&
             std::is_trivially_copyable_v<T> && std::is_nothrow_default_constructible_v<T> &&
             sizeof(T) <= sizeof(std::uint64_t))
class ResultState<T, E> {
public:
    constexpr explicit ResultState(std::in_place_index_t<0>, T value) noexcept : value_(value) {}
    constexpr explicit ResultState(std::in_place_index_t<1>, E error) noexcept
        : failure_((static_cast<std::uint64_t>(error) << 1U) | 1U) {}
    [[nodiscard]] constexpr bool ok() const noexcept { return failure_ == 0; }
    [[nodiscard]] constexpr T& value() noexcept { return value_; }
    [[nodiscard]] constexpr const T& value() const noexcept { return value_; }
    [[nodiscard]] constexpr E error() const noexcept { return static_cast<E>(failure_ >> 1U); }

private:
    [[no_unique_address]] T value_{};
    std::uint64_t failure_ = 0;  // 0: none; else the error above a bit that is set
};

/// Either a value or an expected error. Used instead of exceptions wherever a failure belongs to
/// normal life. T and E must differ. Reading the wrong side is a bug and aborts.
template <class T, class E>
class [[nodiscard]] Result {
public:
    using value_type = T;
    using error_type = E;

    constexpr Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}     // NOLINT
    constexpr Result(Err<E> e) : state_(std::in_place_index<1>, std::move(e.error)) {}  // NOLINT

    [[nodiscard]] constexpr bool ok() const noexcept { return state_.ok(); }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return ok(); }

    [[nodiscard]] constexpr const T& value() const& {
        FERMATA_ASSERT(ok());
        return state_.value();
    }
    [[nodiscard]] constexpr T& value() & {
        FERMATA_ASSERT(ok());
        return state_.value();
    }
    [[nodiscard]] constexpr T&& value() && {
        FERMATA_ASSERT(ok());
        return std::move(state_.value());
    }
    [[nodiscard]] constexpr T value_or(T fallback) const& { return ok() ? value() : fallback; }
    [[nodiscard]] constexpr decltype(auto) error() const {
        FERMATA_ASSERT(!ok());
        return state_.error();
    }

    constexpr const T& operator*() const& { return value(); }
    constexpr T& operator*() & { return value(); }
    constexpr const T* operator->() const { return &value(); }
    constexpr T* operator->() { return &value(); }

private:
    ResultState<T, E> state_;
};

/// A Result without a value.
template <class E>
using Status = Result<Unit, E>;

}  // namespace fermata
