#include "local/state/log_storage.hpp"

#include <algorithm>

#include "local/state/set_aside.hpp"

namespace local {

namespace {

constexpr std::string_view kLogSchema =
#include "local/state/logs.sql"
    ;

constexpr std::int64_t kEventOverhead =
    26;  // what CloudWatch counts for each event besides its bytes

std::int64_t counted_bytes(const std::vector<NewLogEvent>& events) {
  std::int64_t bytes = 0;
  for (const NewLogEvent& event : events) {
    bytes += static_cast<std::int64_t>(event.message.size()) + kEventOverhead;
  }
  return bytes;
}

std::optional<std::int64_t> optional_time(const sqlite::Statement& row, int column) {
  const std::int64_t time = row.column_int(column);
  return time < 0 ? std::nullopt : std::optional(time);
}

// The rows of a query: a range of positions of one stream or one group, in one direction.
std::string scan_sql(const LogQuery& query) {
  const bool forward = query.direction == LogDirection::forward;
  std::string sql =
      "SELECT e.sequence, e.time, e.ingested, s.name, e.message FROM events e JOIN streams s ON s.id = e.stream WHERE ";
  sql += query.stream ? "e.stream = ?1" : "e.log_group = ?1";
  sql +=
      forward
          ? " AND (e.time, e.sequence) > (?2, ?3) AND e.time < ?4 ORDER BY e.time, e.sequence"
          : " AND (e.time, e.sequence) < (?2, ?3) AND e.time >= ?4 ORDER BY e.time DESC, e.sequence DESC";
  return sql;
}

}  // namespace

sqlite::Result<std::unique_ptr<LogStorage>> LogStorage::open_sound(const std::string& path) {
  auto database = open_checked(path, kLogSchema);
  if (!database) {
    return util::unexpected(std::move(database.error()));
  }
  if (auto set = database->execute("PRAGMA synchronous=NORMAL"); !set) {
    return util::unexpected(std::move(set.error()));
  }
  auto append = database->prepare(
      "INSERT INTO events (log_group, stream, time, ingested, message) VALUES (?1, ?2, ?3, ?4, ?5)");
  auto count = database->prepare(
      "UPDATE streams SET bytes = bytes + ?2, first = min(ifnull(first, ?3), ?3), last = max(ifnull(last, ?4), ?4), "
      "ingested = ?5 WHERE id = ?1");
  for (const auto* statement : {&append, &count}) {
    if (!*statement) {
      return util::unexpected(statement->error());
    }
  }
  return std::unique_ptr<LogStorage>(
      new LogStorage(std::move(*database), {std::move(*append), std::move(*count)}));
}

util::Result<LogStorage::Opened, std::string> LogStorage::open(const std::string& path,
                                                               util::Clock::TimePoint now) {
  auto opened = open_or_begin_anew<std::unique_ptr<LogStorage>>(path, now, open_sound);
  if (!opened) {
    return util::unexpected(std::move(opened.error()));
  }
  return Opened{std::move(opened->value), std::move(opened->set_aside)};
}

bool LogStorage::run(std::string_view sql, std::int64_t id, const std::string& name) {
  auto statement = database_.prepare(sql);
  return statement && statement->bind(1, id).bind(2, name).run().has_value();
}

std::int64_t LogStorage::number(std::string_view sql, std::int64_t id) {
  auto statement = database_.prepare(sql);
  if (!statement) {
    return 0;
  }
  const auto row = statement->bind(1, id).step();
  return row && *row ? statement->column_int(0) : 0;
}

std::int64_t LogStorage::group_id(const std::string& group) {
  auto statement = database_.prepare("SELECT id FROM log_groups WHERE name = ?1");
  if (!statement) {
    return 0;
  }
  const auto row = statement->bind(1, group).step();
  return row && *row ? statement->column_int(0) : 0;
}

std::optional<LogStorage::StreamIds> LogStorage::ids_of(const std::string& group,
                                                        const std::string& stream) {
  const auto known = known_.find({group, stream});
  if (known != known_.end()) {
    return known->second;
  }
  auto statement = database_.prepare("SELECT id FROM streams WHERE log_group = ?1 AND name = ?2");
  StreamIds ids{group_id(group), 0};
  if (!statement || ids.group == 0) {
    return std::nullopt;
  }
  const auto row = statement->bind(1, ids.group).bind(2, stream).step();
  if (!row || !*row) {
    return std::nullopt;
  }
  ids.stream = statement->column_int(0);
  known_[{group, stream}] = ids;
  return ids;
}

bool LogStorage::has_stream(const std::string& group, const std::string& stream) {
  return ids_of(group, stream).has_value();
}

bool LogStorage::create_stream(const std::string& group,
                               const std::string& stream,
                               std::int64_t now) {
  auto transaction = sqlite::Transaction::begin(database_);
  auto insert_group = database_.prepare("INSERT OR IGNORE INTO log_groups (name) VALUES (?1)");
  auto insert =
      database_.prepare("INSERT INTO streams (log_group, name, created) VALUES (?1, ?2, ?3)");
  return transaction && insert_group && insert && insert_group->bind(1, group).run() &&
         insert->bind(1, group_id(group)).bind(2, stream).bind(3, now).run() &&
         transaction->commit();
}

sqlite::Result<void> LogStorage::append_all(StreamIds ids,
                                            const std::vector<NewLogEvent>& events,
                                            std::int64_t now) {
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) {
    return util::unexpected(std::move(transaction.error()));
  }
  std::int64_t first = events.front().time;
  std::int64_t last = first;
  for (const NewLogEvent& event : events) {
    first = std::min(first, event.time);
    last = std::max(last, event.time);
    statements_.append.bind(1, ids.group)
        .bind(2, ids.stream)
        .bind(3, event.time)
        .bind(4, now)
        .bind(5, event.message);
    if (auto done = statements_.append.run(); !done) {
      return done;
    }
  }
  statements_.count.bind(1, ids.stream)
      .bind(2, counted_bytes(events))
      .bind(3, first)
      .bind(4, last)
      .bind(5, now);
  return statements_.count.run().and_then([&] { return transaction->commit(); });
}

bool LogStorage::append(const std::string& group,
                        const std::string& stream,
                        const std::vector<NewLogEvent>& events,
                        std::int64_t now) {
  const auto ids = ids_of(group, stream);
  return ids && (events.empty() || append_all(*ids, events, now));
}

bool LogStorage::remove_stream(const std::string& group, const std::string& stream) {
  known_.erase({group, stream});
  const std::int64_t id = group_id(group);
  return id == 0 || run("DELETE FROM streams WHERE log_group = ?1 AND name = ?2", id, stream);
}

bool LogStorage::remove_group(const std::string& group) {
  std::erase_if(known_, [&](const auto& entry) { return entry.first.first == group; });
  const std::int64_t id = group_id(group);
  return id == 0 || run("DELETE FROM log_groups WHERE id = ?1 AND name = ?2", id, group);
}

sqlite::Result<void> LogStorage::delete_before(std::int64_t group, LogPosition end) {
  auto transaction = sqlite::Transaction::begin(database_);
  auto remove =
      database_.prepare("DELETE FROM events WHERE log_group = ?1 AND (time, sequence) < (?2, ?3)");
  auto recount = database_.prepare(
      "UPDATE streams SET (bytes, first, last) = (SELECT ifnull(sum(length(CAST(message AS BLOB)) + 26), 0), "
      "min(time), max(time) FROM events WHERE stream = streams.id) WHERE log_group = ?1");
  if (!transaction || !remove || !recount) {
    return util::unexpected(sqlite::Error{0, "cannot prepare"});
  }
  return remove->bind(1, group)
      .bind(2, end.time)
      .bind(3, end.sequence)
      .run()
      .and_then([&] { return recount->bind(1, group).run(); })
      .and_then([&] { return transaction->commit(); });
}

bool LogStorage::trim(const std::string& group, std::int64_t time, std::int64_t most_bytes) {
  const std::int64_t id = group_id(group);
  if (id == 0) {
    return true;
  }
  const std::int64_t oldest = number("SELECT min(time) FROM events WHERE log_group = ?1", id);
  if (oldest < time && oldest != 0 && !delete_before(id, {time, 0})) {
    return false;
  }
  const std::int64_t have = bytes(group);
  if (have <= most_bytes) {
    return true;
  }
  // A tenth more than needed, so that not every line that comes makes one go.
  std::int64_t excess = have - most_bytes + most_bytes / 10;
  LogPosition end;
  LogQuery query;
  query.group = group;
  scan(query, [&](const LogEvent& event) {
    excess -= static_cast<std::int64_t>(event.message.size()) + kEventOverhead;
    end = {event.time, event.sequence + 1};
    return excess > 0;
  });
  return delete_before(id, end).has_value();
}

std::vector<LogStreamInfo> LogStorage::streams(const std::string& group) {
  std::vector<LogStreamInfo> all;
  auto statement = database_.prepare(
      "SELECT name, created, ifnull(first, -1), ifnull(last, -1), ifnull(ingested, -1), bytes FROM streams "
      "WHERE log_group = ?1 ORDER BY name");
  if (!statement) {
    return all;
  }
  statement->bind(1, group_id(group));
  for (auto row = statement->step(); row && *row; row = statement->step()) {
    all.push_back({std::string(statement->column_text(0)),
                   statement->column_int(1),
                   optional_time(*statement, 2),
                   optional_time(*statement, 3),
                   optional_time(*statement, 4),
                   statement->column_int(5)});
  }
  return all;
}

std::int64_t LogStorage::bytes(const std::string& group) {
  return number("SELECT ifnull(sum(bytes), 0) FROM streams WHERE log_group = ?1", group_id(group));
}

void LogStorage::scan(const LogQuery& query, const std::function<bool(const LogEvent&)>& visit) {
  const auto ids = query.stream ? ids_of(query.group, *query.stream)
                                : std::optional(StreamIds{group_id(query.group), 0});
  auto statement = database_.prepare(scan_sql(query));
  if (!ids || !statement) {
    return;
  }
  statement->bind(1, query.stream ? ids->stream : ids->group);
  if (query.direction == LogDirection::forward) {
    const LogPosition begin{query.from, -1};
    const LogPosition from = std::max(begin, query.position.value_or(begin));
    statement->bind(2, from.time).bind(3, from.sequence).bind(4, query.to);
  } else {
    const LogPosition end{query.to, -1};
    const LogPosition to = std::min(end, query.position.value_or(end));
    statement->bind(2, to.time).bind(3, to.sequence).bind(4, query.from);
  }
  LogEvent event;
  for (auto row = statement->step(); row && *row; row = statement->step()) {
    event.sequence = statement->column_int(0);
    event.time = statement->column_int(1);
    event.ingested = statement->column_int(2);
    event.stream = statement->column_text(3);
    event.message = statement->column_text(4);
    if (!visit(event)) {
      return;
    }
  }
}

}  // namespace local
