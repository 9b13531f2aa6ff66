#include "daemon/cli/journal_database.hpp"

#include <ostream>

#include "adapters/postgres/postgres_event_store.hpp"
#include "daemon/cli/database_option.hpp"
#include "daemon/database/compare.hpp"
#include "daemon/database/vocabulary.hpp"
#include "daemon/retention/journal_disk.hpp"

namespace fermata {

int print_database_comparison(const std::string& directory, const std::string& database,
                              std::ostream& out, std::ostream& err) {
    JournalDisk disk;
    FileSystem& files = disk.files();
    postgres::PostgresEventStore store(database_options(database), database_vocabulary());
    const ComparisonResult result = compare_with_database(files, directory, store);
    if (result.difference) err << store.describe() << ": " << result.difference->message << '\n';
    if (!result.problem.empty()) err << store.describe() << ": " << result.problem << '\n';
    if (!result.equal()) return 1;
    out << store.describe() << " holds the same " << result.records << " records\n";
    return 0;
}

}  // namespace fermata
