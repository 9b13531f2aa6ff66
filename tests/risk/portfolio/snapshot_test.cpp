#include "risk/portfolio/snapshot.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/factor_exposure.hpp"
#include "risk/portfolio/snapshot_codec.hpp"
#include "tests/risk/portfolio/samples.hpp"

namespace fermata::portfolio {
namespace {

using test::random_returns;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A history whose returns are `returns`; `listed[i]` is the first day on which i has a close.
ReturnHistory history_of(const Matrix& returns, const std::vector<std::size_t>& listed) {
    const std::size_t n = returns.columns();
    ReturnHistory history(n, returns.rows());
    std::vector<double> level(n, 100), closes(n);
    for (std::size_t day = 0; day <= returns.rows(); ++day) {
        for (std::size_t i = 0; i < n; ++i) {
            if (day > 0) level[i] *= 1 + returns(day - 1, i);
            closes[i] = day >= listed[i] ? level[i] : kNone;
        }
        EXPECT_TRUE(history.add_day(Date{static_cast<std::int32_t>(20'000 + day)}, closes).ok());
    }
    return history;
}

PortfolioSnapshot sample_snapshot(std::size_t n, std::size_t days, std::uint64_t seed,
                                  SnapshotSettings settings = {}) {
    settings.days_min = 5;
    std::vector<std::uint16_t> sectors;
    std::vector<Quantity> volumes;
    for (std::size_t i = 0; i < n; ++i) {
        sectors.push_back(i % 3 == 0 ? PortfolioSnapshot::kNoSector
                                     : static_cast<std::uint16_t>(i % 3));
        volumes.push_back(Quantity::from_units(static_cast<std::int64_t>(1000 * i)));
    }
    const auto made =
        make_snapshot(history_of(random_returns(days, n, seed), std::vector<std::size_t>(n)),
                      {7, Timestamp{1'600'000'000'000'000'000}, sectors, volumes, 0}, settings);
    return made.value();
}

TEST(PortfolioSnapshot, HoldsWhatTheMeasuresSay) {
    const Matrix r = random_returns(40, 4, 12);
    // Instrument 2 is listed so late that it cannot be measured; 3 misses the first ten days.
    const ReturnHistory history = history_of(r, {0, 0, 35, 10});
    const std::array<std::uint16_t, 4> sectors{1, 2, 1, PortfolioSnapshot::kNoSector};
    const std::array<Quantity, 4> volumes{Quantity::from_units(5), Quantity::zero(),
                                          Quantity::zero(), Quantity::zero()};
    SnapshotSettings settings{CovarianceMethod::kSample, 0.94, 0.2, 20};
    const auto made = make_snapshot(history, {3, Timestamp{99}, sectors, volumes, 1}, settings);
    ASSERT_TRUE(made.ok());
    const PortfolioSnapshot& s = *made;
    EXPECT_EQ(s.number, 3U);
    EXPECT_EQ(s.as_of, Timestamp{99});
    EXPECT_EQ(s.measured, (std::vector<std::uint8_t>{1, 1, 0, 1}));
    EXPECT_EQ(s.days, 30U);
    EXPECT_EQ(s.dropped_days, 10U);
    EXPECT_EQ(s.first_day, Date{20'011});
    EXPECT_EQ(s.last_day, Date{20'040});

    Matrix measured(30, 3);
    for (std::size_t t = 0; t < 30; ++t) {
        for (std::size_t a = 0; a < 3; ++a) {
            const std::size_t i = std::array<std::size_t, 3>{0, 1, 3}[a];
            measured(t, a) = s.return_row(t)[i];
            EXPECT_NEAR(s.return_row(t)[i], r(t + 10, i), 1e-12);
        }
        EXPECT_EQ(s.return_row(t)[2], 0.0);
    }
    const Matrix c = sample_covariance(measured);
    EXPECT_EQ(s.covariance_row(3)[0], c(2, 0));
    EXPECT_EQ(s.covariance_row(0)[3], c(2, 0));
    EXPECT_EQ(s.covariance_row(2)[2], 0.0);
    EXPECT_EQ(s.volatilities[1], std::sqrt(c(1, 1)));
    std::vector<double> benchmark, own;
    for (std::size_t t = 0; t < 30; ++t) {
        benchmark.push_back(measured(t, 1));
        own.push_back(measured(t, 2));
    }
    EXPECT_EQ(s.betas[1], 1.0);
    EXPECT_EQ(s.betas[3], beta_of(own, benchmark));
    const Matrix correlation = correlation_of(c);
    int above = 0;
    for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t b = 0; b < 3; ++b) {
            const std::array<std::size_t, 3> ids{0, 1, 3};
            const bool bit = (s.correlated_row(ids[a])[0] >> ids[b] & 1) != 0;
            EXPECT_EQ(bit, a != b && correlation(a, b) > 0.2) << a << b;
            above += bit ? 1 : 0;
        }
    }
    EXPECT_GT(above, 0) << "else the test sees no bit";
    EXPECT_EQ(s.correlated_row(2)[0], 0U);
}

TEST(PortfolioSnapshot, NeedsEnoughDays) {
    const ReturnHistory history = history_of(random_returns(10, 2, 1), {0, 0});
    const std::array<std::uint16_t, 2> sectors{};
    const std::array<Quantity, 2> volumes{};
    SnapshotSettings settings;
    settings.days_min = 11;
    EXPECT_EQ(make_snapshot(history, {1, {}, sectors, volumes, {}}, settings).error(),
              HistoryError::kTooFewDays);
    settings.days_min = 10;
    EXPECT_TRUE(make_snapshot(history, {1, {}, sectors, volumes, {}}, settings).ok());
}

TEST(SnapshotCodec, HasTheBytesOfItsFormat) {
    PortfolioSnapshot s;
    s.number = 0x0102;
    s.as_of = Timestamp{-2};
    s.first_day = Date{3};
    s.last_day = Date{4};
    s.instruments = 1;
    s.days = 2;
    s.dropped_days = 5;
    s.method = CovarianceMethod::kEwma;
    s.lambda = 0.5;
    s.correlation_threshold = -1;
    s.measured = {1};
    s.sectors = {0xffff};
    s.average_daily_volumes = {Quantity::from_raw(9)};
    s.volatilities = {2};
    s.betas = {1};
    s.covariance = {4};
    s.returns = {1, -2};
    s.correlated = {0};
    const std::vector<std::byte> bytes = encode(s);
    // IEEE 754: 0.5 = 3fe0..., -1 = bff0..., 1 = 3ff0..., 2 = 4000..., 4 = 4010..., -2 = c000...
    const std::array<std::uint64_t, 19> words{0x4b53'5250'4d52'4546,  // "FERMPRSK"
                                              0x0000'0002'0000'0001,
                                              0x0102,
                                              0xffff'ffff'ffff'fffe,
                                              0x0000'0004'0000'0003,
                                              0x0000'0002'0000'0001,
                                              5,
                                              0x3fe0'0000'0000'0000,
                                              0,
                                              0xbff0'0000'0000'0000,
                                              /* arrays */ 1,
                                              0xffff,
                                              9,
                                              0x4000'0000'0000'0000,
                                              0x3ff0'0000'0000'0000,
                                              0x4010'0000'0000'0000,
                                              0x3ff0'0000'0000'0000,
                                              0xc000'0000'0000'0000,
                                              0};
    ASSERT_EQ(bytes.size(), words.size() * 8 + 8);
    for (std::size_t k = 0; k < words.size(); ++k) {
        EXPECT_EQ(load_little_endian<std::uint64_t>(bytes.data() + 8 * k), words[k]) << k;
    }
    EXPECT_EQ(load_little_endian<std::uint64_t>(bytes.data() + words.size() * 8),
              crc32c(std::span(bytes).first(words.size() * 8)));
    EXPECT_EQ(decode_snapshot(bytes).value(), s);
}

RC_GTEST_PROP(SnapshotCodec, GivesBackWhatWasEncoded, ()) {
    const auto n = *rc::gen::inRange<std::size_t>(1, 70);
    const auto days = *rc::gen::inRange<std::size_t>(6, 30);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    SnapshotSettings settings;
    settings.method = *rc::gen::element(CovarianceMethod::kSample, CovarianceMethod::kEwma,
                                        CovarianceMethod::kShrunk);
    settings.correlation_threshold = 0.3;
    const PortfolioSnapshot s = sample_snapshot(n, days, seed, settings);
    const std::vector<std::byte> bytes = encode(s);
    const auto back = decode_snapshot(bytes);
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == s);
    RC_ASSERT(encode(*back) == bytes);
}

TEST(SnapshotCodec, NoticesEveryByteThatIsMissingChangedOrTooMuch) {
    const std::vector<std::byte> good = encode(sample_snapshot(3, 6, 4));
    for (std::size_t length = 0; length < good.size(); ++length) {
        const auto cut = decode_snapshot(std::span(good).first(length));
        ASSERT_FALSE(cut.ok()) << length;
        EXPECT_TRUE(cut.error() == SnapshotError::kTooShort ||
                    cut.error() == SnapshotError::kLength);
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const int flip : {1, 0x80}) {
            std::vector<std::byte> bad = good;
            bad[at] ^= static_cast<std::byte>(flip);
            EXPECT_FALSE(decode_snapshot(bad).ok()) << at;
        }
    }
    std::vector<std::byte> longer = good;
    longer.push_back(std::byte{0});
    EXPECT_EQ(decode_snapshot(longer).error(), SnapshotError::kLength);
}

/// Bytes with one field changed and a right checksum.
template <class T>
std::vector<std::byte> forged(std::size_t at, T value) {
    std::vector<std::byte> bytes = encode(sample_snapshot(3, 6, 4));
    store_little_endian(bytes.data() + at, value);
    const std::size_t covered = bytes.size() - 8;
    store_little_endian(bytes.data() + covered, crc32c(std::span(bytes).first(covered)));
    return bytes;
}

TEST(SnapshotCodec, SaysWhatIsWrong) {
    const auto error = [](const std::vector<std::byte>& bytes) {
        const auto decoded = decode_snapshot(bytes);
        EXPECT_FALSE(decoded.ok());
        return decoded.ok() ? SnapshotError::kTooShort : decoded.error();
    };
    // Header 80, measured 8, sectors 8, volumes 24, volatilities 24, betas 24, covariance 72,
    // returns 6 x 24 = 144, correlated 24.
    constexpr std::size_t kMeasured = 80, kSectors = 88, kVolumes = 96, kVolatilities = 120,
                          kBetas = 144, kCovariance = 168, kReturns = 240, kCorrelated = 384;
    const auto nan = std::bit_cast<std::uint64_t>(kNone);
    const auto bits = [](double v) { return std::bit_cast<std::uint64_t>(v); };
    EXPECT_EQ(forged<std::uint8_t>(0, 'F').size(), 416U);
    EXPECT_TRUE(decode_snapshot(forged<std::uint8_t>(0, 'F')).ok());
    EXPECT_EQ(error(forged<std::uint8_t>(0, 'G')), SnapshotError::kNotASnapshot);
    EXPECT_EQ(error(forged<std::uint32_t>(8, 2)), SnapshotError::kVersion);
    EXPECT_EQ(error(forged<std::uint8_t>(12, 0)), SnapshotError::kField) << "method";
    EXPECT_EQ(error(forged<std::uint8_t>(13, 1)), SnapshotError::kField) << "padding";
    EXPECT_EQ(error(forged<std::uint64_t>(16, 0)), SnapshotError::kField) << "number";
    EXPECT_EQ(error(forged<std::int32_t>(32, 1 << 30)), SnapshotError::kField) << "days";
    EXPECT_EQ(error(forged<std::uint32_t>(40, 0)), SnapshotError::kTooLarge);
    EXPECT_EQ(error(forged<std::uint32_t>(40, 0xffff'ffff)), SnapshotError::kTooLarge);
    EXPECT_EQ(error(forged<std::uint32_t>(44, 0)), SnapshotError::kTooLarge);
    EXPECT_EQ(error(forged<std::uint32_t>(44, 16'384)), SnapshotError::kLength);
    EXPECT_EQ(error(forged<std::uint64_t>(56, bits(1.5))), SnapshotError::kField) << "lambda";
    EXPECT_EQ(error(forged<std::uint64_t>(64, nan)), SnapshotError::kField) << "intensity";
    EXPECT_EQ(error(forged<std::uint64_t>(72, bits(-2))), SnapshotError::kField) << "threshold";
    EXPECT_EQ(error(forged<std::uint8_t>(kMeasured, 2)), SnapshotError::kField);
    EXPECT_EQ(error(forged<std::uint8_t>(kMeasured + 3, 1)), SnapshotError::kField) << "padding";
    EXPECT_EQ(error(forged<std::uint8_t>(kSectors + 6, 1)), SnapshotError::kField) << "padding";
    EXPECT_EQ(error(forged<std::int64_t>(kVolumes, -1)), SnapshotError::kField);
    EXPECT_EQ(error(forged<std::uint64_t>(kVolatilities, bits(-0.1))), SnapshotError::kNumber);
    EXPECT_EQ(error(forged<std::uint64_t>(kBetas, nan)), SnapshotError::kNumber);
    EXPECT_EQ(error(forged<std::uint64_t>(kCovariance, bits(-1))), SnapshotError::kNumber);
    EXPECT_EQ(error(forged<std::uint64_t>(kCovariance + 8, bits(0.5))),
              SnapshotError::kNotSymmetric);
    EXPECT_EQ(error(forged<std::uint64_t>(kReturns, bits(HUGE_VAL))), SnapshotError::kNumber);
    EXPECT_EQ(error(forged<std::uint64_t>(kCorrelated, 1)), SnapshotError::kNotSymmetric)
        << "the diagonal";
    EXPECT_EQ(error(forged<std::uint64_t>(kCorrelated, 8)), SnapshotError::kNotSymmetric)
        << "beyond the instruments";
    EXPECT_EQ(error(forged<std::uint8_t>(413, 1)), SnapshotError::kField) << "after the checksum";
}

}  // namespace
}  // namespace fermata::portfolio
