#include "adapters/tape/tape_format.hpp"

#include <cstring>

#include "core/base/assert.hpp"
#include "core/port/feed.hpp"

namespace fermata::tape {
namespace {

template <class T>
void put(std::string& out, T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
}

void put_text(std::string& out, const std::string& text) {
    FERMATA_ASSERT(text.size() <= 0xffff);
    put(out, static_cast<std::uint16_t>(text.size()));
    out += text;
}

/// Reads the encoding from front to end; every step checks that the bytes are there.
class Cursor {
public:
    Cursor(std::string_view bytes, std::string_view source) : bytes_(bytes), source_(source) {}

    template <class T>
    T number(const char* what) {
        T value;
        std::memcpy(&value, piece(sizeof(T), what).data(), sizeof(T));
        return value;
    }
    std::string text(const char* what) {
        const auto length = number<std::uint16_t>(what);
        return std::string(piece(length, what));
    }
    /// A count cannot exceed the bytes that are left: protects against absurd allocations.
    std::uint32_t count(const char* what) {
        const auto n = number<std::uint32_t>(what);
        if (n > bytes_.size()) fail(what);
        return n;
    }
    void end() const {
        if (!bytes_.empty()) fail("the end of the tables");
    }

private:
    std::string_view piece(std::size_t length, const char* what) {
        if (bytes_.size() < length) fail(what);
        const std::string_view result = bytes_.substr(0, length);
        bytes_.remove_prefix(length);
        return result;
    }
    [[noreturn]] void fail(const char* what) const {
        throw FeedError(std::string(source_) +
                        ": damaged tables of instruments and streams: expected " + what);
    }
    std::string_view bytes_;
    std::string_view source_;
};

}  // namespace

std::string encode(const Tables& tables) {
    std::string out;
    put(out, static_cast<std::uint32_t>(tables.symbols.size()));
    for (const std::string& symbol : tables.symbols) put_text(out, symbol);
    put(out, static_cast<std::uint32_t>(tables.streams.size()));
    for (const Tables::Stream& stream : tables.streams) {
        put(out, static_cast<std::uint8_t>(stream.kind));
        put(out, stream.interval_ns);
        put_text(out, stream.name);
    }
    return out;
}

Tables decode_tables(std::string_view bytes, std::string_view source) {
    Cursor cursor(bytes, source);
    Tables tables;
    for (std::uint32_t n = cursor.count("the number of instruments"); n > 0; --n) {
        tables.symbols.push_back(cursor.text("a symbol"));
    }
    for (std::uint32_t n = cursor.count("the number of streams"); n > 0; --n) {
        Tables::Stream stream;
        const auto kind = cursor.number<std::uint8_t>("a stream's kind");
        if (kind >= kMarketEventTypeCount) {
            throw FeedError(std::string(source) + ": unknown kind " + std::to_string(kind) +
                            " of a stream");
        }
        stream.kind = static_cast<MarketEventType>(kind);
        stream.interval_ns = cursor.number<std::int64_t>("a stream's interval");
        stream.name = cursor.text("a stream's name");
        tables.streams.push_back(std::move(stream));
    }
    cursor.end();
    return tables;
}

}  // namespace fermata::tape
