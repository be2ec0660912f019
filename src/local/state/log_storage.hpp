#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sqlite/database.hpp"
#include "util/clock.hpp"
#include "util/result.hpp"

namespace local {

// Times are milliseconds since the epoch.
struct NewLogEvent {
  std::int64_t time = 0;
  std::string message;
};

struct LogEvent {
  std::int64_t sequence = 0;  // unique, in order of arrival
  std::int64_t time = 0;
  std::int64_t ingested = 0;
  std::string stream;
  std::string message;
};

struct LogStreamInfo {
  std::string name;
  std::int64_t created = 0;
  std::optional<std::int64_t> first;  // times of events; nothing while it is empty
  std::optional<std::int64_t> last;
  std::optional<std::int64_t> ingested;
  std::int64_t bytes = 0;
};

// A place between events, which are ordered by time and then by arrival.
struct LogPosition {
  std::int64_t time = 0;
  std::int64_t sequence = 0;
  friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};

enum class LogDirection : std::uint8_t { forward, backward };

struct LogQuery {
  std::string group;
  std::optional<std::string> stream;                           // nothing: all of the group
  std::int64_t from = 0;                                       // first time that counts
  std::int64_t to = std::numeric_limits<std::int64_t>::max();  // first time that does not
  std::optional<LogPosition>
      position;  // forward: only events behind it; backward: only events before it
  LogDirection direction = LogDirection::forward;
};

// The lines of all log streams, in a SQLite file of their own: appended often and in many small
// pieces, they survive kill -9 but are not waited for. The size of a group is bounded; its oldest
// lines go first.
class LogStorage {
 public:
  static constexpr std::int64_t kGroupBytes = std::int64_t{256} << 20U;

  struct Opened {
    std::unique_ptr<LogStorage> storage;
    std::string set_aside;  // as SqliteStore::Opened
  };

  static util::Result<Opened, std::string> open(const std::string& path,
                                                util::Clock::TimePoint now);

  // False for all that fail: disk full, I/O error.
  bool create_stream(const std::string& group, const std::string& stream, std::int64_t now);
  bool append(const std::string& group,
              const std::string& stream,
              const std::vector<NewLogEvent>& events,
              std::int64_t now);
  bool remove_stream(const std::string& group, const std::string& stream);
  bool remove_group(const std::string& group);
  // Events older than `time` go, and when more than `most_bytes` remain, the oldest of these.
  bool trim(const std::string& group, std::int64_t time, std::int64_t most_bytes = kGroupBytes);

  [[nodiscard]] bool has_stream(const std::string& group, const std::string& stream);
  std::vector<LogStreamInfo> streams(const std::string& group);  // by name
  std::int64_t bytes(const std::string& group);
  // Until `visit` returns false.
  void scan(const LogQuery& query, const std::function<bool(const LogEvent&)>& visit);

  // For fault injection in tests.
  sqlite::Database& database() { return database_; }

 private:
  struct Statements {
    sqlite::Statement append;
    sqlite::Statement count;  // a stream's totals after an append
  };

  struct StreamIds {
    std::int64_t group = 0;
    std::int64_t stream = 0;
  };

  LogStorage(sqlite::Database database, Statements statements)
      : database_(std::move(database)), statements_(std::move(statements)) {}

  static sqlite::Result<std::unique_ptr<LogStorage>> open_sound(const std::string& path);
  std::optional<StreamIds> ids_of(const std::string& group, const std::string& stream);
  std::int64_t group_id(const std::string& group);
  std::int64_t number(std::string_view sql, std::int64_t id);
  sqlite::Result<void> append_all(StreamIds ids,
                                  const std::vector<NewLogEvent>& events,
                                  std::int64_t now);
  sqlite::Result<void> delete_before(std::int64_t group, LogPosition end);
  bool run(std::string_view sql, std::int64_t id, const std::string& name);

  sqlite::Database database_;
  Statements statements_;
  std::map<std::pair<std::string, std::string>, StreamIds> known_;
};

}  // namespace local
