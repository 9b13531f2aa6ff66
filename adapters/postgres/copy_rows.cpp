#include "adapters/postgres/copy_rows.hpp"

#include <array>

#include "core/base/assert.hpp"

namespace fermata::postgres {
namespace {

constexpr std::array<unsigned char, 19> kHeader = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0};
constexpr std::array<unsigned char, 2> kTrailer = {0xff, 0xff};
constexpr std::uint64_t kTenTo[] = {
    1,         10,         100,         1'000,         10'000,        100'000,
    1'000'000, 10'000'000, 100'000'000, 1'000'000'000, 10'000'000'000};
constexpr std::int32_t kTextOid = 25;

}  // namespace

std::span<const std::byte> CopyRows::header() noexcept { return std::as_bytes(std::span(kHeader)); }
std::span<const std::byte> CopyRows::trailer() noexcept {
    return std::as_bytes(std::span(kTrailer));
}

void CopyRows::numeric(std::int64_t raw, int decimals) {
    // Digits of base 10,000, aligned at the decimal point, without zeros at either end
    // (src/backend/utils/adt/numeric.c, numeric_send).
    FERMATA_ASSERT(decimals >= 0 && decimals <= 10);
    const bool negative = raw < 0;
    const std::uint64_t magnitude = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(raw)
                                             : static_cast<std::uint64_t>(raw);
    const std::uint64_t one = kTenTo[decimals];
    std::uint64_t whole = magnitude / one;
    const int fraction_digits = (decimals + 3) / 4;
    std::uint64_t fraction = magnitude % one * kTenTo[fraction_digits * 4 - decimals];

    const auto at = [](int place) { return static_cast<std::size_t>(place); };
    std::array<std::uint16_t, 8> digits{};  // five of a whole 64-bit number, three behind the point
    int first = 5;                          // of the digits that count
    int last = 5;                           // behind them
    for (int i = fraction_digits; i > 0; --i, fraction /= 10'000) {
        digits[at(4 + i)] = static_cast<std::uint16_t>(fraction % 10'000);
        if (last == 5 && fraction % 10'000 != 0) last = 5 + i;
    }
    while (whole != 0) {
        digits[at(--first)] = static_cast<std::uint16_t>(whole % 10'000);
        whole /= 10'000;
    }
    const int whole_digits = 5 - first;
    while (first < last && digits[at(first)] == 0) ++first;
    while (first < last && digits[at(last - 1)] == 0) --last;
    const int count = last - first;
    const int weight = count == 0 ? 0 : (whole_digits > 0 ? whole_digits - 1 : 4 - first);

    put(static_cast<std::int32_t>(8 + 2 * count));
    put(static_cast<std::int16_t>(count));
    put(static_cast<std::int16_t>(weight));
    put(static_cast<std::int16_t>(negative ? 0x4000 : 0));
    put(static_cast<std::int16_t>(decimals));
    for (int i = first; i < last; ++i) {
        put(static_cast<std::int16_t>(digits[at(i)]));
    }
}

void CopyRows::texts(std::span<const std::string_view> values) {
    std::size_t length = values.empty() ? 12 : 20;
    for (const std::string_view value : values) length += 4 + value.size();
    reserve(length + kRowBytesMax);
    put(static_cast<std::int32_t>(length));
    put(std::int32_t{values.empty() ? 0 : 1});  // dimensions
    put(std::int32_t{0});                       // no NULLs
    put(kTextOid);
    if (values.empty()) return;
    put(static_cast<std::int32_t>(values.size()));
    put(std::int32_t{1});  // lower bound
    for (const std::string_view value : values) text(value);
}

}  // namespace fermata::postgres
