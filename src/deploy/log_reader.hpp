#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "deploy/api.hpp"

namespace deploy {

struct LogLine {
  std::int64_t at_millis = 0;
  std::string container;
  std::string task;
  std::string text;  // without the final newline
};

struct LogQuery {
  std::string group;
  std::string stream_prefix;         // "<project>/": streams are <prefix>/<container>/<task>
  std::set<std::string> containers;  // empty: all
  std::optional<std::int64_t> since_millis;
  std::optional<std::int64_t> until_millis;
};

// Reads the logs of a project, each line once, however often it is asked: CloudWatch delivers late,
// so every reading goes back a little and what was seen is remembered by event id.
class LogReader {
 public:
  LogReader(Api& api, LogQuery query) : api_(api), query_(std::move(query)) {}

  // What is new since the last call, by time. A group that does not exist is an error
  // (ResourceNotFoundException).
  ApiResult<std::vector<LogLine>> next();

 private:
  bool is_new(const std::string& event_id);

  Api& api_;
  LogQuery query_;
  std::optional<std::int64_t> newest_millis_;
  std::unordered_set<std::string> seen_;
  std::deque<std::string> seen_order_;
};

// The last `count` lines of each container of each task, in the order given.
std::vector<LogLine> tail(std::vector<LogLine> lines, std::size_t count);

}  // namespace deploy
