#pragma once

#include <optional>
#include <string>
#include <utility>

#include "sqlite/database.hpp"
#include "util/clock.hpp"
#include "util/result.hpp"

namespace local {

// Renames a damaged database to <path>.corrupt-<UTC time>, with its -wal. The new name; nothing
// when that failed.
std::optional<std::string> set_aside(const std::string& path, util::Clock::TimePoint now);

// `value`, and where a damaged file of that name went (empty when there was none).
template <class T>
struct OpenedDatabase {
  T value;
  std::string set_aside;
};

// Opens `path` with `open` (path -> sqlite::Result<T>). When the file turns out to be damaged it is
// set aside and a fresh one is begun. The error is ready for the user.
template <class T, class Open>
util::Result<OpenedDatabase<T>, std::string> open_or_begin_anew(const std::string& path,
                                                                util::Clock::TimePoint now,
                                                                Open open) {
  sqlite::Result<T> first = open(path);
  if (first) {
    return OpenedDatabase<T>{std::move(*first), {}};
  }
  if (!first.error().is_corruption()) {
    return util::unexpected("cannot open the engine's database " + path + ": " +
                            first.error().message);
  }
  const auto kept = set_aside(path, now);
  if (!kept) {
    return util::unexpected("the engine's database " + path + " is damaged (" +
                            first.error().message + ") and cannot be set aside");
  }
  sqlite::Result<T> fresh = open(path);
  if (!fresh) {
    return util::unexpected("cannot create the engine's database " + path + ": " +
                            fresh.error().message);
  }
  return OpenedDatabase<T>{std::move(*fresh), *kept};
}

// Opens, checks for damage and migrates.
sqlite::Result<sqlite::Database> open_checked(const std::string& path, std::string_view schema);

}  // namespace local
