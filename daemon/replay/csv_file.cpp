#include "daemon/replay/csv_file.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>

namespace fermata {
namespace {
constexpr std::size_t kFlushBytes = 1 << 16;
}

CsvFile::CsvFile(std::filesystem::path path, std::string_view header,
                 std::unique_ptr<Hasher> hasher)
    : path_(std::move(path)),
      out_(path_, std::ios::binary | std::ios::trunc),
      hasher_(std::move(hasher)) {
    if (!out_) {
        throw std::runtime_error("cannot create " + path_.string() + ": " + std::strerror(errno));
    }
    buffer_.reserve(kFlushBytes + 4096);
    buffer_.append(header).push_back('\n');
}

CsvFile::~CsvFile() {
    // A run that ends with an exception keeps what it has; errors here have no one left to tell.
    if (out_.is_open()) out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
}

CsvFile& CsvFile::raw(std::string_view text) {
    if (row_started_) buffer_.push_back(',');
    row_started_ = true;
    buffer_.append(text);
    return *this;
}

CsvFile& CsvFile::field(std::string_view text) {
    if (text.find_first_of(",\"\n\r") == std::string_view::npos) return raw(text);
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted.push_back('"');
        quoted.push_back(c);
    }
    return raw(quoted + '"');
}

CsvFile& CsvFile::field(std::int64_t number) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
    return raw({text, static_cast<std::size_t>(end - text)});
}

CsvFile& CsvFile::field(std::uint64_t number) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
    return raw({text, static_cast<std::size_t>(end - text)});
}

void CsvFile::end_row() {
    buffer_.push_back('\n');
    row_started_ = false;
    ++rows_;
    if (buffer_.size() >= kFlushBytes) flush();
}

void CsvFile::flush() {
    if (hasher_) hasher_->update(std::as_bytes(std::span(buffer_.data(), buffer_.size())));
    out_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    if (!out_)
        throw std::runtime_error("cannot write " + path_.string() + ": " + std::strerror(errno));
    buffer_.clear();
}

std::string CsvFile::close() {
    flush();
    out_.close();
    if (!out_)
        throw std::runtime_error("cannot close " + path_.string() + ": " + std::strerror(errno));
    return hasher_ ? hasher_->finish() : std::string{};
}

}  // namespace fermata
