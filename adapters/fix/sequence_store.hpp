#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/sequence_file.hpp"

namespace fermata::fix {

/// The numbers of a session go on, and the file that has them is not there. The message names the
/// file and says what to do.
class SequenceMissing : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Gives QuickFIX its numbers from a SequenceFile a session. Messages are not kept: whoever asks
/// for one again gets a gap, and the journal has them.
///
/// Moving over: where there is no such file yet but those of QuickFIX's FileStore, their numbers
/// and begin are taken, once, and the files are removed.
class SequenceStores final : public FIX::MessageStoreFactory {
public:
    /// Opens the file `SESSION.sequence` in `folder`, before QuickFIX makes the session: from
    /// within the library nothing but its own exceptions may come.
    /// `on_record`: the count that goes on, as messages on record show it.
    /// Throws std::runtime_error: see SequenceFile; or the old files cannot be read. Throws
    /// SequenceMissing where a count is on record and no file has its numbers.
    void open(const FIX::SessionID& id, const std::string& folder, const SequenceRun& run = {},
              const std::optional<SequenceRecord::Count>& on_record = std::nullopt);
    /// Of a session whose file is open.
    [[nodiscard]] const SequenceFile& file(const FIX::SessionID& id) const {
        return *files_.at(id);
    }

    FIX::MessageStore* create(const FIX::SessionID& id) override;
    void destroy(FIX::MessageStore* store) override;

private:
    std::map<FIX::SessionID, std::unique_ptr<SequenceFile>> files_;
};

}  // namespace fermata::fix
