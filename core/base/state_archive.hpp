#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/field_count.hpp"

namespace fermata {

class StateArchive;

/// Why a state could not be written or read, and where.
struct StateError {
    std::string section;  ///< The way from the outermost section: "pipeline/orders".
    std::string what;     ///< "the checksum is wrong"
    [[nodiscard]] std::string message() const;
};

/// A number, or one number in a type of its own (Fixed, Id, Timestamp, Duration): every pattern of
/// its bytes is a value, so it is stored as it lies in memory.
template <class T>
concept StateNumber =
    ((std::is_arithmetic_v<T> && !std::same_as<T, bool> && sizeof(T) <= 8) || std::same_as<T, __int128> ||
     std::same_as<T, unsigned __int128> ||
     (std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T> &&
      sizeof(T) <= 8 &&
      (
          requires(const T& t) { T::from_raw(t.raw()); } ||
          requires(const T& t) { std::declval<typename T::rep>() == t.value; } ||
          requires(const T& t, T u) {
              { u - t };
              { t.ns } -> std::convertible_to<std::int64_t>;
          })));

/// A class that lists its changing members in `void persist(StateArchive&)`.
template <class T>
concept StateObject = requires(T& t, StateArchive& a) { t.persist(a); };

/// An enumeration whose values are 0 .. count - 1.
template <class E>
struct StateChoice {
    E& value;
    std::uint64_t count;
};
template <class E>
    requires std::is_enum_v<E>
[[nodiscard]] constexpr StateChoice<E> choice(E& value, std::uint64_t count) noexcept {
    return {value, count};
}

/// A member that is listed and not stored.
struct StateOmitted {};
/// The constructor sets it from the configuration, and nothing changes it.
template <class T>
[[nodiscard]] constexpr StateOmitted configured(const T&) noexcept {
    return {};
}
/// It follows from other members, and whoever reads those sets it.
template <class T>
[[nodiscard]] constexpr StateOmitted derived(const T&) noexcept {
    return {};
}

/// Writes the state of objects to bytes, or reads it back: one list of members serves both, so that
/// none can be forgotten in one direction.
///
///     void OrderBook::persist(StateArchive& a) {
///         a.section("orders", 1, [&] { a(count_, best_, orders_); });
///     }
///
/// A state is read into an object that was freshly built from the same configuration, and only what
/// changes after construction is stored. The size of a fixed vector is stored and compared.
///
/// Form:    members as they follow, without padding, little-endian. A section has its name, its
///          version, its length and a CRC-32C of its bytes, all checked before a member is read.
///          Equal states have equal bytes: what does not decide about the future (the slot in a
///          pool, the place in a hash table) is not stored.
/// Errors:  the first one stays; after it nothing is read or written. An object that was read into
///          is then good for nothing but its destruction. Whatever the bytes are, reading stays
///          within them and within the object's fixed sizes, and what it lets pass keeps the
///          object's invariants.
/// Limits:  not for the hot path; allocates.
class StateArchive {
public:
    StateArchive(const StateArchive&) = delete;
    StateArchive& operator=(const StateArchive&) = delete;

    [[nodiscard]] bool reading() const noexcept { return out_ == nullptr; }
    [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
    /// Requires !ok().
    [[nodiscard]] const StateError& error() const {
        FERMATA_ASSERT(error_.has_value());
        return *error_;
    }

    /// Stores or loads the members in this order.
    template <class... Fields>
    void operator()(Fields&&... fields) {
        (field(fields), ...);
    }
    /// The same for an aggregate, all of whose members must be listed: a member that is added later
    /// does not compile before it is listed.
    template <class T, class... Fields>
    void all(Fields&&... fields) {
        static_assert(sizeof...(Fields) == kFieldCount<T>, "persist must list every member");
        (field(fields), ...);
    }
    /// A vector that may hold 0 to `most` elements.
    template <class T>
    void sized(std::vector<T>& values, std::size_t most) {
        values.resize(count(values.size(), most));
        elements(values);
    }
    /// A text of at most `most` bytes.
    void text(std::string& value, std::size_t most) {
        value.resize(count(value.size(), most));
        bytes(reinterpret_cast<std::byte*>(value.data()), value.size());
    }
    /// Stores `value`, or loads a number of at most `most` (0 after an error).
    [[nodiscard]] std::size_t count(std::size_t value, std::size_t most);

    /// Everything that `body` lists, under a name, with a version and a checksum of its own.
    template <class Body>
    void section(std::string_view name, std::uint32_t version, Body&& body) {
        if (!begin_section(name, version)) return;
        body();
        end_section();
    }

    /// Reading: the bytes are whole but make no sense. Writing: there is no way to store this.
    void fail(std::string_view what);
    /// Fails unless the condition holds; true when there is no error so far.
    bool require(bool condition, std::string_view what) {
        if (!condition) fail(what);
        return ok();
    }

    /// A value that is stored as it lies in memory and of which any pattern is legal, or is checked
    /// by the caller.
    template <class T>
        requires std::has_unique_object_representations_v<T>
    void plain(T& value) {
        bytes(reinterpret_cast<std::byte*>(&value), sizeof value);
    }

protected:
    explicit StateArchive(std::vector<std::byte>& out) : out_(&out) {}
    StateArchive(std::span<const std::byte> in, bool checksums) : in_(in), checksums_(checksums) {}
    ~StateArchive() = default;
    [[nodiscard]] std::size_t unread() const noexcept { return in_.size() - at_; }
    [[nodiscard]] std::span<const std::byte> unread_bytes() const noexcept {
        return in_.subspan(at_);
    }

private:
    struct Section {
        std::size_t path = 0;   // length of path_ outside
        std::size_t start = 0;  // of the header (writing), of the body (reading)
        std::span<const std::byte> outside;
    };

    void bytes(std::byte* at, std::size_t size);
    [[nodiscard]] bool begin_section(std::string_view name, std::uint32_t version);
    void end_section();

    template <StateNumber T>
    void field(T& value) {
        bytes(reinterpret_cast<std::byte*>(&value), sizeof value);
    }
    template <StateObject T>
    void field(T& value) {
        value.persist(*this);
    }
    void field(bool& value) {
        std::uint8_t stored = value ? 1 : 0;
        field(stored);
        if (reading() && require(stored <= 1, "a truth value is neither 0 nor 1")) {
            value = stored != 0;
        }
    }
    template <class E>
    void field(const StateChoice<E>& choice) {
        auto stored = static_cast<std::underlying_type_t<E>>(choice.value);
        field(stored);
        if (reading() && require(static_cast<std::uint64_t>(stored) < choice.count,
                                 "an enumeration has an unknown value")) {
            choice.value = static_cast<E>(stored);
        }
    }
    void field(const StateOmitted&) {}
    template <class T>
    void field(std::optional<T>& value) {
        bool present = value.has_value();
        field(present);
        if (reading()) value = present ? std::optional<T>(std::in_place) : std::nullopt;
        if (value) field(*value);
    }
    template <class T, std::size_t N>
    void field(std::array<T, N>& values) {
        elements(values);
    }
    template <class T>
    void field(std::vector<T>& values) {
        static_assert(!std::same_as<T, bool>);
        std::uint64_t size = values.size();
        field(size);
        if (require(size == values.size(), "a table has another size than the configuration says"))
            elements(values);
    }
    template <class Range>
    void elements(Range& values) {
        using T = typename Range::value_type;
        if constexpr (StateNumber<T>) {
            if (!values.empty()) {
                bytes(reinterpret_cast<std::byte*>(values.data()), values.size() * sizeof(T));
            }
        } else {
            for (T& value : values) {
                if (!ok()) return;
                field(value);
            }
        }
    }

    std::vector<std::byte>* out_ = nullptr;
    std::span<const std::byte> in_;
    std::size_t at_ = 0;
    bool checksums_ = true;
    std::string path_;
    std::vector<Section> sections_;
    std::optional<StateError> error_;
};

/// Appends states to a vector of bytes.
class StateWriter final : public StateArchive {
public:
    explicit StateWriter(std::vector<std::byte>& out) : StateArchive(out) {}
};

/// Reads states from bytes that outlive it.
class StateReader final : public StateArchive {
public:
    /// Without `checksums` a wrong one is no error: for tests that look at what else is checked.
    explicit StateReader(std::span<const std::byte> in, bool checksums = true)
        : StateArchive(in, checksums) {}
    /// What was not read yet.
    [[nodiscard]] std::span<const std::byte> rest() const noexcept { return unread_bytes(); }
    /// Fails when bytes are left over.
    void finish() { require(unread() == 0, "there are bytes behind the last section"); }
};

}  // namespace fermata
