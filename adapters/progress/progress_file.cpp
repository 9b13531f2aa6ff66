#include "adapters/progress/progress_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace fermata::progress {
namespace {

static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
                  sizeof(std::atomic<std::uint64_t>) == sizeof(std::uint64_t),
              "counters are shared between processes");

/// A file that is closed in the end.
class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int get() const noexcept { return number_; }

private:
    int number_;
};

bool write_all(int descriptor, std::span<const std::byte> bytes) noexcept {
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += static_cast<std::size_t>(n);
    }
    return true;
}

Result<Snapshot, Fault> read_from(int descriptor) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return Err{Fault::kInputOutput};
    if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(kFileBytes)) {
        return Err{Fault::kSize};
    }
    std::array<std::byte, kFileBytes> bytes;
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n =
            ::pread(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return Err{Fault::kInputOutput};
        if (n == 0) return Err{Fault::kSize};
        done += static_cast<std::size_t>(n);
    }
    return examine(bytes);
}

}  // namespace

Writer::Writer(const std::string& path, State state, std::span<const std::string> loops) {
    const auto failed = [&](int why) {
        return std::runtime_error(path + ": " + std::generic_category().message(why));
    };
    const Identity self = identity_of_this_process();
    Identity before;
    std::optional<State> state_before;
    if (const auto old = read(path)) {
        before = old->who == self ? old->before : old->who;
        state_before = old->who == self ? old->state_before : old->state;
        if (before != self && !Process(before).gone()) {
            throw std::runtime_error(path + ": process " + std::to_string(before.pid) +
                                     " publishes its progress there, and lives");
        }
    }
    const std::string draft = path + ".new." + std::to_string(::getpid());
    ::unlink(draft.c_str());
    const Descriptor file(
        ::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0660));
    if (file.get() < 0) throw failed(errno);
    const auto bytes = make(self, before, state_before, state, loops);
    // For the group too: a watchdog with a user of its own notes in it what it did.
    if (::fchmod(file.get(), 0660) != 0 || !write_all(file.get(), bytes)) {
        const int why = errno;
        ::unlink(draft.c_str());
        throw failed(why);
    }
    void* const memory = ::mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_POPULATE, file.get(), 0);
    if (memory == MAP_FAILED || ::rename(draft.c_str(), path.c_str()) != 0) {
        const int why = errno;
        if (memory != MAP_FAILED) ::munmap(memory, kFileBytes);
        ::unlink(draft.c_str());
        throw failed(why);
    }
    bytes_ = static_cast<std::byte*>(memory);
}

Writer::~Writer() { ::munmap(bytes_, kFileBytes); }

std::atomic<std::uint64_t>& Writer::at(std::size_t offset) noexcept {
    return *std::launder(reinterpret_cast<std::atomic<std::uint64_t>*>(bytes_ + offset));
}

void Writer::stand(State state, std::string_view reason) noexcept {
    const std::size_t length = std::min(reason.size(), kReasonMax - 1);
    std::memset(bytes_ + kReasonAt, 0, kReasonMax);
    std::memcpy(bytes_ + kReasonAt, reason.data(), length);
    at(kStateAt).store(static_cast<std::uint64_t>(state), std::memory_order_release);
}

Result<Snapshot, Fault> read(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) return Err{errno == ENOENT ? Fault::kAbsent : Fault::kInputOutput};
    return read_from(file.get());
}

bool settle(const std::string& path, const Identity& who) {
    const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) return false;
    const auto there = read_from(file.get());
    if (!there || there->who != who) return false;
    const auto state = static_cast<std::uint64_t>(State::kSettled);
    return ::pwrite(file.get(), &state, sizeof state, kStateAt) == sizeof state;
}

}  // namespace fermata::progress
