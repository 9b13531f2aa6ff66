#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fermata {

// Exact sums over rows of integers, four at a time. Whoever calls keeps |by| x |row[j]| summed over
// everything within 63 bits.

namespace detail {

/// row[0 .. 3] x by; `by` in every 64-bit lane.
inline __m256i scaled4(const std::int32_t* row, __m256i by) noexcept {
    const auto* at = reinterpret_cast<const __m128i*>(row);
    return _mm256_mul_epi32(_mm256_cvtepi32_epi64(_mm_loadu_si128(at)), by);
}
inline __m256i load4(const std::int64_t* sums) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums));
}
inline std::int64_t sum4(__m256i v) noexcept {
    const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    return _mm_extract_epi64(half, 0) + _mm_extract_epi64(half, 1);
}

}  // namespace detail

/// sums[j] += by x row[j].
inline void add_scaled(std::int64_t* sums, const std::int32_t* row, std::int32_t by,
                       std::size_t n) noexcept {
    const __m256i factor = _mm256_set1_epi64x(by);
    std::size_t j = 0;
    for (; j + 4 <= n; j += 4) {
        _mm256_storeu_si256(
            reinterpret_cast<__m256i*>(sums + j),
            _mm256_add_epi64(detail::load4(sums + j), detail::scaled4(row + j, factor)));
    }
    for (; j < n; ++j) sums[j] += std::int64_t{by} * row[j];
}

/// How many of sums[j] + by x row[j] are below `bound`. `n` is a multiple of 8.
inline std::int64_t count_below(const std::int64_t* sums, const std::int32_t* row, std::int32_t by,
                                std::size_t n, std::int64_t bound) noexcept {
    const __m256i factor = _mm256_set1_epi64x(by);
    const __m256i limit = _mm256_set1_epi64x(bound);
    __m256i even = _mm256_setzero_si256();
    __m256i odd = _mm256_setzero_si256();
    for (std::size_t j = 0; j < n; j += 8) {
        const __m256i first =
            _mm256_add_epi64(detail::load4(sums + j), detail::scaled4(row + j, factor));
        const __m256i second =
            _mm256_add_epi64(detail::load4(sums + j + 4), detail::scaled4(row + j + 4, factor));
        even = _mm256_sub_epi64(even, _mm256_cmpgt_epi64(limit, first));
        odd = _mm256_sub_epi64(odd, _mm256_cmpgt_epi64(limit, second));
    }
    return detail::sum4(_mm256_add_epi64(even, odd));
}

/// The smallest of 0 and all sums[j]. `n` is a multiple of 8.
inline std::int64_t lowest_of(const std::int64_t* sums, std::size_t n) noexcept {
    __m256i lowest = _mm256_setzero_si256();
    for (std::size_t j = 0; j < n; j += 4) {
        const __m256i v = detail::load4(sums + j);
        lowest = _mm256_blendv_epi8(lowest, v, _mm256_cmpgt_epi64(lowest, v));
    }
    alignas(32) std::int64_t lanes[4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), lowest);
    return std::min(std::min(lanes[0], lanes[1]), std::min(lanes[2], lanes[3]));
}

/// Some sums[j] + a x row_a[j] + b x row_b[j] is below `bound`. `n` is a multiple of 8.
inline bool any_below(const std::int64_t* sums, const std::int32_t* row_a, std::int32_t a,
                      const std::int32_t* row_b, std::int32_t b, std::size_t n,
                      std::int64_t bound) noexcept {
    const __m256i factor_a = _mm256_set1_epi64x(a);
    const __m256i factor_b = _mm256_set1_epi64x(b);
    const __m256i limit = _mm256_set1_epi64x(bound);
    __m256i found = _mm256_setzero_si256();
    for (std::size_t j = 0; j < n; j += 4) {
        const __m256i change = _mm256_add_epi64(detail::scaled4(row_a + j, factor_a),
                                                detail::scaled4(row_b + j, factor_b));
        found = _mm256_or_si256(
            found, _mm256_cmpgt_epi64(limit, _mm256_add_epi64(detail::load4(sums + j), change)));
    }
    return _mm256_testz_si256(found, found) == 0;
}

}  // namespace fermata
