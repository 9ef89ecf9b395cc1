// SPDX-License-Identifier: MIT
/// \file
/// Root: a directory such as /proc. It reads the small files below it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/skipped_rows.hpp>

namespace tickertape::proc {

/// A directory of the kernel's process files, opened once.
///
/// For a /proc that is mounted elsewhere (a host's in a container), `net/…` and `mounts` are read of its process 1, because the
/// links of these names lead to the reading process.
///
/// Thread safety: const members may be called from any thread.
class Root {
public:
    /// Throws std::system_error that names the directory if it cannot be opened.
    explicit Root(std::filesystem::path path);
    /// The same; rows that readers leave out are reported to `report`.
    Root(std::filesystem::path path, SkippedRows::Report report);
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;
    ~Root();

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// The rows of files below this root that readers left out.
    [[nodiscard]] SkippedRows& skipped() const noexcept { return skipped_; }

    /// Returns whether `net/…` and `mounts` are those of process 1.
    [[nodiscard]] bool is_of_another_host() const noexcept { return is_of_another_host_; }

    /// The full path of `name`, for messages. Valid until the next call on this thread.
    [[nodiscard]] std::string_view path_of(std::string_view name) const;

    /// Reads `name`, a path below the root, into `buffer`. Text that does not fit is left out, because the sizes of pseudo-files
    /// are not known before. Nothing if the file does not exist (any more). Throws std::system_error that names the
    /// file for other failures. Does not allocate unless it throws.
    [[nodiscard]] std::optional<std::string_view> read(const char* name, std::span<char> buffer) const;

    /// The same with a single call of read: all of a small file that the kernel returns at once.
    [[nodiscard]] std::optional<std::string_view> read_begin(const char* name, std::span<char> buffer) const;

    /// The same for a file that must be there: throws std::system_error that names it if it is not.
    [[nodiscard]] std::string_view need(const char* name, std::span<char> buffer) const;

    /// Reads all of `name` into `buffer`, which grows as needed. If the caller keeps it for the next call, it need
    /// not grow again. The result points into `buffer`. Nothing if the file does not exist (any more). Throws
    /// std::system_error that names the file if it cannot be read, ParseError if it is larger than `largest_file`.
    [[nodiscard]] std::optional<std::string_view> read_all(const char* name, std::string& buffer) const;

    /// The same for a file that must be there: throws std::system_error that names it if it is not.
    [[nodiscard]] std::string_view need_all(const char* name, std::string& buffer) const;

    /// Calls `f` with blocks of whole lines until the end of the file, so that a long file takes little memory. A last line
    /// without an end is passed unchanged. Returns whether the file exists. Throws as `read_all` does, also for a line of more
    /// than a mebibyte. Exceptions of `f` pass through.
    bool read_blocks(const char* name, std::string& buffer, const std::function<void(std::string_view)>& f) const;

    /// The same for files such as /proc/net/tcp: a read of less than half a page counts as the last, because another read would
    /// make the kernel go through all sockets again. Not for files with long records: the kernel returns a record that does
    /// not fit with the next read, so any read may be short.
    bool read_socket_table(const char* name, std::string& buffer, const std::function<void(std::string_view)>& f) const;

    /// The names in the directory `name`, sorted, without those that begin with a point; none if there is no such
    /// directory. Throws std::system_error.
    [[nodiscard]] std::vector<std::string> list(const char* name) const;

    /// Calls `f` with each name in the directory `name`, as it comes; not at all if there is no such directory. Does not
    /// allocate. Throws std::system_error. Exceptions of `f` pass through.
    void each_name(const char* name, const std::function<void(std::string_view)>& f) const;

    /// Returns whether `name` exists and can be opened.
    [[nodiscard]] bool has(const char* name) const noexcept;

    /// Larger files are refused: no kernel file has this size.
    static constexpr std::size_t largest_file = std::size_t{64} << 20U;

    /// Fills `pids` with the processes, in the order of the directory. Throws std::system_error.
    void list_pids(std::vector<int>& pids) const;

private:
    using ReadCall = std::optional<std::size_t>(int file, std::span<char> buffer) noexcept;
    [[nodiscard]] std::optional<std::string_view> read_with(ReadCall* call, const char* name,
                                                            std::span<char> buffer) const;
    bool read_blocks_with(ReadCall* call, const char* name, std::string& buffer,
                          const std::function<void(std::string_view)>& f) const;
    /// -1 if there is no such file.
    [[nodiscard]] int open_file(const char* name) const;
    [[nodiscard]] int open_below(const char* name, int flags) const noexcept;
    [[nodiscard]] std::string_view needed(const std::optional<std::string_view>& text, const char* name) const;
    [[noreturn]] void fail(const char* what, const char* name) const;

    std::filesystem::path path_;
    int directory_;
    bool is_of_another_host_ = false;
    mutable SkippedRows skipped_;
};

} // namespace tickertape::proc
