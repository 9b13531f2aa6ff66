// Any bytes as the file of a session's sequence numbers: it is refused with its name, or what is
// taken from it are numbers that FIX has, and they stay what they are.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/fix/sequence_file.hpp"
#include "core/base/assert.hpp"

namespace {

using fermata::Timestamp;
using fermata::fix::SequenceFile;

constexpr const char* kName = "FIX.4.4:FERMATA->VENUE";
constexpr SequenceFile::State kFirst{3, 4, Timestamp{5}};

std::string path() {
    static const std::string of_this_process =
        (std::filesystem::temp_directory_path() / ("fermata-fuzz-" + std::to_string(::getpid())))
            .string();
    return of_this_process;
}

void write(const std::vector<char>& bytes) {
    std::ofstream out(path(), std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    FERMATA_ASSERT(out.flush().good());
}

/// A file as the class itself makes it.
const std::vector<char>& sound() {
    static const std::vector<char> bytes = [] {
        std::filesystem::remove(path());
        {
            const SequenceFile made(path(), kName, kFirst);
        }
        std::ifstream in(path(), std::ios::binary);
        return std::vector<char>(std::istreambuf_iterator<char>(in), {});
    }();
    return bytes;
}

bool is_number(std::uint32_t n) {
    return n >= 1 && n <= static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max());
}

}  // namespace

/// The first byte: 0 the rest is the whole file; else changes of a sound one, of three bytes each:
/// where (two bytes) and what.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::vector<char> bytes;
    if (data[0] == 0) {
        bytes.assign(data + 1, data + size);
    } else {
        bytes = sound();
        for (std::size_t n = 1; n + 2 < size; n += 3) {
            const std::size_t at = (std::size_t{data[n]} << 8 | data[n + 1]) % bytes.size();
            bytes[at] = static_cast<char>(data[n + 2]);
        }
    }
    write(bytes);
    SequenceFile::State found;
    try {
        SequenceFile file(path(), kName, kFirst);
        found = {file.to_send(), file.to_receive(), file.begun()};
        FERMATA_ASSERT(is_number(found.to_send) && is_number(found.to_receive));
    } catch (const std::runtime_error& error) {
        FERMATA_ASSERT(std::strstr(error.what(), path().c_str()) != nullptr);
        return 0;
    }
    {
        SequenceFile file(path(), kName, kFirst, {1, false});
        FERMATA_ASSERT(is_number(file.first_of_run()));
        FERMATA_ASSERT(file.to_send() == found.to_send && file.to_receive() == found.to_receive);
        FERMATA_ASSERT(file.begun() == found.begun);
        file.set_to_send(found.to_receive);
        file.set_to_receive(7);
    }
    const SequenceFile file(path(), kName, kFirst);
    FERMATA_ASSERT(file.to_send() == found.to_receive && file.to_receive() == 7);
    return 0;
}
