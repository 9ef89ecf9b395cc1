// SPDX-License-Identifier: MIT
#include <tickertape/push_status.hpp>

namespace tickertape {

std::string_view describe(Confirmation confirmation) noexcept {
    switch (confirmation) {
    case Confirmation::unknown: return "unknown";
    case Confirmation::stored: return "stored";
    case Confirmation::parsed: return "parsed";
    case Confirmation::unconfirmed: return "unconfirmed";
    }
    return "unknown";
}

} // namespace tickertape
