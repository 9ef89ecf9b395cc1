// SPDX-License-Identifier: MIT
#include <tickertape/testkit/fixture_root.hpp>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>

#include <tickertape/name.hpp>

namespace tickertape::testkit {

namespace {

namespace fs = std::filesystem;

fs::path new_directory() {
    std::string name = fs::temp_directory_path() / "tickertape.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
        throw fs::filesystem_error{"no fixture root can be made", name, {errno, std::generic_category()}};
    }
    return name;
}

fs::path inside(const fs::path& root, std::string_view file) {
    const fs::path relative = fs::path{file}.lexically_normal();
    if (relative.empty() || relative.is_absolute() || relative == "." || *relative.begin() == "..") {
        std::string sentence = "a fixture's path is relative and stays below its root; '";
        sentence.append(file).append("' does not");
        throw UsageError{sentence};
    }
    return root / relative;
}

} // namespace

FixtureRoot::FixtureRoot(std::initializer_list<std::pair<std::string_view, std::string_view>> files)
    : path_{new_directory()} {
    try {
        for (const auto& [file, text] : files) {
            write(file, text);
        }
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
        throw;
    }
}

FixtureRoot::~FixtureRoot() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void FixtureRoot::write(std::string_view file, std::string_view text) {
    const fs::path path = inside(path_, file);
    fs::create_directories(path.parent_path());
    std::ofstream output{path, std::ios::binary};
    output << text;
    output.close();
    if (!output) {
        throw fs::filesystem_error{"a fixture cannot be written", path, std::make_error_code(std::errc::io_error)};
    }
}

void FixtureRoot::remove(std::string_view file) { fs::remove_all(inside(path_, file)); }

} // namespace tickertape::testkit
