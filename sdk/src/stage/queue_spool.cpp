// SPDX-License-Identifier: MIT
#include "stage/queue_spool.hpp"

#include <cerrno>
#include <chrono>
#include <map>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/log.hpp"
#include "base/threads.hpp"
#include "stage/ledger.hpp"

namespace tickertape::stage {

namespace {

using namespace std::chrono_literals;
using spool::Store;
using spool::Trouble;

constexpr std::chrono::milliseconds look_each{1'000};
constexpr std::chrono::milliseconds gather{20}; // settled points for this time, so that a busy queue costs few calls
constexpr std::chrono::milliseconds ask_owner_each{20};
constexpr std::chrono::milliseconds open_again_after{1'000};
constexpr std::chrono::milliseconds open_foreign_again_after{60'000};
constexpr std::chrono::minutes patience{1}; // how long a disk may refuse to read the points of an earlier process

std::string path_of(const SpoolOptions& options) {
    if (options.target.empty()) {
        throw UsageError{"a spool has no target; its folder is named after program, instance and target"};
    }
    if (options.wait_for_owner < 0ms || options.max_age <= 0s || options.max_bytes == 0) {
        throw UsageError{"max_bytes and max_age of a spool must be positive, and wait_for_owner at least 0"};
    }
    std::string path = options.directory;
    while (path.size() > 1 && path.ends_with('/')) {
        path.pop_back();
    }
    const std::string program = options.program.empty() ? std::string{program_invocation_short_name} : options.program;
    return path.append("/").append(spool::folder_name(program, options.instance, options.target));
}

constexpr std::array<Account::Loss, spool::store_losses> loss_of{
    Account::Loss::spool_full, Account::Loss::spool_age, Account::Loss::spool_damaged, Account::Loss::spool_gone};

/// The ranges of each store, put together.
std::map<std::shared_ptr<Store>, spool::Ranges> ranges_of(const Runs& runs) {
    std::map<std::shared_ptr<Store>, spool::Ranges> all;
    for (const Run& run : runs.all()) {
        if (run.store) {
            all[run.store].add(run.range);
        }
    }
    return all;
}

} // namespace

QueueSpool::BatchReceipt::~BatchReceipt() {
    const std::lock_guard lock{shared_->mutex};
    if (!shared_->is_over && !runs_.empty()) {
        Runs& runs = is_given_back() ? shared_->given_back : shared_->settled[outages_];
        const bool was_empty = runs.empty();
        runs.append(std::move(runs_));
        if (was_empty) {
            shared_->changed.notify_one();
        }
    }
}

QueueSpool::QueueSpool(SpoolOptions options, std::shared_ptr<stage::Ledger> accounts, base::Syscalls& syscalls,
                       std::function<void()> wake)
    : options_{std::move(options)}, path_{path_of(options_)}, accounts_{std::move(accounts)}, syscalls_{syscalls},
      wake_{std::move(wake)}, closed_since_{syscalls_.now()} {
    const SteadyTime until = syscalls_.now() + options_.wait_for_owner;
    Trouble trouble = open();
    while (trouble.kind == Trouble::Kind::held && syscalls_.now() < until) {
        std::this_thread::sleep_for(ask_owner_each);
        trouble = open();
    }
    say(trouble);
    thread_ = base::make_quiet_thread("tt-spool", [this] { run(); });
}

QueueSpool::~QueueSpool() {
    {
        const std::lock_guard lock{shared_->mutex};
        shared_->is_over = true;
        shared_->ends = true;
    }
    shared_->changed.notify_one();
    thread_.join();
}

void QueueSpool::end() {
    const std::lock_guard lock{shared_->mutex};
    shared_->is_over = true;
}

Trouble QueueSpool::open() {
    Trouble trouble;
    std::shared_ptr<Store> opened = Store::open(path_,
                                                {.max_bytes = options_.max_bytes,
                                                 .max_age = options_.max_age,
                                                 .sync = options_.sync,
                                                 .min_free = options_.min_free,
                                                 .must_read_all = syscalls_.now() < closed_since_ + patience},
                                                syscalls_, trouble);
    if (!opened) {
        open_at_ =
            syscalls_.now() + (trouble.kind == Trouble::Kind::foreign ? open_foreign_again_after : open_again_after);
        return trouble;
    }
    accounts_->recover(opened->counts().recovered);
    lost_ = {};
    count_losses(*opened);
    replace(std::move(opened));
    ++times_opened_;
    return {};
}

std::shared_ptr<Store> QueueSpool::store() const {
    const std::lock_guard lock{store_mutex_};
    return store_;
}

void QueueSpool::replace(std::shared_ptr<Store> store) {
    const std::lock_guard lock{store_mutex_};
    store_.swap(store);
}

/// Reports trouble once, until points are written again.
void QueueSpool::say(const Trouble& trouble) {
    const std::lock_guard lock{store_mutex_};
    if (trouble && !std::exchange(is_in_memory_, true)) {
        // Message: spool: REASON: points are kept in memory
        // Cause: The spool's disk is full, read-only or broken, or another process uses the spool. Or the spool is at its
        //   limit, and all its files are about to be sent.
        // Remedy: Make room or correct the permissions. Points go to the spool again by themselves.
        base::report(base::concat("spool: ", trouble.sentence, ": points are kept in memory"));
    }
}

void QueueSpool::say_written() {
    const std::lock_guard lock{store_mutex_};
    if (std::exchange(is_in_memory_, false)) {
        // Message: spool: PATH can be written: points are kept there again
        // Cause: The trouble reported before is over.
        // Remedy: None needed.
        base::log(base::Level::notice, base::concat("spool: ", path_, " can be written: points are kept there again"));
    }
}

Runs QueueSpool::append(std::span<const Point> points, SteadyTime now) {
    Runs runs;
    std::size_t done = 0;
    if (const auto store = this->store()) {
        const std::lock_guard lock{append_mutex_};
        Trouble trouble;
        while (done < points.size()) {
            const spool::Encoded encoded = encoder_.encode(points.subspan(done));
            spool::Range range = store->append(encoded.record, encoded.points, trouble);
            if (range.size() == 0) {
                apply(); // perhaps there is room then
                trouble = {};
                range = store->append(encoded.record, encoded.points, trouble);
            }
            if (range.size() == 0) {
                say(trouble);
                break;
            }
            runs.push_back({.store = store, .range = range, .since = now});
            done += encoded.points;
        }
        if (done == points.size()) {
            say_written();
        }
    }
    runs.push_back({.range = {.from = 0, .to = points.size() - done}, .since = now});
    return runs;
}

bool QueueSpool::holds(const Run& run) const { return run.store && run.store == store(); }

void QueueSpool::settle(Runs runs) {
    const std::lock_guard lock{shared_->mutex};
    shared_->voided.append(std::move(runs));
    shared_->changed.notify_one();
}

void QueueSpool::leave(Runs runs) {
    const std::lock_guard lock{shared_->mutex};
    shared_->left.append(std::move(runs));
    shared_->changed.notify_one();
}

Runs QueueSpool::take(std::vector<Point>& points, std::size_t enough) {
    Runs runs;
    const auto store = this->store();
    while (store && points.size() < enough) {
        const std::optional<spool::Taken> taken = store->take();
        if (!taken) {
            break;
        }
        const std::size_t before = points.size();
        const std::uint64_t skipped = taken->range.from - taken->first;
        if (!decoder_.decode(taken->payload, points) || points.size() - before < skipped + taken->range.size()) {
            points.erase(points.begin() + static_cast<std::ptrdiff_t>(before), points.end());
            store->give_up(taken->range);
            continue;
        }
        const auto first = points.begin() + static_cast<std::ptrdiff_t>(before);
        points.erase(first, first + static_cast<std::ptrdiff_t>(skipped));
        points.erase(points.begin() + static_cast<std::ptrdiff_t>(before + taken->range.size()), points.end());
        runs.push_back({.store = store, .range = taken->range, .since = SteadyTime{}});
    }
    return runs;
}

std::shared_ptr<QueueSpool::BatchReceipt> QueueSpool::make_receipt(const Runs& batch) {
    auto receipt = std::make_shared<BatchReceipt>(shared_, accounts_->now().outages);
    if (!std::all_of(batch.all().begin(), batch.all().end(), [this](const Run& run) { return holds(run); })) {
        receipt->pin();
    }
    return receipt;
}

void QueueSpool::settle_in_store(const Runs& runs) {
    for (const auto& [store, ranges] : ranges_of(runs)) {
        for (const spool::Range& range : ranges.all()) {
            store->settle(range);
        }
    }
}

void QueueSpool::run() {
    std::unique_lock lock{shared_->mutex};
    while (!shared_->ends) {
        shared_->changed.wait_for(lock, look_each, [this] {
            return shared_->ends || !shared_->settled.empty() || !shared_->given_back.empty() || !shared_->left.empty();
        });
        shared_->changed.wait_for(lock, gather, [this] { return shared_->ends || !shared_->left.empty(); });
        lock.unlock();
        forget();
        apply();
        look_after();
        lock.lock();
    }
    lock.unlock();
    forget();
    forget_kept();
    apply();
}

void QueueSpool::apply() {
    Runs voided;
    Runs left;
    {
        const std::lock_guard lock{shared_->mutex};
        voided = std::exchange(shared_->voided, {});
        left = std::exchange(shared_->left, {});
    }
    settle_in_store(voided);
    const auto current = store();
    for (const auto& [store, ranges] : ranges_of(left)) {
        for (const spool::Range& range : ranges.all()) {
            store->leave(range);
        }
        if (store != current) { // its folder has gone meanwhile
            accounts_->drop_spooled(ranges.size(), Account::Loss::spool_gone);
        }
    }
    if (!left.empty()) {
        wake_();
    }
}

void QueueSpool::look_after() {
    const auto store = this->store();
    if (!store) {
        if (syscalls_.now() >= open_at_) {
            say(open());
            wake_();
        }
        return;
    }
    const Trouble trouble = store->tick();
    count_losses(*store);
    if (trouble.kind == Trouble::Kind::gone) {
        replace(nullptr);
        open_at_ = SteadyTime::min();
        closed_since_ = syscalls_.now();
    }
    say(trouble);
}

void QueueSpool::count_losses(const Store& store) {
    const spool::StoreCounts counts = store.counts();
    for (std::size_t i = 0; i < spool::store_losses; ++i) {
        if (const std::uint64_t more = counts.lost[i] - std::exchange(lost_[i], counts.lost[i]); more > 0) {
            accounts_->drop_spooled(more, loss_of[i]);
        }
    }
}

} // namespace tickertape::stage
