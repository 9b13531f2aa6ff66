#pragma once

#include <map>
#include <memory>
#include <string>

#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/sequence_file.hpp"

namespace fermata::fix {

/// Gives QuickFIX its numbers from a SequenceFile a session. Messages are not kept: whoever asks
/// for one again gets a gap, and the journal has them.
///
/// Moving over: where there is no such file yet but those of QuickFIX's FileStore, their numbers
/// and begin are taken, once, and the files are removed.
class SequenceStores final : public FIX::MessageStoreFactory {
public:
    /// Opens the file `SESSION.sequence` in `folder`, before QuickFIX makes the session: from
    /// within the library nothing but its own exceptions may come.
    /// Throws std::runtime_error: see SequenceFile; or the old files cannot be read.
    void open(const FIX::SessionID& id, const std::string& folder, const SequenceRun& run = {});
    /// SequenceFile::first_of_run() of a session whose file is open.
    [[nodiscard]] std::uint32_t first_of_run(const FIX::SessionID& id) const {
        return files_.at(id)->first_of_run();
    }

    FIX::MessageStore* create(const FIX::SessionID& id) override;
    void destroy(FIX::MessageStore* store) override;

private:
    std::map<FIX::SessionID, std::unique_ptr<SequenceFile>> files_;
};

}  // namespace fermata::fix
