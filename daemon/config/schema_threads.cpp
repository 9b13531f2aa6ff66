#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

constexpr std::array kLoops{"feed", "venues", "trading", "shards", "portfolio", "journal"};
constexpr std::array kHelpers{"control", "database", "sessions"};

bool is_shard(const std::string& name) {
    constexpr std::string_view kPrefix = "shard ";
    return name.size() > kPrefix.size() && name.compare(0, kPrefix.size(), kPrefix) == 0 &&
           std::all_of(name.begin() + kPrefix.size(), name.end(),
                       [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
}

template <std::size_t N>
void check_names(Reader& reader, const Node& node, const char* key,
                 const std::array<const char*, N>& known, bool shards) {
    const Node* map = node.find(key);
    if (map == nullptr) return;
    const Reader::Step below(reader, key);
    const std::vector<std::string> names(known.begin(), known.end());
    for (const Entry& entry : map->entries) {
        if (shards && is_shard(entry.key)) continue;
        if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
        std::string expected;
        for (const std::string& name : names) expected += (expected.empty() ? "" : ", ") + name;
        reader.problem_at(entry.key, entry.place,
                          "no thread has this name; expected one of " + expected +
                              (shards ? ", 'shard N'" : "") + did_you_mean(entry.key, names));
    }
}

void check_threads(Reader& reader, const Node& node, ThreadsConfig&) {
    check_names(reader, node, "loops", kLoops, true);
    check_names(reader, node, "helpers", kHelpers, false);
}

Section<HelperThread> helper_section() {
    Section<HelperThread> s("helper",
                            "Threads that are no loops of the pipeline, by name: `control` (the "
                            "control socket's), `database` (the loader's), `sessions` (of FIX).");
    s.values("cores", &HelperThread::cores,
             "Cores on which they may run. Empty: those of the process.", {.maximum = 1023});
    return s;
}

Section<LoopThread> loop_section() {
    Section<LoopThread> s(
        "loop",
        "One loop's thread, by name: `feed`, `venues`, `trading`, `shards` (each of them) "
        "or `shard N` (that one), `portfolio`, `journal`.");
    s.values("cores", &LoopThread::cores,
             "Cores on which it may run, counted from 0. Empty: those of the process.",
             {.maximum = 1023});
    s.choice("scheduler", &LoopThread::scheduler, "How the system schedules it.",
             {{"other", Scheduler::kOther, "As any thread."},
              {"fifo", Scheduler::kFifo,
               "SCHED_FIFO: it runs before every thread that is not, until it waits. Give it a "
               "core of its own."}});
    s.key("priority", &LoopThread::priority, "Of `scheduler: fifo`.",
          {.minimum = 1, .maximum = 99});
    s.choice("idle", &LoopThread::idle,
             "What it does when it finds nothing to do. The feed's loop waits for its next event "
             "by itself, whatever stands here.",
             {{"spin", IdleStrategy::kSpin,
               "Looks again and again: fastest, and its core is always busy. Only on a core that "
               "nobody else needs."},
              {"yield", IdleStrategy::kYield,
               "Looks `spins` times, then lets others run between two looks."},
              {"sleep", IdleStrategy::kSleep,
               "Looks `spins` times, yields `yields` times, then naps between two looks."}});
    s.key("spins", &LoopThread::spins, "Looks before it yields.", {.maximum = 1'000'000'000});
    s.key("yields", &LoopThread::yields, "Yields before it naps.", {.maximum = 1'000'000'000});
    s.key("nap", &LoopThread::nap, "How long it naps.",
          {.minimum = Duration::microseconds(1), .maximum = Duration::milliseconds(100)});
    return s;
}

}  // namespace

Section<ThreadsConfig> threads_section() {
    Section<ThreadsConfig> s(
        "threads",
        "Where the loops of a run on threads of its own run (`engine.schedule: concurrent`, every "
        "mode but replay), and how they wait; see docs/tuning.md. What the host does not allow is "
        "told in one warning, and the run goes on without it.");
    s.key("memory_lock", &ThreadsConfig::memory_lock,
          "Keeps all memory of the process, now and later, in RAM (mlockall), so that no page "
          "fault waits for a disk.");
    s.choice("huge_pages", &ThreadsConfig::huge_pages,
             "Whether large tables and lanes ask for pages of 2 MiB.",
             {{"none", HugePages::kNone, "As the system has it."},
              {"advise", HugePages::kAdvise, "They ask (madvise) when everything is built."}});
    s.map("loops", &ThreadsConfig::loops, loop_section());
    s.map("helpers", &ThreadsConfig::helpers, helper_section());
    s.check(check_threads);
    return s;
}

}  // namespace fermata::config
