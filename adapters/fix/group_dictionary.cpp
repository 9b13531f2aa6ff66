#include "adapters/fix/group_dictionary.hpp"

#include <span>

namespace fermata::fix {
namespace {

/// FIX 4.4, volume 2 to 4: the fields of a group in their order; the first one opens an entry.
constexpr int kEntryTypes[] = {269};
constexpr int kInstruments[] = {55, 65,  48,  22,  461, 167, 762, 200, 541, 207, 107,
                                15, 231, 561, 562, 336, 625, 58,  711, 555, 965, 969};
constexpr int kSnapshotEntries[] = {269, 270, 15,  271, 272, 273, 274, 275, 336, 625, 276,
                                    277, 282, 283, 284, 286, 59,  432, 126, 110, 18,  287,
                                    37,  299, 288, 289, 346, 290, 546, 811, 58,  354, 355};
constexpr int kUpdateEntries[] = {279, 285, 269, 278, 280, 55,  65,  48,  22,  461, 167, 200,
                                  207, 107, 291, 292, 270, 15,  271, 272, 273, 274, 275, 336,
                                  625, 276, 277, 282, 283, 284, 286, 59,  432, 126, 110, 18,
                                  287, 37,  299, 288, 289, 346, 290, 546, 811, 451, 58};
constexpr int kParties[] = {448, 447, 452};
constexpr int kPartySubIds[] = {523, 803};
constexpr int kContraBrokers[] = {375, 337, 437, 438, 655};
constexpr int kMiscFees[] = {137, 138, 139, 891};
constexpr int kAffectedOrders[] = {41, 535, 536};
constexpr int kListOrders[] = {11,  526, 67,  583, 160, 229, 1,   660, 581, 589, 590, 63,
                               64,  544, 635, 21,  18,  110, 111, 100, 386, 336, 625, 81,
                               55,  65,  48,  22,  461, 167, 200, 207, 107, 54,  401, 114,
                               60,  854, 38,  152, 40,  423, 44,  99,  15,  376, 377, 23,
                               117, 59,  168, 432, 126, 427, 528, 529, 582, 121, 58};
constexpr int kListStatusOrders[] = {11, 526, 14, 39, 636, 151, 84, 6, 103, 58, 354, 355};
constexpr int kPositions[] = {703, 704, 705, 706};
constexpr int kPositionAmounts[] = {707, 708};

FIX::DataDictionary fields(std::span<const int> tags) {
    FIX::DataDictionary dictionary;
    for (const int tag : tags) dictionary.addField(tag);
    return dictionary;
}

void add(FIX::DataDictionary& dictionary, const char* type, int count_tag,
         std::span<const int> tags) {
    dictionary.addMsgType(type);
    dictionary.addGroup(type, count_tag, tags.front(), fields(tags));
}

void add_parties(FIX::DataDictionary& dictionary, const char* type) {
    FIX::DataDictionary parties = fields(kParties);
    parties.addField(FIX::FIELD::NoPartySubIDs);
    parties.addGroup(type, FIX::FIELD::NoPartySubIDs, kPartySubIds[0], fields(kPartySubIds));
    dictionary.addMsgType(type);
    dictionary.addGroup(type, FIX::FIELD::NoPartyIDs, kParties[0], parties);
}

}  // namespace

std::unique_ptr<FIX::DataDictionary> make_group_dictionary() {
    auto dictionary = std::make_unique<FIX::DataDictionary>();
    FIX::DataDictionary& d = *dictionary;
    add(d, "V", FIX::FIELD::NoMDEntryTypes, kEntryTypes);
    add(d, "V", FIX::FIELD::NoRelatedSym, kInstruments);
    add(d, "W", FIX::FIELD::NoMDEntries, kSnapshotEntries);
    add(d, "X", FIX::FIELD::NoMDEntries, kUpdateEntries);
    add(d, "y", FIX::FIELD::NoRelatedSym, kInstruments);
    add(d, "E", FIX::FIELD::NoOrders, kListOrders);
    add(d, "N", FIX::FIELD::NoOrders, kListStatusOrders);
    add(d, "r", FIX::FIELD::NoAffectedOrders, kAffectedOrders);
    add(d, "8", FIX::FIELD::NoContraBrokers, kContraBrokers);
    add(d, "8", FIX::FIELD::NoMiscFees, kMiscFees);
    for (const char* type : {"D", "G", "F", "8", "AE", "AN", "AP"}) add_parties(d, type);
    add(d, "AP", FIX::FIELD::NoPositions, kPositions);
    add(d, "AP", FIX::FIELD::NoPosAmt, kPositionAmounts);
    return dictionary;
}

void read_groups(FIX::Session& session) {
    FIX::DataDictionaryProvider provider;
    provider.addTransportDataDictionary(
        session.getSessionID().getBeginString(),
        std::shared_ptr<FIX::DataDictionary>(make_group_dictionary()));
    session.setDataDictionaryProvider(provider);
}

}  // namespace fermata::fix
