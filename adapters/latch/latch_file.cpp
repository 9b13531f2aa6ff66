#include "adapters/latch/latch_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/crc32c.hpp"
#include "core/port/latch.hpp"

namespace fermata::latch {
namespace {

static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
                  sizeof(std::atomic<std::uint64_t>) == sizeof(std::uint64_t),
              "the word is shared between processes");

constexpr int kReadsMax = 8;

Err<Error> system_failed(int descriptor = -1) {
    const int why = errno;
    if (descriptor >= 0) ::close(descriptor);
    const ErrorCode code = why == ENOENT   ? ErrorCode::kAbsent
                           : why == EEXIST ? ErrorCode::kExists
                                           : ErrorCode::kInputOutput;
    return Err{Error{code, why, Fault::kNone}};
}

Entry entry_of(const Change& change, std::uint64_t generation) noexcept {
    Entry e;
    if (change.scope != ControlScope::kFirm) e.target.assign(change.target);
    e.reason.assign(change.reason);
    e.when_ns = change.when_ns;
    e.actor = change.actor;
    e.scope = change.scope;
    e.level = change.level;
    e.control = change.control;
    e.generation = generation;
    return e;
}

/// A state in which the firm is HALTED and nothing else is said.
void fill_halted(State& state, std::uint64_t generation, std::uint32_t actor, std::int64_t when_ns,
                 std::string_view reason) noexcept {
    Change halt;
    halt.level = Level::kNoNewOrders;
    halt.actor = actor;
    halt.when_ns = when_ns;
    halt.reason = reason;
    state.slot = Slot{};
    state.slot.generation = generation;
    state.slot.count = 1;
    state.slot.actor = actor;
    state.slot.when_ns = when_ns;
    state.slot.reason.assign(reason);
    state.entries[0] = entry_of(halt, generation);
}

bool write_all(int descriptor, std::span<const std::byte> bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::pwrite(descriptor, bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += static_cast<std::size_t>(n);
    }
    return true;
}

/// The name of a file survives a loss of power when its folder is on the disk.
bool sync_folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool done = ::fsync(descriptor) == 0;
    const int why = errno;
    ::close(descriptor);
    errno = why;
    return done;
}

}  // namespace

std::string describe(const std::string& path, const Error& error) {
    switch (error.code) {
        case ErrorCode::kNone:
            return path + ": no error";
        case ErrorCode::kAbsent:
            return path + ": there is no such latch file, which counts as HALTED";
        case ErrorCode::kExists:
            return path + ": there is a latch file already";
        case ErrorCode::kInputOutput:
            return path + ": " + std::generic_category().message(error.system_error);
        case ErrorCode::kUnreadable:
            return path + ": " + std::string(name(error.fault)) + ", which counts as HALTED";
        case ErrorCode::kStale:
            return path + ": the state is not the one that was expected any more";
        case ErrorCode::kNotLatched:
            return path + ": it is not latched";
        case ErrorCode::kSecondPerson:
            return path + ": noted; it is left to a second person, who asks for the same";
        case ErrorCode::kBusy:
            return path + ": another process holds the latch for too long";
    }
    return path;
}

Result<File, Error> File::map(int descriptor, Access access) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return system_failed(descriptor);
    if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(kLatchBytes)) {
        ::close(descriptor);
        return Err{Error{ErrorCode::kUnreadable, 0, Fault::kSize}};
    }
    const int protection = access == Access::kWrite ? PROT_READ | PROT_WRITE : PROT_READ;
    void* const at =
        ::mmap(nullptr, kLatchBytes, protection, MAP_SHARED | MAP_POPULATE, descriptor, 0);
    if (at == MAP_FAILED) return system_failed(descriptor);
    return File(descriptor, static_cast<std::byte*>(at));
}

Result<File, Error> File::open(const std::string& path, Access access) {
    const int flags = access == Access::kWrite ? O_RDWR : O_RDONLY;
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) return system_failed();
    return map(descriptor, access);
}

Result<File, Error> File::create(const std::string& path, std::uint32_t actor, std::int64_t when_ns,
                                 std::string_view reason, std::uint32_t people) {
    FERMATA_ASSERT(people == 1 || people == 2);
    // Whole under another name first: whoever opens it sees all of it or no file. What a process of
    // the same number left there when it died is nobody's.
    const std::string draft = path + ".new." + std::to_string(::getpid());
    ::unlink(draft.c_str());
    const int descriptor = ::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
    if (descriptor < 0) return system_failed();
    // For the group too, whatever the caller's mask: the second person must be able to write.
    if (::fchmod(descriptor, 0660) != 0) return system_failed(descriptor);
    std::vector<std::byte> bytes(kLatchBytes);
    const auto state = std::make_unique<State>();
    fill_halted(*state, 1, actor, when_ns, reason);
    write_head(bytes, people);
    write_slot(bytes, 0, *state);
    const std::uint64_t word = state->word();
    std::memcpy(bytes.data() + kWordAt, &word, sizeof(word));
    const bool made = write_all(descriptor, bytes) && ::fsync(descriptor) == 0 &&
                      ::link(draft.c_str(), path.c_str()) == 0;
    const int why = errno;
    ::unlink(draft.c_str());
    errno = why;
    if (!made || !sync_folder_of(path)) return system_failed(descriptor);
    return map(descriptor, Access::kWrite);
}

Result<File, Error> File::repair(const std::string& path, std::uint32_t actor, std::int64_t when_ns,
                                 std::string_view reason, std::uint32_t people) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return system_failed();
    if (::flock(descriptor, LOCK_EX) != 0) return system_failed(descriptor);
    if (::ftruncate(descriptor, kLatchBytes) != 0) return system_failed(descriptor);
    auto file = map(descriptor, Access::kWrite);
    if (!file) return file;
    const auto state = std::make_unique<State>();
    file->read(*state);
    if (state->fault == Fault::kNone) return Err{Error{ErrorCode::kExists, 0, Fault::kNone}};
    const std::uint64_t known = file->word()->load(std::memory_order_acquire) & kGenerationMask;
    const std::uint64_t next = known >= kGenerationMask ? 1 : known + 1;
    std::fill(file->bytes().begin() + static_cast<std::ptrdiff_t>(kSlotAt[0]), file->bytes().end(),
              std::byte{0});
    fill_halted(*state, next, actor, when_ns, reason);
    write_head(file->bytes(), people);
    write_slot(file->bytes(), 0, *state);
    file->publish(*state, true);
    const Error synced = file->sync();
    file->unlock();
    if (synced.code != ErrorCode::kNone) return Err{synced};
    return file;
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_(std::exchange(other.bytes_, nullptr)) {}

File& File::operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

File::~File() {
    if (bytes_ != nullptr) ::munmap(bytes_, kLatchBytes);
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::atomic<std::uint64_t>& File::at(std::size_t offset) const noexcept {
    return *std::launder(reinterpret_cast<std::atomic<std::uint64_t>*>(bytes_ + offset));
}

const std::atomic<std::uint64_t>* File::word() const noexcept { return &at(kWordAt); }

void File::read(State& out) const noexcept {
    struct stat status{};
    const bool there = ::fstat(descriptor_, &status) == 0;
    // A state that is replaced while it is read is read again.
    for (int n = 0; n < kReadsMax; ++n) {
        const std::uint64_t before = word()->load(std::memory_order_acquire);
        examine(bytes(), out);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (out.fault == Fault::kNone && word()->load(std::memory_order_acquire) == before) break;
    }
    if (there && status.st_nlink > 0) return;
    out.fault = there ? Fault::kAbsent : Fault::kInputOutput;
    out.slot = Slot{};
    out.in_force = -1;
}

bool File::lock(int wait_ms) const noexcept {
    for (int waited = 0;; ++waited) {
        if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK && errno != EINTR) return false;
        if (waited >= wait_ms) return false;
        const timespec pause{0, 1'000'000};
        ::nanosleep(&pause, nullptr);
    }
}

void File::unlock() const noexcept { ::flock(descriptor_, LOCK_UN); }

Error File::sync() const noexcept {
    if (::msync(bytes_, kLatchBytes, MS_SYNC) != 0 || ::fdatasync(descriptor_) != 0) {
        return {ErrorCode::kInputOutput, errno, Fault::kNone};
    }
    return {};
}

bool File::publish(const State& state, bool ends_emergency) noexcept {
    std::atomic<std::uint64_t>& word = at(kWordAt);
    std::uint64_t now = word.load(std::memory_order_acquire);
    std::uint64_t next = 0;
    bool ended = false;
    do {
        ended = ends_emergency && (now & kHaltsMask) == state.halts;
        next = state.word() | (now & kHaltsMask) | (ended ? 0 : now & Latch::kEmergency);
    } while (!word.compare_exchange_weak(now, next, std::memory_order_acq_rel));
    return ended || !ends_emergency;
}

Error File::put_in_force(State& state, bool loosens, bool ends_emergency) noexcept {
    const int slot = 1 - state.in_force;
    write_slot(bytes(), slot, state);
    state.in_force = slot;
    if (loosens) {
        const Error synced = sync();
        if (synced.code != ErrorCode::kNone) {
            // Not on the disk, so not in force: no reader may find the slot whole.
            at(kSlotAt[static_cast<std::size_t>(slot)]).store(0, std::memory_order_release);
            return synced;
        }
    }
    const bool ended = publish(state, ends_emergency);
    if (ends_emergency && ended) state.emergency = false;
    const Error synced = sync();
    if (!ended) return {ErrorCode::kStale, 0, Fault::kNone};
    return synced;
}

/// Two different people asked for this. Else notes that one did.
bool File::is_agreed(const Change& change, const State& state) noexcept {
    Text target;
    if (change.scope != ControlScope::kFirm) target.assign(change.target);
    const std::byte what[2] = {static_cast<std::byte>(change.scope),
                               static_cast<std::byte>(change.level)};
    const std::uint32_t crc = crc32c_extend(crc32c(what), std::as_bytes(std::span(target.bytes)));
    Head head;
    std::memcpy(&head, bytes_, sizeof(Head));
    const bool agreed = change.actor != kNoActor && head.asked_by != kNoActor &&
                        head.asked_by != change.actor && head.asked_what == crc &&
                        head.asked_version == state.version() &&
                        change.when_ns >= head.asked_when_ns &&
                        change.when_ns - head.asked_when_ns <= kAgreeWithinNs;
    if (agreed || change.actor == kNoActor) return agreed;
    const auto put = [this](std::size_t offset, std::uint64_t value) {
        at(offset).store(value, std::memory_order_relaxed);
    };
    put(offsetof(Head, asked_by), change.actor | std::uint64_t{crc} << 32);
    put(offsetof(Head, asked_version), state.version());
    put(offsetof(Head, asked_when_ns), static_cast<std::uint64_t>(change.when_ns));
    return false;
}

Error File::change_locked(const Change& change, State& state) noexcept {
    read(state);
    if (state.fault != Fault::kNone) return {ErrorCode::kUnreadable, 0, state.fault};
    // What a writer put down before it died, and nobody was told.
    const std::uint64_t told = word()->load(std::memory_order_acquire);
    if ((told & ~(Latch::kEmergency | kHaltsMask)) != state.word()) publish(state, false);
    if (change.expected_version && *change.expected_version != state.version()) {
        return {ErrorCode::kStale, 0, Fault::kNone};
    }
    Entry* entry = state.find(change.scope, change.target);
    const bool ends_emergency =
        state.emergency && change.scope == ControlScope::kFirm && change.level == Level::kActive;
    if (change.level == Level::kActive && entry == nullptr && !ends_emergency) {
        return {ErrorCode::kNotLatched, 0, Fault::kNone};
    }
    const bool loosens =
        ends_emergency || (entry != nullptr && rank(change.level) < rank(entry->level));
    if (loosens && !change.may_loosen) return sync();
    if (loosens && state.people != 1 && !is_agreed(change, state)) {
        return {ErrorCode::kSecondPerson, 0, Fault::kNone};
    }
    if (entry != nullptr && change.level == entry->level) return sync();

    Change made = change;
    if (entry == nullptr && change.level != Level::kActive && change.scope != ControlScope::kFirm &&
        state.slot.count >= kEntriesMax - 1) {
        // No room: stricter, never less.
        made.scope = ControlScope::kFirm;
        entry = state.find(ControlScope::kFirm, {});
        if (entry != nullptr && rank(made.level) <= rank(entry->level)) return sync();
    }
    const std::uint64_t generation = state.slot.generation + 1;
    if (made.level == Level::kActive) {
        if (entry != nullptr) {
            std::move(entry + 1, state.entries.data() + state.slot.count, entry);
            --state.slot.count;
        }
    } else {
        if (entry == nullptr) entry = &state.entries[state.slot.count++];
        *entry = entry_of(made, generation);
    }
    state.slot.generation = generation;
    state.slot.actor = change.actor;
    state.slot.when_ns = change.when_ns;
    state.slot.reason.assign(change.reason);
    return put_in_force(state, loosens, ends_emergency);
}

Error File::change(const Change& change, State& state, int wait_ms) noexcept {
    if (!lock(wait_ms)) return {ErrorCode::kBusy, 0, Fault::kNone};
    const Error error = change_locked(change, state);
    unlock();
    return error;
}

Error File::halt_now(std::uint32_t actor, std::uint8_t control, std::int64_t when_ns) noexcept {
    at(offsetof(Head, emergency_by))
        .store(actor | std::uint64_t{control} << 32, std::memory_order_relaxed);
    at(offsetof(Head, emergency_when_ns))
        .store(static_cast<std::uint64_t>(when_ns), std::memory_order_relaxed);
    std::atomic<std::uint64_t>& word = at(kWordAt);
    std::uint64_t now = word.load(std::memory_order_acquire);
    std::uint64_t next = 0;
    do {
        next = (now & ~kHaltsMask) | ((now + kHaltUnit) & kHaltsMask) | Latch::kEmergency;
    } while (!word.compare_exchange_weak(now, next, std::memory_order_acq_rel));
    return sync();
}

}  // namespace fermata::latch
