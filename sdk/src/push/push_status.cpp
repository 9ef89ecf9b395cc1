// SPDX-License-Identifier: MIT
#include <tickertape/push_status.hpp>

namespace tickertape {

std::string_view describe(PushStatus::Confirmation confirmation) noexcept {
    switch (confirmation) {
    case PushStatus::Confirmation::unknown: return "unknown";
    case PushStatus::Confirmation::stored: return "stored";
    case PushStatus::Confirmation::parsed: return "parsed";
    case PushStatus::Confirmation::unconfirmed: return "unconfirmed";
    }
    return "unknown";
}

} // namespace tickertape
