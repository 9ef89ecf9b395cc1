// SPDX-License-Identifier: MIT
/// \file
/// sort_words: targets and files of a command line.
#pragma once

#include <string>
#include <vector>

#include <tickertape/target.hpp>

namespace tickertape::cli::push {

/// The words up to the first one that is no target are targets, such as `host:4242` or with a scheme. The others are
/// files; without files it is `-`. Throws UsageError for a file before the targets, and for a target after a file.
void sort_words(const std::vector<std::string>& words, std::vector<Target>& targets, std::vector<std::string>& files);

} // namespace tickertape::cli::push
