#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/base/assert.hpp"

namespace fermata::portfolio {

/// A dense matrix in one flat array, row after row: what crosses the borders of this folder, so
/// that nobody else needs the library that computes with it. A plain value.
class Matrix {
public:
    Matrix() = default;
    /// All zero.
    Matrix(std::size_t rows, std::size_t columns)
        : rows_(rows), columns_(columns), values_(rows * columns) {}

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    [[nodiscard]] double& operator()(std::size_t row, std::size_t column) {
        FERMATA_ASSERT(row < rows_ && column < columns_);
        return values_[row * columns_ + column];
    }
    [[nodiscard]] double operator()(std::size_t row, std::size_t column) const {
        FERMATA_ASSERT(row < rows_ && column < columns_);
        return values_[row * columns_ + column];
    }
    [[nodiscard]] std::span<const double> row(std::size_t row) const {
        FERMATA_ASSERT(row < rows_);
        return {values_.data() + row * columns_, columns_};
    }
    [[nodiscard]] std::span<double> row(std::size_t row) {
        FERMATA_ASSERT(row < rows_);
        return {values_.data() + row * columns_, columns_};
    }
    [[nodiscard]] std::span<const double> values() const noexcept { return values_; }
    [[nodiscard]] std::span<double> values() noexcept { return values_; }

    friend bool operator==(const Matrix&, const Matrix&) = default;

private:
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
    std::vector<double> values_;
};

}  // namespace fermata::portfolio
