#pragma once

#include <string>

#include "adapters/fix/quickfix.hpp"

namespace fermata::fix {

/// Files of sequence numbers and of the messages that are worth sending again: answers to orders,
/// and nothing of the session or of the market. What is not kept is sent again as a gap.
///
/// Every write is handed to the system before it returns: it survives the process, not the power.
class ReportStoreFactory final : public FIX::MessageStoreFactory {
public:
    explicit ReportStoreFactory(const std::string& folder) : files_(folder) {}
    FIX::MessageStore* create(const FIX::SessionID& id) override;
    void destroy(FIX::MessageStore* store) override;

private:
    FIX::FileStoreFactory files_;
};

}  // namespace fermata::fix
