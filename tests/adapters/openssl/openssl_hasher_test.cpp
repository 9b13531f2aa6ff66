#include "adapters/openssl/openssl_hasher.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <span>

#include "core/base/bytes.hpp"

namespace fermata {
namespace {

std::string hash(std::unique_ptr<Hasher> hasher, std::string_view text) {
    hasher->update(bytes_of(text));
    return hasher->finish();
}

// FIPS 180-4's published examples: the empty message and "abc".
TEST(Sha256, AgreesWithThePublishedExamples) {
    EXPECT_EQ(hash(make_sha256(), ""),
              "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash(make_sha256(), "abc"),
              "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 7693, appendix A: BLAKE2b-512 of "abc".
TEST(Blake2b512, AgreesWithAppendixAOfRfc7693) {
    EXPECT_EQ(hash(make_blake2b_512(), "abc"),
              "blake2b512:ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
              "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST(Sha256, HashesTheSameInPiecesAsInOne) {
    auto pieces = make_sha256();
    pieces->update(bytes_of("a"));
    pieces->update({});
    pieces->update(bytes_of("bc"));
    EXPECT_EQ(pieces->finish(), hash(make_sha256(), "abc"));
}

TEST(Sha256, StartsAfreshAfterFinish) {
    auto hasher = make_sha256();
    hasher->update(bytes_of("before"));
    (void)hasher->finish();
    hasher->update(bytes_of("abc"));
    EXPECT_EQ(hasher->finish(), hash(make_sha256(), "abc"));
}

TEST(Sha256, ACloneGoesItsOwnWay) {
    auto first = make_sha256();
    first->update(bytes_of("ab"));
    auto second = first->clone();
    second->update(bytes_of("x"));
    first->update(bytes_of("c"));
    EXPECT_EQ(first->finish(), hash(make_sha256(), "abc"));
    EXPECT_EQ(second->finish(), hash(make_sha256(), "abx"));
}

TEST(OpensslHasher, IsMadeByNumberAndGivesTheSameDigestAsBytes) {
    EXPECT_EQ(make_hasher(HashAlgorithm::kNone), nullptr);
    for (const HashAlgorithm algorithm : {HashAlgorithm::kSha256, HashAlgorithm::kBlake2b512}) {
        const auto hasher = make_hasher(algorithm);
        ASSERT_NE(hasher, nullptr);
        hasher->update(std::as_bytes(std::span("abc", 3)));
        const Digest digest = hasher->finish_digest();
        hasher->update(std::as_bytes(std::span("abc", 3)));
        const std::string hex = hasher->finish();
        std::string expected = std::string(name(algorithm)) + ":";
        const std::size_t length = (hex.size() - expected.size()) / 2;
        for (std::size_t i = 0; i < length; ++i) {
            char text[3];
            std::snprintf(text, sizeof text, "%02x", std::to_integer<unsigned>(digest[i]));
            expected += text;
        }
        EXPECT_EQ(hex, expected);
        for (std::size_t i = length; i < digest.size(); ++i) EXPECT_EQ(digest[i], std::byte{0});
    }
}

}  // namespace
}  // namespace fermata
