// SPDX-License-Identifier: MIT
#include "collector/footprint.hpp"

#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "base/unique_fd.hpp"

namespace tickertape::collector {

namespace {

bool is_traced() {
    const base::UniqueFd file{open("/proc/self/status", O_RDONLY | O_CLOEXEC)};
    std::array<char, 4096> buffer; // the field is in the first lines
    const ssize_t size = file.valid() ? read(file.get(), buffer.data(), buffer.size()) : 0;
    const std::string_view text{buffer.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
    return text.find("TracerPid:\t0\n") == std::string_view::npos;
}

/// Returns whether the loader changed the code of the object. No library of Debian needs that.
bool has_text_relocations(const dl_phdr_info& object) {
    for (const ElfW(Phdr)* part = object.dlpi_phdr; part != object.dlpi_phdr + object.dlpi_phnum; ++part) {
        if (part->p_type != PT_DYNAMIC) {
            continue;
        }
        // NOLINTNEXTLINE(*-reinterpret-cast,performance-no-int-to-ptr): that is how they are given
        for (const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + part->p_vaddr);
             entry->d_tag != DT_NULL; ++entry) {
            if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0)) {
                return true;
            }
        }
    }
    return false;
}

/// Drops pages of one object: the program, or a library.
int drop_pages_of(dl_phdr_info* object, std::size_t /*size*/, void* /*nothing*/) {
    if (has_text_relocations(*object)) {
        return 0;
    }
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    for (const ElfW(Phdr)* part = object->dlpi_phdr; part != object->dlpi_phdr + object->dlpi_phnum; ++part) {
        // Skips pages that were ever written to, such as relocations: no file has their content.
        if (part->p_type == PT_LOAD && (part->p_flags & PF_W) == 0) {
            const std::uintptr_t begin = (object->dlpi_addr + part->p_vaddr) / page * page;
            const std::uintptr_t end = object->dlpi_addr + part->p_vaddr + part->p_memsz;
            // NOLINTNEXTLINE(*-reinterpret-cast,performance-no-int-to-ptr): that is how they are given
            madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
            // For the vDSO it fails, which does no harm.
        }
    }
    return 0;
}

} // namespace

void share_one_heap() noexcept { mallopt(M_ARENA_MAX, 1); }

void drop_startup_pages() {
    if (!is_traced()) {
        dl_iterate_phdr(&drop_pages_of, nullptr);
    }
}

} // namespace tickertape::collector
