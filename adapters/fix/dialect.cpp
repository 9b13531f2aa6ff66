#include "adapters/fix/dialect.hpp"

#include <algorithm>

namespace fermata::fix {

Names::Names(const std::vector<std::string>& names) {
    for (std::size_t n = 0; n < names.size(); ++n) {
        if (!names[n].empty()) entries_.push_back({names[n], static_cast<std::uint32_t>(n)});
    }
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.name < b.name; });
}

std::uint32_t Names::find(std::string_view name) const noexcept {
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), name,
                         [](const Entry& e, std::string_view wanted) { return e.name < wanted; });
    return at != entries_.end() && at->name == name ? at->id : kNone;
}

}  // namespace fermata::fix
