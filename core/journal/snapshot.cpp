#include "core/journal/snapshot.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <tuple>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/state_archive.hpp"

namespace fermata {
namespace {

constexpr std::string_view kPrefix = "snapshot-";
constexpr std::string_view kSuffix = ".fjs";
constexpr std::string_view kPartSuffix = ".part";
constexpr std::size_t kDigits = 9;

constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kByteOrderAt = 12;
constexpr std::size_t kDigestLengthAt = 16;
constexpr std::size_t kBodyAt = 24;

constexpr std::size_t kTextMax = 4'096;
constexpr int kSchedules = static_cast<int>(RunSchedule::kConcurrent) + 1;

Err<SnapshotError> failure(const std::string& file, std::string_view what) {
    return Err{SnapshotError{file + ": " + std::string(what)}};
}

/// Numbers of the snapshots in the directory, ascending, and names that a crash left.
struct Listing {
    std::vector<std::uint32_t> numbers;
    std::vector<std::string> parts;
};

Result<Listing, SnapshotError> list_snapshots(FileSystem& files, const std::string& directory) {
    const auto names = files.list(directory);
    if (!names) return Err{SnapshotError{names.error().message}};
    Listing listing;
    for (const std::string& name : *names) {
        if (const auto number = snapshot_of_file_name(name)) {
            listing.numbers.push_back(*number);
        } else if (name.ends_with(kPartSuffix) &&
                   snapshot_of_file_name(
                       std::string_view(name).substr(0, name.size() - kPartSuffix.size()))) {
            listing.parts.push_back(name);
        }
    }
    std::sort(listing.numbers.begin(), listing.numbers.end());
    return listing;
}

Result<std::vector<std::byte>, FileError> read_all(FileSystem& files, const std::string& path) {
    const auto file = files.open(path);
    if (!file) return Err{file.error()};
    const auto size = (*file)->size();
    if (!size) return Err{size.error()};
    std::vector<std::byte> bytes(*size);
    const auto read = (*file)->read(0, bytes);
    if (!read) return Err{read.error()};
    bytes.resize(*read);
    return bytes;
}

std::string digest_of(std::span<const std::byte> bytes, const HasherFactory& hasher_factory) {
    const std::unique_ptr<Hasher> hasher = hasher_factory();
    hasher->update(bytes);
    return hasher->finish();
}

/// The bytes before the digest.
std::vector<std::byte> encode(SnapshotHeader header, std::span<const std::byte> state,
                              std::size_t digest_length) {
    std::vector<std::byte> bytes(kBodyAt);
    std::memcpy(bytes.data(), kSnapshotMagic.data(), kSnapshotMagic.size());
    store_little_endian(bytes.data() + kVersionAt, kSnapshotVersion);
    store_little_endian(bytes.data() + kByteOrderAt, kByteOrderMark);
    store_little_endian(bytes.data() + kDigestLengthAt, static_cast<std::uint64_t>(digest_length));
    bytes.reserve(kBodyAt + state.size() + 1'024);
    StateWriter writer(bytes);
    header.persist(writer);
    FERMATA_ASSERT(writer.ok());
    bytes.insert(bytes.end(), state.begin(), state.end());
    return bytes;
}

Status<FileError> write_file(FileSystem& files, const std::string& path,
                             std::span<const std::byte> bytes, std::string_view digest) {
    auto file = files.create(path);
    if (!file) return Err{file.error()};
    for (const std::span<const std::byte> part : {bytes, bytes_of(digest)}) {
        if (const auto done = (*file)->append(part); !done) return Err{done.error()};
    }
    if (const auto done = (*file)->sync(); !done) return Err{done.error()};
    return (*file)->close();
}

/// Why the snapshot does not fit; empty when it does.
std::string mismatch(const SnapshotHeader& found, const SnapshotWanted& wanted) {
    if (found.run != wanted.run) return "it is of another run, " + to_hex(found.run);
    if (found.configuration_hash != wanted.configuration_hash) {
        return "it is of another configuration, " + found.configuration_hash;
    }
    if (found.build != wanted.build) return "another build wrote it, " + found.build;
    if (found.schedule != wanted.schedule) {
        return "its run was " + std::string(name(found.schedule));
    }
    if (std::tie(found.segment, found.offset) > std::tie(wanted.segment, wanted.offset) ||
        found.records > wanted.records) {
        return "it lies beyond the end of the journal: record " + std::to_string(found.records) +
               " of the run, segment " + std::to_string(found.segment) + " at " +
               std::to_string(found.offset);
    }
    return "";
}

}  // namespace

void SnapshotHeader::persist(StateArchive& a) {
    static_assert(kFieldCount<SnapshotHeader> == 12, "persist must list every member");
    a.section("snapshot", 1, [&] {
        a.plain(run);
        a.plain(chain_head);
        a(boot_epoch, choice(schedule, kSchedules), segment, offset, records, trading_position,
          feed_position, chain_block);
        a.text(configuration_hash, kTextMax);
        a.text(build, kTextMax);
    });
}

std::string snapshot_file_name(std::uint32_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
    return std::string(kPrefix) + digits + std::string(kSuffix);
}

std::optional<std::uint32_t> snapshot_of_file_name(std::string_view file_name) {
    if (!file_name.starts_with(kPrefix) || !file_name.ends_with(kSuffix)) return std::nullopt;
    const std::string_view digits =
        file_name.substr(kPrefix.size(), file_name.size() - kPrefix.size() - kSuffix.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (snapshot_file_name(number) != file_name) return std::nullopt;
    return number;
}

Result<std::uint32_t, SnapshotError> write_snapshot(FileSystem& files, const std::string& directory,
                                                    SnapshotHeader header,
                                                    std::span<const std::byte> state,
                                                    const HasherFactory& hasher_factory) {
    const auto listing = list_snapshots(files, directory);
    if (!listing) return Err{listing.error()};
    const std::uint32_t number = listing->numbers.empty() ? 1 : listing->numbers.back() + 1;
    const std::string path = directory + "/" + snapshot_file_name(number);
    const std::string part = path + std::string(kPartSuffix);
    for (const std::string& old : listing->parts) {  // what a crash left
        const auto removed = files.remove(directory + "/" + old);
        if (!removed) return Err{SnapshotError{removed.error().message}};
    }
    const std::size_t digest_length = digest_of({}, hasher_factory).size();
    const std::vector<std::byte> bytes = encode(std::move(header), state, digest_length);
    const std::string digest = digest_of(bytes, hasher_factory);
    FERMATA_ASSERT(digest.size() == digest_length);
    auto done = write_file(files, part, bytes, digest);
    if (done) done = files.rename(part, path);
    if (done) {
        done = files.sync_directory(directory);
        if (done) return number;
        // Nobody knows whether the name lasts, so nobody may rely on it.
        static_cast<void>(files.remove(path));
        return Err{SnapshotError{done.error().message}};
    }
    static_cast<void>(files.remove(part));  // the next snapshot tries again
    return Err{SnapshotError{done.error().message}};
}

Result<Snapshot, SnapshotError> read_snapshot(FileSystem& files, const std::string& directory,
                                              std::uint32_t number,
                                              const HasherFactory& hasher_factory) {
    const std::string file = directory + "/" + snapshot_file_name(number);
    const auto read = read_all(files, file);
    if (!read) return Err{SnapshotError{read.error().message}};
    const std::span<const std::byte> bytes(*read);
    if (bytes.size() < kBodyAt ||
        std::memcmp(bytes.data(), kSnapshotMagic.data(), kSnapshotMagic.size()) != 0 ||
        load_little_endian<std::uint32_t>(bytes.data() + kByteOrderAt) != kByteOrderMark) {
        return failure(file, "it is not a snapshot");
    }
    const auto version = load_little_endian<std::uint32_t>(bytes.data() + kVersionAt);
    if (version != kSnapshotVersion) {
        return failure(file, "it has version " + std::to_string(version) +
                                 ", and this build reads version " +
                                 std::to_string(kSnapshotVersion));
    }
    const auto digest_length = load_little_endian<std::uint64_t>(bytes.data() + kDigestLengthAt);
    if (digest_length > bytes.size() - kBodyAt) return failure(file, "it ends too early");
    const auto covered = bytes.first(bytes.size() - digest_length);
    if (digest_of(covered, hasher_factory) != text_of(bytes.last(digest_length))) {
        return failure(file, "its digest is wrong");
    }
    Snapshot snapshot;
    snapshot.number = number;
    StateReader reader(covered.subspan(kBodyAt));
    snapshot.header.persist(reader);
    if (!reader.ok()) return failure(file, reader.error().message());
    const auto state = reader.rest();
    snapshot.state.assign(state.begin(), state.end());
    return snapshot;
}

Result<SnapshotChoice, SnapshotError> load_newest_snapshot(FileSystem& files,
                                                           const std::string& directory,
                                                           const SnapshotWanted& wanted,
                                                           const HasherFactory& hasher_factory) {
    const auto listing = list_snapshots(files, directory);
    if (!listing) return Err{listing.error()};
    SnapshotChoice choice;
    for (auto number = listing->numbers.rbegin(); number != listing->numbers.rend(); ++number) {
        auto found = read_snapshot(files, directory, *number, hasher_factory);
        std::string reason = found ? mismatch(found->header, wanted) : found.error().message;
        if (reason.empty()) {
            choice.snapshot = std::move(*found);
            break;
        }
        choice.refused.push_back({snapshot_file_name(*number), std::move(reason)});
    }
    return choice;
}

Status<SnapshotError> prune_snapshots(FileSystem& files, const std::string& directory,
                                      std::size_t keep) {
    auto listing = list_snapshots(files, directory);
    if (!listing) return Err{listing.error()};
    std::vector<std::string> doomed = std::move(listing->parts);
    const std::size_t count = listing->numbers.size() - std::min(keep, listing->numbers.size());
    for (std::size_t n = 0; n < count; ++n) {
        doomed.push_back(snapshot_file_name(listing->numbers[n]));
    }
    for (const std::string& name : doomed) {
        const auto removed = files.remove(directory + "/" + name);
        if (!removed) return Err{SnapshotError{removed.error().message}};
    }
    return Unit{};
}

}  // namespace fermata
