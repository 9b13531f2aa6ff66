#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace fermata {

namespace detail {

/// Stands for the initial value of any member. Never evaluated.
struct AnyField {
    template <class T>
    operator T() const noexcept;  // NOLINT(google-explicit-constructor)
};

template <class T, std::size_t... I>
[[nodiscard]] constexpr bool takes_fields(std::index_sequence<I...>) noexcept {
    return requires { T{(static_cast<void>(I), AnyField{})...}; };
}

template <class T, std::size_t N>
[[nodiscard]] constexpr std::size_t count_fields() noexcept {
    if constexpr (takes_fields<T>(std::make_index_sequence<N + 1>{})) {
        return count_fields<T, N + 1>();
    } else {
        return N;
    }
}

}  // namespace detail

/// How many members an aggregate has, found by how many initial values it takes. An array of C
/// counts once for each element; members of members are not counted.
template <class T>
    requires std::is_aggregate_v<T>
inline constexpr std::size_t kFieldCount = detail::count_fields<T, 0>();

}  // namespace fermata
