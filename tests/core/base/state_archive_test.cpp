#include "core/base/state_archive.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {
namespace {

enum class Colour : std::uint8_t { kRed, kGreen, kBlue };

struct Pixel {
    std::uint16_t x = 0;
    bool lit = false;
    Colour colour = Colour::kRed;
    int width = 7;  // of the configuration

    void persist(StateArchive& a) { a.all<Pixel>(x, lit, choice(colour, 3), configured(width)); }
    friend bool operator==(const Pixel&, const Pixel&) = default;
};

struct Picture {
    Price price;
    OrderTag tag;
    Timestamp ts;
    Duration age;
    __int128 wide = 0;
    double ratio = 0;
    std::optional<std::uint32_t> optional;
    std::array<std::int64_t, 3> triple{};
    std::vector<Pixel> fixed = std::vector<Pixel>(2);
    std::vector<Quantity> list;
    std::string name;

    void persist(StateArchive& a) {
        a.section("picture", 3, [&] {
            a(price, tag, ts, age, wide, ratio, optional);
            a.section("vectors", 1, [&] {
                a(triple, fixed);
                a.sized(list, 4);
                a.text(name, 8);
            });
        });
    }
    friend bool operator==(const Picture&, const Picture&) = default;
};

Picture example() {
    Picture p;
    p.price = Price::from_raw(-5);
    p.tag = OrderTag{1ULL << 63};
    p.ts = Timestamp::min();
    p.age = Duration::seconds(3);
    p.wide = -(static_cast<__int128>(1) << 100);
    p.ratio = 0.1;
    p.optional = 9;
    p.triple = {1, -2, 3};
    p.fixed[1] = {258, true, Colour::kBlue, 7};
    p.list = {Quantity::from_units(1), Quantity::from_units(2)};
    p.name = "name";
    return p;
}

template <class T>
std::vector<std::byte> written(T object) {
    std::vector<std::byte> bytes;
    StateWriter writer(bytes);
    object.persist(writer);
    EXPECT_TRUE(writer.ok());
    return bytes;
}

/// The error that reading `bytes` gives, or "" when there is none.
template <class T>
std::string error_of(std::span<const std::byte> bytes, T into = {}) {
    StateReader reader(bytes);
    into.persist(reader);
    reader.finish();
    return reader.ok() ? "" : reader.error().message();
}

TEST(StateArchive, GivesBackWhatWasWritten) {
    const std::vector<std::byte> bytes = written(example());
    Picture read;
    StateReader reader(bytes);
    read.persist(reader);
    reader.finish();
    ASSERT_TRUE(reader.ok()) << reader.error().message();
    EXPECT_EQ(read, example());
    EXPECT_EQ(written(read), bytes);
}

TEST(StateArchive, StoresMembersWithoutPaddingAndNotTheConfigured) {
    struct Flat {
        Pixel pixel{0x0201, true, Colour::kBlue, 99};
        void persist(StateArchive& a) { a(pixel); }
    };
    const std::vector<std::byte> expected{std::byte{1}, std::byte{2}, std::byte{1}, std::byte{2}};
    EXPECT_EQ(written(Flat{}), expected);
}

TEST(StateArchive, CountsTheMembersOfAnAggregate) {
    struct Empty {};
    struct Three {
        Price price;
        std::array<int, 5> array;
        bool flag = true;
    };
    static_assert(kFieldCount<Empty> == 0);
    static_assert(kFieldCount<Three> == 3);
    static_assert(kFieldCount<Pixel> == 4);
    static_assert(kFieldCount<Picture> == 11);
}

TEST(StateArchive, NoticesEveryFlippedBitAndNamesTheSection) {
    const std::vector<std::byte> bytes = written(example());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::vector<std::byte> bad = bytes;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        const std::string error = error_of<Picture>(bad);
        EXPECT_NE(error.find("section picture"), std::string::npos)
            << "bit " << bit << ": " << error;
    }
}

TEST(StateArchive, NoticesEveryTruncation) {
    const std::vector<std::byte> bytes = written(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::string error = error_of<Picture>(std::span(bytes).first(size));
        EXPECT_NE(error.find("section picture: the bytes end"), std::string::npos)
            << size << ": " << error;
    }
}

TEST(StateArchive, RefusesWhatIsLeftOver) {
    std::vector<std::byte> bytes = written(example());
    bytes.push_back(std::byte{0});
    EXPECT_EQ(error_of<Picture>(bytes), "the state: there are bytes behind the last section");

    struct Longer {
        void persist(StateArchive& a) {
            std::uint32_t n = 1;
            a.section("s", 1, [&] { a(n, n); });
        }
    };
    struct Shorter {
        void persist(StateArchive& a) {
            std::uint32_t n = 1;
            a.section("s", 1, [&] { a(n); });
        }
    };
    EXPECT_EQ(error_of<Shorter>(written(Longer{})),
              "section s: it has more bytes than this build reads");
    EXPECT_EQ(error_of<Longer>(written(Shorter{})), "section s: the bytes end too early");
}

struct Named {
    std::string name;
    std::uint32_t version = 1;
    void persist(StateArchive& a) {
        a.section("outer", 1, [&] { a.section(name, version, [] {}); });
    }
};

TEST(StateArchive, NamesASectionOfAnotherVersionOrName) {
    EXPECT_EQ(error_of(written(Named{"orders", 1}), Named{"orders", 2}),
              "section outer/orders: it has version 1, and this build reads version 2");
    EXPECT_EQ(error_of(written(Named{"orders"}), Named{"lots"}),
              "section outer/lots: another section stands in its place");
}

/// Members without a section, so that no checksum stands before them.
template <class T>
struct Bare {
    T value{};
    void persist(StateArchive& a) { a(value); }
};
struct BareColour {
    Colour value{};
    void persist(StateArchive& a) { a(choice(value, 3)); }
};
struct BareList {
    std::vector<std::uint8_t> value;
    std::size_t most = 4;
    void persist(StateArchive& a) { a.sized(value, most); }
};

TEST(StateArchive, RefusesValuesThatTheTypeDoesNotHave) {
    EXPECT_EQ(error_of<Bare<bool>>(written(Bare<std::uint8_t>{2})),
              "the state: a truth value is neither 0 nor 1");
    EXPECT_EQ(error_of<BareColour>(written(Bare<std::uint8_t>{3})),
              "the state: an enumeration has an unknown value");
    EXPECT_EQ(error_of<BareColour>(written(Bare<std::uint8_t>{2})), "");
}

TEST(StateArchive, RefusesATableOfAnotherSize) {
    using Table = std::vector<std::uint64_t>;
    EXPECT_EQ(error_of(written(Bare<Table>{Table(3)}), Bare<Table>{Table(2)}),
              "the state: a table has another size than the configuration says");
    EXPECT_EQ(error_of(written(BareList{{1, 2, 3, 4, 5}, 5}), BareList{}),
              "the state: a table holds more than there is room for");
    // A hostile length allocates nothing.
    EXPECT_EQ(error_of<BareList>(written(Bare<std::uint64_t>{~0ULL})),
              "the state: a table holds more than there is room for");
}

TEST(StateArchive, RefusesATextThatIsTooLong) {
    struct Text {
        std::string value;
        std::size_t most = 4;
        void persist(StateArchive& a) { a.text(value, most); }
    };
    EXPECT_EQ(error_of<Text>(written(Text{"abcd", 4})), "");
    EXPECT_EQ(error_of<Text>(written(Text{"abcde", 5})),
              "the state: a table holds more than there is room for");
}

TEST(StateArchive, KeepsTheFirstErrorAndStops) {
    std::vector<std::byte> bytes;
    StateWriter writer(bytes);
    writer.section("a", 1, [&] {
        writer.fail("first");
        writer.fail("second");
    });
    std::uint32_t n = 1;
    writer(n);
    EXPECT_EQ(writer.error().message(), "section a: first");
    StateReader reader(std::as_bytes(std::span("\1\0\0\0\2\0\0\0", 8)));
    std::uint32_t m = 0;
    reader(m);
    reader.fail("first");
    reader(m);
    EXPECT_EQ(m, 1u);
}

RC_GTEST_PROP(StateArchive, NeverReadsBeyondHostileBytes,
              (const std::vector<std::uint8_t>& noise)) {
    Bare<std::vector<Pixel>> pixels{std::vector<Pixel>(2)};
    BareList list;
    Bare<std::optional<std::uint64_t>> optional;
    StateReader reader(std::as_bytes(std::span(noise)));
    optional.persist(reader);
    list.persist(reader);
    pixels.persist(reader);
    RC_ASSERT(list.value.size() <= 4u);
    for (const Pixel& p : pixels.value) RC_ASSERT(static_cast<int>(p.colour) < 3);
}

}  // namespace
}  // namespace fermata
