#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "core/port/hasher.hpp"
#include "core/types/decimal.hpp"

namespace fermata {

/// Writes one CSV file of a run: fields in a row, rows buffered, every byte hashed on the way.
/// Throws std::runtime_error that names the file when the disk refuses.
class CsvFile {
public:
    /// Creates the file with `header` (comma separated names) as its first line.
    CsvFile(std::filesystem::path path, std::string_view header, std::unique_ptr<Hasher> hasher);
    CsvFile(const CsvFile&) = delete;
    CsvFile& operator=(const CsvFile&) = delete;
    ~CsvFile();

    CsvFile& field(std::string_view text);
    CsvFile& field(std::int64_t number);
    CsvFile& field(std::uint64_t number);
    template <class Tag, int Decimals>
    CsvFile& field(Fixed<Tag, Decimals> value) {
        char text[32];
        return raw({text, format_decimal(value.raw(), Decimals, 0, text)});
    }
    void end_row();

    /// Writes what is buffered and closes. Returns the hash of the whole file ("sha256:...").
    std::string close();
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }

private:
    CsvFile& raw(std::string_view text);
    void flush();

    std::filesystem::path path_;
    std::ofstream out_;
    std::unique_ptr<Hasher> hasher_;
    std::string buffer_;
    bool row_started_ = false;
    std::uint64_t rows_ = 0;
};

}  // namespace fermata
