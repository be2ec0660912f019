#include "local/state/set_aside.hpp"

#include <cstdio>
#include <ctime>

namespace local {

namespace {

std::string file_stamp(util::Clock::TimePoint now) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts));
  return text;
}

}  // namespace

std::optional<std::string> set_aside(const std::string& path, util::Clock::TimePoint now) {
  const std::string to = path + ".corrupt-" + file_stamp(now);
  if (std::rename(path.c_str(), to.c_str()) != 0) {
    return std::nullopt;
  }
  // The -wal belongs to it; -shm is only an index of that and is made anew.
  static_cast<void>(std::rename((path + "-wal").c_str(), (to + "-wal").c_str()));
  static_cast<void>(std::remove((path + "-shm").c_str()));
  return to;
}

sqlite::Result<sqlite::Database> open_checked(const std::string& path, std::string_view schema) {
  auto database = sqlite::Database::open(path);
  if (!database) {
    return database;
  }
  const auto complaint = database->quick_check();
  if (!complaint) {
    return util::unexpected(complaint.error());
  }
  if (!complaint->empty()) {
    constexpr int kCorrupt = 11;  // SQLITE_CORRUPT
    return util::unexpected(sqlite::Error{kCorrupt, *complaint});
  }
  if (auto migrated = database->migrate({schema}); !migrated) {
    return util::unexpected(std::move(migrated.error()));
  }
  return database;
}

}  // namespace local
