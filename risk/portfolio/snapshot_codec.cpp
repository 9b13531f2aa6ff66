#include "risk/portfolio/snapshot_codec.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"

namespace fermata::portfolio {
namespace {

constexpr std::size_t kChecksumBytes = 8;

constexpr std::uint64_t padded(std::uint64_t bytes) { return (bytes + 7) / 8 * 8; }

/// Of the whole encoding.
constexpr std::uint64_t encoded_bytes(std::uint64_t n, std::uint64_t days) {
    return kSnapshotHeaderBytes + padded(n) + padded(2 * n) + 3 * 8 * n + 8 * n * n + 8 * days * n +
           8 * n * ((n + 63) / 64) + kChecksumBytes;
}

class Writer {
public:
    explicit Writer(std::size_t bytes) : bytes_(bytes) {}

    template <std::integral T>
    void put(T value) {
        store_little_endian(bytes_.data() + at_, value);
        at_ += sizeof value;
    }
    void put(double value) { put(std::bit_cast<std::uint64_t>(value)); }
    void skip(std::size_t bytes) { at_ += bytes; }  // zeros

    template <class T>
    void array(const std::vector<T>& values, std::size_t size) {
        FERMATA_ASSERT(values.size() == size);
        for (const T& v : values) {
            if constexpr (std::is_same_v<T, Quantity>) {
                put(v.raw());
            } else {
                put(v);
            }
        }
        at_ = padded(at_);
    }

    [[nodiscard]] std::vector<std::byte> finish() && {
        put(crc32c(std::span(bytes_).first(at_)));
        at_ += 4;
        FERMATA_ASSERT(at_ == bytes_.size());
        return std::move(bytes_);
    }

private:
    std::vector<std::byte> bytes_;
    std::size_t at_ = 0;
};

/// Over bytes whose length was checked.
class Reader {
public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    template <std::integral T>
    [[nodiscard]] T take() {
        FERMATA_ASSERT(at_ + sizeof(T) <= bytes_.size());
        const T value = load_little_endian<T>(bytes_.data() + at_);
        at_ += sizeof(T);
        return value;
    }
    [[nodiscard]] double take_double() { return std::bit_cast<double>(take<std::uint64_t>()); }

    void zeros(std::size_t count) {
        for (std::size_t k = 0; k < count; ++k) clean_ = take<std::uint8_t>() == 0 && clean_;
    }
    template <class T>
    void array(std::vector<T>& values, std::size_t size) {
        values.reserve(size);
        for (std::size_t k = 0; k < size; ++k) {
            if constexpr (std::is_same_v<T, Quantity>) {
                values.push_back(Quantity::from_raw(take<std::int64_t>()));
            } else if constexpr (std::is_same_v<T, double>) {
                values.push_back(take_double());
            } else {
                values.push_back(take<T>());
            }
        }
        zeros(padded(at_) - at_);
    }
    /// All padding was zero.
    [[nodiscard]] bool clean() const noexcept { return clean_; }

private:
    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
    bool clean_ = true;
};

bool all_finite(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

bool fields_are_possible(const PortfolioSnapshot& s) {
    const auto ratio = [](double v) { return v >= 0 && v <= 1; };
    return s.number > 0 && s.first_day <= s.last_day &&
           (s.method == CovarianceMethod::kSample || s.method == CovarianceMethod::kEwma ||
            s.method == CovarianceMethod::kShrunk) &&
           ratio(s.lambda) && ratio(s.intensity) && std::fabs(s.correlation_threshold) <= 1 &&
           std::all_of(s.measured.begin(), s.measured.end(),
                       [](std::uint8_t m) { return m <= 1; }) &&
           std::none_of(s.average_daily_volumes.begin(), s.average_daily_volumes.end(),
                        [](Quantity q) { return q.is_negative(); });
}

bool numbers_are_possible(const PortfolioSnapshot& s) {
    if (!all_finite(s.volatilities) || !all_finite(s.betas) || !all_finite(s.covariance) ||
        !all_finite(s.returns)) {
        return false;
    }
    for (std::size_t i = 0; i < s.instruments; ++i) {
        if (s.volatilities[i] < 0 || s.covariance_row(i)[i] < 0) return false;
    }
    return true;
}

bool is_symmetric(const PortfolioSnapshot& s) {
    const std::size_t n = s.instruments;
    const auto bit = [&](std::size_t i, std::size_t j) {
        return (s.correlated[i * s.words() + j / 64] >> (j % 64)) & 1;
    };
    for (std::size_t i = 0; i < n; ++i) {
        if (bit(i, i) != 0) return false;
        for (std::size_t j = 0; j < i; ++j) {
            if (s.covariance[i * n + j] != s.covariance[j * n + i] || bit(i, j) != bit(j, i)) {
                return false;
            }
        }
        for (std::size_t j = n; j < s.words() * 64; ++j) {
            if (bit(i, j) != 0) return false;
        }
    }
    return true;
}

}  // namespace

std::string_view describe(SnapshotError error) noexcept {
    switch (error) {
        case SnapshotError::kTooShort:
            return "too short for a portfolio snapshot";
        case SnapshotError::kNotASnapshot:
            return "not a portfolio snapshot";
        case SnapshotError::kVersion:
            return "a version of the portfolio snapshot that this build does not know";
        case SnapshotError::kTooLarge:
            return "no instruments or days, or more than a portfolio snapshot may have";
        case SnapshotError::kLength:
            return "not as long as its header says";
        case SnapshotError::kChecksum:
            return "the checksum is wrong: it was changed";
        case SnapshotError::kField:
            return "a field holds what no portfolio snapshot has";
        case SnapshotError::kNumber:
            return "a number is not finite, or a volatility or variance is negative";
        case SnapshotError::kNotSymmetric:
            return "covariance or correlation is not symmetric";
    }
    return "unknown";
}

std::vector<std::byte> encode(const PortfolioSnapshot& s) {
    const std::size_t n = s.instruments;
    Writer out(encoded_bytes(n, s.days));
    for (const char c : kSnapshotMagic) out.put(static_cast<std::uint8_t>(c));
    out.put(kSnapshotVersion);
    out.put(static_cast<std::uint8_t>(s.method));
    out.skip(3);
    out.put(s.number);
    out.put(s.as_of.ns);
    out.put(s.first_day.days);
    out.put(s.last_day.days);
    out.put(s.instruments);
    out.put(s.days);
    out.put(s.dropped_days);
    out.skip(4);
    out.put(s.lambda);
    out.put(s.intensity);
    out.put(s.correlation_threshold);
    out.array(s.measured, n);
    out.array(s.sectors, n);
    out.array(s.average_daily_volumes, n);
    out.array(s.volatilities, n);
    out.array(s.betas, n);
    out.array(s.covariance, n * n);
    out.array(s.returns, std::size_t{s.days} * n);
    out.array(s.correlated, n * s.words());
    return std::move(out).finish();
}

Result<PortfolioSnapshot, SnapshotError> decode_snapshot(std::span<const std::byte> bytes) {
    if (bytes.size() < kSnapshotHeaderBytes + kChecksumBytes) {
        return Err{SnapshotError::kTooShort};
    }
    if (text_of(bytes.first(kSnapshotMagic.size())) != kSnapshotMagic) {
        return Err{SnapshotError::kNotASnapshot};
    }
    Reader in(bytes);
    static_cast<void>(in.take<std::uint64_t>());
    if (in.take<std::uint32_t>() != kSnapshotVersion) return Err{SnapshotError::kVersion};
    PortfolioSnapshot s;
    s.method = static_cast<CovarianceMethod>(in.take<std::uint8_t>());
    in.zeros(3);
    s.number = in.take<std::uint64_t>();
    s.as_of = Timestamp{in.take<std::int64_t>()};
    s.first_day = Date{in.take<std::int32_t>()};
    s.last_day = Date{in.take<std::int32_t>()};
    s.instruments = in.take<std::uint32_t>();
    s.days = in.take<std::uint32_t>();
    s.dropped_days = in.take<std::uint32_t>();
    in.zeros(4);
    s.lambda = in.take_double();
    s.intensity = in.take_double();
    s.correlation_threshold = in.take_double();
    if (s.instruments == 0 || s.instruments > kSnapshotInstrumentsMax || s.days == 0 ||
        s.days > kSnapshotDaysMax) {
        return Err{SnapshotError::kTooLarge};
    }
    const std::size_t n = s.instruments;
    if (bytes.size() != encoded_bytes(n, s.days)) return Err{SnapshotError::kLength};
    const auto covered = bytes.first(bytes.size() - kChecksumBytes);
    if (load_little_endian<std::uint32_t>(covered.data() + covered.size()) != crc32c(covered)) {
        return Err{SnapshotError::kChecksum};
    }
    in.array(s.measured, n);
    in.array(s.sectors, n);
    in.array(s.average_daily_volumes, n);
    in.array(s.volatilities, n);
    in.array(s.betas, n);
    in.array(s.covariance, n * n);
    in.array(s.returns, std::size_t{s.days} * n);
    in.array(s.correlated, n * s.words());
    static_cast<void>(in.take<std::uint32_t>());
    in.zeros(4);
    if (!in.clean() || !fields_are_possible(s)) return Err{SnapshotError::kField};
    if (!numbers_are_possible(s)) return Err{SnapshotError::kNumber};
    if (!is_symmetric(s)) return Err{SnapshotError::kNotSymmetric};
    return s;
}

}  // namespace fermata::portfolio
