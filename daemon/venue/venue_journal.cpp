#include "daemon/venue/venue_journal.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "core/base/crc32c.hpp"

namespace fermata::venue {
namespace {

constexpr const char* kName = "venue.journal";
constexpr std::size_t kFixed = 24;  // bytes of an entry before its text or market event
constexpr std::size_t kSizeMax = std::size_t{1} << 20;
constexpr std::size_t kBufferMax = std::size_t{1} << 20;

template <class T>
void put(std::vector<std::byte>& out, T value) {
    const std::size_t at = out.size();
    out.resize(at + sizeof value);
    std::memcpy(out.data() + at, &value, sizeof value);
}
template <class T>
T get(std::span<const std::byte> bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

template <class T>
T taken(Result<T, FileError> result) {
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(result).value();
}
void require(const Status<FileError>& status) {
    if (!status) throw std::runtime_error(status.error().message);
}

/// False for what nobody wrote.
bool decode(std::span<const std::byte> body, Entry& entry) {
    if (body.size() < kFixed) return false;
    const auto kind = get<std::uint8_t>(body, 0);
    if (kind < static_cast<std::uint8_t>(EntryKind::kBegin) ||
        kind > static_cast<std::uint8_t>(EntryKind::kCorrect)) {
        return false;
    }
    entry.kind = static_cast<EntryKind>(kind);
    entry.value = get<std::uint8_t>(body, 1);
    entry.session = get<std::uint32_t>(body, 4);
    entry.number = get<std::uint64_t>(body, 8);
    entry.ts = Timestamp{get<std::int64_t>(body, 16)};
    const auto rest = body.subspan(kFixed);
    if (entry.kind != EntryKind::kMarket) {
        entry.text = {reinterpret_cast<const char*>(rest.data()), rest.size()};
        return true;
    }
    entry.text = {};
    if (rest.size() != sizeof(MarketEvent)) return false;
    std::memcpy(&entry.market, rest.data(), sizeof(MarketEvent));
    return true;
}

/// Shows every whole entry; the bytes that they take.
std::uint64_t read_all(const RandomAccessFile& file, const std::string& path,
                       const std::function<void(const Entry&)>& show) {
    const std::uint64_t size = taken(file.size());
    std::vector<std::byte> chunk;
    std::uint64_t at = 0;   // of the first byte in `chunk`
    std::size_t begin = 0;  // of the next entry, in it
    Entry entry;
    for (;;) {
        const std::size_t have = chunk.size() - begin;
        const std::uint32_t length = have >= 8 ? get<std::uint32_t>(chunk, begin) : 0;
        if (length > kSizeMax) return at + begin;
        if (have < 8 || have - 8 < length) {
            if (at + chunk.size() >= size) return at + begin;  // torn
            chunk.erase(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(begin));
            at += begin;
            begin = 0;
            const std::size_t old = chunk.size();
            const auto more =
                static_cast<std::size_t>(std::min<std::uint64_t>(size - at - old, 2 * kSizeMax));
            chunk.resize(old + more);
            const std::size_t got = taken(file.read(at + old, std::span(chunk).subspan(old)));
            chunk.resize(old + got);
            if (got == 0) return at + begin;
            continue;
        }
        const auto body = std::span(std::as_const(chunk)).subspan(begin + 8, length);
        if (crc32c(body) != get<std::uint32_t>(chunk, begin + 4)) {
            // Only the end can be torn: a process was killed while it wrote.
            if (at + begin + 8 + length >= size) return at + begin;
            throw std::runtime_error(path + ": damaged at byte " + std::to_string(at + begin) +
                                     "; --fresh begins anew and keeps the damaged file");
        }
        if (!decode(body, entry)) {
            throw std::runtime_error(path + ": an unknown entry at byte " +
                                     std::to_string(at + begin));
        }
        show(entry);
        begin += 8 + length;
    }
}

}  // namespace

DirectoryLock VenueJournal::lock(FileSystem& files, const std::filesystem::path& folder,
                                 bool fresh) {
    require(files.create_directories(folder.string()));
    auto held = DirectoryLock::take(folder.string());
    if (!held) {
        std::string text = held.error().message;
        if (held.error().code == FileErrorCode::kExists) {
            text += "; end it first, or name another folder in exchange.folder";
        }
        throw std::runtime_error(text);
    }
    if (fresh) set_aside(folder);
    return std::move(held).value();
}

VenueJournal::VenueJournal(FileSystem& files, const std::filesystem::path& folder,
                           const std::function<void(const Entry&)>& show)
    : path_((folder / kName).string()) {
    require(files.create_directories(folder.string()));
    auto opened = files.open(path_);
    if (!opened) {
        if (opened.error().code != FileErrorCode::kNotFound) {
            throw std::runtime_error(opened.error().message);
        }
        file_ = taken(files.create(path_));
        return;
    }
    const std::uint64_t whole = read_all(**opened, path_, show);
    file_ = taken(files.reopen(path_, whole));
}

void VenueJournal::append(const Entry& entry) {
    const std::lock_guard lock(mutex_);
    const std::size_t at = buffer_.size();
    put(buffer_, std::uint32_t{0});
    put(buffer_, std::uint32_t{0});
    put(buffer_, static_cast<std::uint8_t>(entry.kind));
    put(buffer_, entry.value);
    put(buffer_, std::uint16_t{0});
    put(buffer_, entry.session);
    put(buffer_, entry.number);
    put(buffer_, entry.ts.ns);
    if (entry.kind == EntryKind::kMarket) {
        const auto bytes = std::as_bytes(std::span(&entry.market, 1));
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    } else {
        const auto bytes = std::as_bytes(std::span(entry.text));
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    }
    const auto body = std::span(std::as_const(buffer_)).subspan(at + 8);
    const auto size = static_cast<std::uint32_t>(body.size());
    const std::uint32_t crc = crc32c(body);
    std::memcpy(buffer_.data() + at, &size, 4);
    std::memcpy(buffer_.data() + at + 4, &crc, 4);
    if (buffer_.size() < kBufferMax) return;
    require(file_->append(buffer_));
    buffer_.clear();
}

void VenueJournal::flush() {
    const std::lock_guard lock(mutex_);
    if (buffer_.empty()) return;
    require(file_->append(buffer_));
    buffer_.clear();
}

void VenueJournal::set_aside(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / kName;
    if (!std::filesystem::exists(path)) return;
    for (int n = 1;; ++n) {
        const std::filesystem::path aside = path.string() + "." + std::to_string(n);
        if (std::filesystem::exists(aside)) continue;
        std::filesystem::rename(path, aside);
        return;
    }
}

}  // namespace fermata::venue
