#pragma once

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

/// Either a value or an expected error. Used instead of exceptions wherever a failure belongs to
/// normal life. T and E must differ. Reading the wrong side is a bug and aborts.
template <class T, class E>
class [[nodiscard]] Result {
public:
    using value_type = T;
    using error_type = E;

    constexpr Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}     // NOLINT
    constexpr Result(Err<E> e) : state_(std::in_place_index<1>, std::move(e.error)) {}  // NOLINT

    [[nodiscard]] constexpr bool ok() const noexcept { return state_.index() == 0; }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return ok(); }

    [[nodiscard]] constexpr const T& value() const& {
        FERMATA_ASSERT(ok());
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] constexpr T& value() & {
        FERMATA_ASSERT(ok());
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] constexpr T&& value() && {
        FERMATA_ASSERT(ok());
        return std::move(*std::get_if<0>(&state_));
    }
    [[nodiscard]] constexpr T value_or(T fallback) const& { return ok() ? value() : fallback; }
    [[nodiscard]] constexpr const E& error() const {
        FERMATA_ASSERT(!ok());
        return *std::get_if<1>(&state_);
    }

    constexpr const T& operator*() const& { return value(); }
    constexpr T& operator*() & { return value(); }
    constexpr const T* operator->() const { return &value(); }
    constexpr T* operator->() { return &value(); }

private:
    std::variant<T, E> state_;
};

/// A Result without a value.
template <class E>
using Status = Result<Unit, E>;

}  // namespace fermata
