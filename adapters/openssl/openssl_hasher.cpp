#include "adapters/openssl/openssl_hasher.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace fermata {
namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

[[noreturn]] void refuse(const char* what) {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    throw std::runtime_error(std::string("OpenSSL cannot ") + what + ": " + text.data());
}

Context new_context() {
    Context context(EVP_MD_CTX_new());
    if (!context) refuse("allocate a digest context");
    return context;
}

class OpensslHasher final : public Hasher {
public:
    OpensslHasher(Context context, const EVP_MD* algorithm, std::string_view prefix)
        : context_(std::move(context)), algorithm_(algorithm), prefix_(prefix) {}

    void update(std::span<const std::byte> bytes) override {
        if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) {
            refuse("update a digest");
        }
    }

    std::string finish() override {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        const unsigned int length = finish_into(digest);
        constexpr char kDigits[] = "0123456789abcdef";
        std::string hex(prefix_);
        for (unsigned int i = 0; i < length; ++i) {
            hex += kDigits[digest[i] >> 4];
            hex += kDigits[digest[i] & 0xf];
        }
        return hex;
    }

    Digest finish_digest() override {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        const unsigned int length = finish_into(digest);
        Digest bytes{};
        static_assert(sizeof(Digest) >= EVP_MAX_MD_SIZE);
        std::memcpy(bytes.data(), digest.data(), length);
        return bytes;
    }

    std::unique_ptr<Hasher> clone() const override {
        Context copy = new_context();
        if (EVP_MD_CTX_copy_ex(copy.get(), context_.get()) != 1) refuse("copy a digest");
        return std::make_unique<OpensslHasher>(std::move(copy), algorithm_, prefix_);
    }

private:
    /// Returns the digest's length and starts anew.
    unsigned int finish_into(std::array<unsigned char, EVP_MAX_MD_SIZE>& digest) {
        unsigned int length = 0;
        if (EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1) {
            refuse("finish a digest");
        }
        if (EVP_DigestInit_ex(context_.get(), algorithm_, nullptr) != 1) refuse("restart a digest");
        return length;
    }

    Context context_;
    const EVP_MD* algorithm_;
    std::string_view prefix_;  // of a literal
};

std::unique_ptr<Hasher> start(const EVP_MD* algorithm, std::string_view prefix) {
    Context context = new_context();
    if (EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1) refuse("start a digest");
    return std::make_unique<OpensslHasher>(std::move(context), algorithm, prefix);
}

}  // namespace

std::unique_ptr<Hasher> make_sha256() { return start(EVP_sha256(), "sha256:"); }
std::unique_ptr<Hasher> make_blake2b_512() { return start(EVP_blake2b512(), "blake2b512:"); }

std::unique_ptr<Hasher> make_hasher(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::kNone:
            break;
        case HashAlgorithm::kSha256:
            return make_sha256();
        case HashAlgorithm::kBlake2b512:
            return make_blake2b_512();
    }
    return nullptr;
}

}  // namespace fermata
