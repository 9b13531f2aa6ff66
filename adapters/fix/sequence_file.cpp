#include "adapters/fix/sequence_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <system_error>

#include "core/base/assert.hpp"
#include "core/base/crc32c.hpp"

namespace fermata::fix {
namespace {

static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
              sizeof(std::atomic<std::uint64_t>) == sizeof(std::uint64_t));

constexpr char kMagic[8] = {'F', 'E', 'R', 'M', 'A', 'S', 'E', 'Q'};
struct Header {
    char magic[8];
    std::uint32_t version;
    std::uint32_t bytes;
    char name[SequenceFile::kNameMax + 1];
    std::uint32_t crc;
    std::uint32_t unused;
};
constexpr std::size_t kCovered = offsetof(Header, crc);
constexpr std::size_t kToSend = sizeof(Header);
constexpr std::size_t kToReceive = kToSend + 8;
constexpr std::size_t kBegun = kToSend + 16;
constexpr std::size_t kFirstOfRun = kToSend + 24;
constexpr std::size_t kRun = kToSend + 32;
static_assert(kToSend == 264);
constexpr std::uint32_t kNumberMax = 0x7fff'ffff;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw std::runtime_error(path + ": " + why);
}
[[noreturn]] void refuse_system(const std::string& path, int error) {
    refuse(path, std::generic_category().message(error));
}

std::uint64_t with_check(std::uint32_t number) noexcept {
    return std::uint64_t{~number} << 32 | number;
}
std::optional<std::uint32_t> checked(std::uint64_t word) noexcept {
    const auto number = static_cast<std::uint32_t>(word);
    if (word != with_check(number) || number == 0 || number > kNumberMax) return std::nullopt;
    return number;
}

std::uint32_t crc_of(const Header& header) noexcept {
    return crc32c(std::as_bytes(std::span(&header, 1)).first(kCovered));
}

std::string_view text_of(const char* text, std::size_t size) noexcept {
    return {text, ::strnlen(text, size)};
}

}  // namespace

SequenceFile::SequenceFile(const std::string& path, std::string_view name, const State& first)
    : SequenceFile(path, name, first, SequenceRun{}) {}

SequenceFile::SequenceFile(const std::string& path, std::string_view name, const State& first,
                           const SequenceRun& run,
                           const std::optional<SequenceRecord::Count>& on_record) {
    if (name.size() > kNameMax) refuse(path, "the session's name is longer than 239 characters");
    try {
        open(path, name, first);
        void* const at =
            ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
        if (at == MAP_FAILED) refuse_system(path, errno);
        bytes_ = static_cast<std::byte*>(at);
        examine(path, name);
        if (state_.begun.ns == 0) begin_count(first.begun, 1, 1);
        if (on_record) catch_up(*on_record);
        if (run.id != 0) take_over(run, on_record);
    } catch (...) {
        if (bytes_ != nullptr) ::munmap(bytes_, kBytes);
        if (descriptor_ >= 0) ::close(descriptor_);
        throw;
    }
}

SequenceFile::~SequenceFile() {
    ::munmap(bytes_, kBytes);
    ::close(descriptor_);
}

std::atomic<std::uint64_t>& SequenceFile::word(std::size_t offset) noexcept {
    return *reinterpret_cast<std::atomic<std::uint64_t>*>(bytes_ + offset);
}

void SequenceFile::open(const std::string& path, std::string_view name, const State& first) {
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor_ < 0 && errno == ENOENT) {
        make(path, name, first);
        descriptor_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    }
    if (descriptor_ < 0) refuse_system(path, errno);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) refuse_system(path, errno);
        refuse(path,
               "another process has this session open: two would use the same sequence numbers");
    }
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) refuse_system(path, errno);
    if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(kBytes)) {
        refuse(path, "not a file of sequence numbers: found " + std::to_string(status.st_size) +
                         " bytes, expected " + std::to_string(kBytes));
    }
}

/// Under a name of its own first: nobody ever sees half of it, and of two processes that make it at
/// once one wins.
void SequenceFile::make(const std::string& path, std::string_view name, const State& first) {
    alignas(8) std::array<std::byte, kBytes> bytes{};
    Header header{};
    std::memcpy(header.magic, kMagic, sizeof kMagic);
    header.version = kVersion;
    header.bytes = kBytes;
    std::memcpy(header.name, name.data(), name.size());
    header.crc = crc_of(header);
    std::memcpy(bytes.data(), &header, sizeof header);
    const std::uint64_t words[] = {with_check(first.to_send), with_check(first.to_receive),
                                   static_cast<std::uint64_t>(first.begun.ns)};
    std::memcpy(bytes.data() + kToSend, words, sizeof words);

    const std::string made = path + "." + std::to_string(::getpid());
    const int file = ::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (file < 0) refuse_system(made, errno);
    const ssize_t written = ::write(file, bytes.data(), kBytes);
    const bool whole = written == static_cast<ssize_t>(kBytes);
    int error = 0;
    if (!whole) error = written < 0 ? errno : ENOSPC;
    if (whole && ::fsync(file) != 0) error = errno;
    ::close(file);
    if (error == 0 && ::link(made.c_str(), path.c_str()) != 0 && errno != EEXIST) error = errno;
    ::unlink(made.c_str());
    if (error != 0) refuse_system(path, error);
}

void SequenceFile::examine(const std::string& path, std::string_view name) {
    Header header;
    std::memcpy(&header, bytes_, sizeof header);
    if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
        refuse(path, "not a file of sequence numbers: it does not begin with FERMASEQ");
    }
    if (header.version != kVersion) {
        refuse(path, "found version " + std::to_string(header.version) + ", expected " +
                         std::to_string(kVersion));
    }
    if (header.bytes != kBytes || header.crc != crc_of(header)) {
        refuse(path, "its head is damaged: found check sum " + std::to_string(header.crc) +
                         ", expected " + std::to_string(crc_of(header)));
    }
    if (const auto found = text_of(header.name, sizeof header.name); found != name) {
        refuse(path, "found the numbers of session " + std::string(found) + ", expected those of " +
                         std::string(name));
    }
    const auto begun = static_cast<std::int64_t>(word(kBegun).load());
    if (begun < 0) refuse(path, "found a count that began before 1970");
    state_.begun = Timestamp{begun};
    if (begun == 0) return;
    const auto number = [&](std::size_t offset, const char* which) {
        const std::uint64_t found = word(offset).load();
        const auto value = checked(found);
        if (!value) {
            refuse(path, std::string("the next number to ") + which + " is damaged: found " +
                             std::to_string(found) +
                             ", expected a number with its complement. The numbers in force are in "
                             "the journal of messages and with the venue");
        }
        return *value;
    };
    state_.to_send = number(kToSend, "send");
    state_.to_receive = number(kToReceive, "receive");
    if (word(kFirstOfRun).load() != 0) first_of_run_ = number(kFirstOfRun, "receive, of its run,");
}

/// A count that began on record behind the one of the file takes its place.
void SequenceFile::catch_up(const SequenceRecord::Count& on_record) noexcept {
    const State found = state_;
    if (on_record.newest < state_.begun) return;
    if (on_record.before.ns != 0 && state_.begun <= on_record.before) {
        begin_count(on_record.begun, on_record.to_send, on_record.to_receive);
        behind_ = found;
        return;
    }
    if (on_record.to_send > state_.to_send) {
        set_to_send(on_record.to_send);
        behind_ = found;
    }
    if (on_record.to_receive > state_.to_receive) {
        set_to_receive(on_record.to_receive);
        behind_ = found;
    }
}

void SequenceFile::take_over(const SequenceRun& run,
                             const std::optional<SequenceRecord::Count>& on_record) noexcept {
    const std::uint64_t owner = word(kRun).load();
    if (owner == run.id) return;
    if (run.goes_on && on_record) {
        first_of_run_ = std::min(on_record->first, state_.to_receive);
    } else {
        // A run that goes on and is not named here began when runs were not kept here, with this
        // count or with one before it.
        first_of_run_ = owner == 0 && run.goes_on ? 1 : state_.to_receive;
    }
    word(kFirstOfRun).store(with_check(first_of_run_), std::memory_order_release);
    word(kRun).store(run.id, std::memory_order_release);
}

void SequenceFile::set_to_send(std::uint32_t number) noexcept {
    FERMATA_ASSERT(number != 0 && number <= kNumberMax);
    state_.to_send = number;
    word(kToSend).store(with_check(number), std::memory_order_release);
}

void SequenceFile::set_to_receive(std::uint32_t number) noexcept {
    FERMATA_ASSERT(number != 0 && number <= kNumberMax);
    state_.to_receive = number;
    word(kToReceive).store(with_check(number), std::memory_order_release);
}

void SequenceFile::begin_anew(Timestamp now) noexcept {
    begin_count(now, 1, 1);
    begun_anew_ = now;
}

void SequenceFile::begin_count(Timestamp begun, std::uint32_t to_send,
                               std::uint32_t to_receive) noexcept {
    FERMATA_ASSERT(begun.ns > 0);
    word(kBegun).store(0, std::memory_order_release);
    set_to_send(to_send);
    set_to_receive(to_receive);
    first_of_run_ = 1;
    word(kFirstOfRun).store(with_check(1), std::memory_order_release);
    state_.begun = begun;
    word(kBegun).store(static_cast<std::uint64_t>(begun.ns), std::memory_order_release);
}

}  // namespace fermata::fix
