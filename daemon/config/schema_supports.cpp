// What a venue knows of orders: `venues[].supports`.

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// Names of the values `first` to `count` - 1 of an enumeration, as they are written here.
template <class E>
std::vector<std::string> names_of(int first, int count) {
    std::vector<std::string> names;
    for (int n = first; n < count; ++n) names.push_back(lower(name(static_cast<E>(n))));
    return names;
}
template <class E>
std::uint32_t bits_of(const std::vector<std::string>& names, int count) {
    std::uint32_t bits = 0;
    for (int n = 0; n < count; ++n) {
        const std::string known = lower(name(static_cast<E>(n)));
        if (std::find(names.begin(), names.end(), known) != names.end()) {
            bits |= 1U << n;
        }
    }
    return bits;
}

constexpr std::string_view kIceberg = "iceberg", kPostOnly = "post_only",
                           kReduceOnly = "reduce_only", kLinks = "links";

bool among(const std::vector<std::string>& names, std::string_view text) {
    return std::find(names.begin(), names.end(), text) != names.end();
}
std::string one_of(const std::vector<std::string>& names) {
    std::string out = "one of ";
    for (std::size_t n = 0; n < names.size(); ++n) out += (n == 0 ? "" : ", ") + names[n];
    return out;
}

}  // namespace

const std::vector<std::string>& all_order_types() {
    static const auto names = names_of<OrderType>(0, kOrderTypeCount);
    return names;
}
const std::vector<std::string>& all_times_in_force() {
    static const auto names = names_of<TimeInForce>(0, kTimeInForceCount);
    return names;
}
const std::vector<std::string>& all_offset_kinds() {
    static const auto names = names_of<OffsetKind>(1, kOffsetKindCount);
    return names;
}
const std::vector<std::string>& all_venue_features() {
    static const std::vector<std::string> names{std::string(kIceberg), std::string(kPostOnly),
                                                std::string(kReduceOnly), std::string(kLinks)};
    return names;
}

VenueCapabilities support_of(const SupportSettings& s) {
    VenueCapabilities out;
    out.types = bits_of<OrderType>(s.types, kOrderTypeCount);
    out.tifs = bits_of<TimeInForce>(s.times_in_force, kTimeInForceCount);
    // Bit 0 stands for orders that have no offset.
    out.offsets = bits_of<OffsetKind>(s.offsets, kOffsetKindCount) | 1U;
    if (!among(s.features, kIceberg)) out.drop(kVenueIceberg);
    if (!among(s.features, kPostOnly)) out.drop(kVenuePostOnly);
    if (!among(s.features, kReduceOnly)) out.drop(kVenueReduceOnly);
    if (!among(s.features, kLinks)) out.drop(kVenueLinks);
    return out;
}

Section<SupportSettings> supports_section() {
    using S = SupportSettings;
    Section<S> s("supports",
                 "What the venue knows of orders. What it lacks is held and watched by the order "
                 "manager, or refused where that cannot be. A session of role orders takes away "
                 "what it cannot say, in every mode.");
    s.values("types", &S::types, "Order types.",
             {.valid = [](const std::string& v) { return among(all_order_types(), v); },
              .expected = one_of(all_order_types()),
              .may_be_empty = false});
    s.values("times_in_force", &S::times_in_force, "Times in force.",
             {.valid = [](const std::string& v) { return among(all_times_in_force(), v); },
              .expected = one_of(all_times_in_force()),
              .may_be_empty = false});
    s.values("offsets", &S::offsets, "What trailing and pegged orders may be measured in.",
             {.valid = [](const std::string& v) { return among(all_offset_kinds(), v); },
              .expected = one_of(all_offset_kinds())});
    s.values("features", &S::features,
             "Shown quantities (iceberg), the flags post_only and reduce_only, and linked orders.",
             {.valid = [](const std::string& v) { return among(all_venue_features(), v); },
              .expected = one_of(all_venue_features())});
    return s;
}

}  // namespace fermata::config
