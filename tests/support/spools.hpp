// SPDX-License-Identifier: MIT
/// \file
/// For tests of the spool: payloads that are numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <spool/store.hpp>

namespace test {

using Ids = std::vector<std::uint64_t>;

inline const std::string spool_path{"/spool"};

/// A record of points that consist only of these numbers.
inline std::string record_of(const Ids& ids) {
    std::string record(tickertape::spool::record_header_size + ids.size() * 8, '\0');
    for (std::size_t i = 0; i < ids.size(); ++i) {
        tickertape::spool::put_u64(record.data() + tickertape::spool::record_header_size + i * 8, ids[i]);
    }
    return record;
}

inline tickertape::spool::Range append(tickertape::spool::Store& store, const Ids& ids) {
    std::string record = record_of(ids);
    tickertape::spool::Trouble trouble;
    return store.append(record, static_cast<std::uint32_t>(ids.size()), trouble);
}

inline Ids ids_of(const tickertape::spool::Taken& taken) {
    Ids ids;
    for (std::uint64_t number = taken.range.from; number < taken.range.to; ++number) {
        ids.push_back(tickertape::spool::get_u64(taken.payload.data() + (number - taken.first) * 8));
    }
    return ids;
}

/// Takes and settles all waiting points.
inline Ids drain(tickertape::spool::Store& store) {
    Ids ids;
    while (const auto taken = store.take()) {
        const Ids some = ids_of(*taken);
        ids.insert(ids.end(), some.begin(), some.end());
        store.settle(taken->range);
    }
    return ids;
}

inline std::unique_ptr<tickertape::spool::Store> open_store(tickertape::base::Syscalls& disk,
                                                            const tickertape::spool::StoreOptions& options = {}) {
    tickertape::spool::Trouble trouble;
    return tickertape::spool::Store::open(spool_path, options, disk, trouble);
}

} // namespace test
