// SPDX-License-Identifier: MIT
#include "push/version_answer.hpp"

#include <boost/json.hpp>

namespace tickertape::push {

namespace json = boost::json;

bool is_version_of_opentsdb(const HttpAnswer& answer) {
    constexpr unsigned ok = 200;
    if (answer.status != ok || answer.is_cut) {
        return false;
    }
    boost::system::error_code error;
    const json::value body = json::parse(answer.body, error);
    const json::object* const object = error ? nullptr : body.if_object();
    if (object == nullptr) {
        return false;
    }
    // Other servers report a version, too; only OpenTSDB also has these two fields.
    const json::value* const version = object->if_contains("version");
    return version != nullptr && version->is_string() && object->contains("short_revision") &&
           object->contains("repo_status");
}

} // namespace tickertape::push
