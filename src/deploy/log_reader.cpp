#include "deploy/log_reader.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "awsapi/logs.hpp"
#include "util/strings.hpp"

namespace deploy {
namespace {

// How late an event may arrive and still be shown while following.
constexpr std::int64_t kLatenessMillis = 10'000;
constexpr std::size_t kMostRemembered = 100'000;

}  // namespace

bool LogReader::is_new(const std::string& event_id) {
  if (event_id.empty()) {
    return true;
  }
  if (!seen_.insert(event_id).second) {
    return false;
  }
  seen_order_.push_back(event_id);
  if (seen_order_.size() > kMostRemembered) {
    seen_.erase(seen_order_.front());
    seen_order_.pop_front();
  }
  return true;
}

ApiResult<std::vector<LogLine>> LogReader::next() {
  awsapi::logs::FilterLogEventsRequest request;
  request.log_group_name = query_.group;
  if (!query_.stream_prefix.empty()) {
    request.log_stream_name_prefix = query_.stream_prefix;
  }
  request.start_time = query_.since_millis;
  request.end_time = query_.until_millis;
  if (newest_millis_) {
    request.start_time =
        std::max(query_.since_millis.value_or(0), *newest_millis_ - kLatenessMillis);
  }
  std::vector<LogLine> lines;
  auto read = api_.for_each_page(request, [&](const awsapi::logs::FilterLogEventsResponse& page) {
    for (const auto& event : page.events) {
      const std::vector<std::string> stream = util::split(event.log_stream_name.value_or(""), '/');
      LogLine line{event.timestamp.value_or(0),
                   stream.size() > 1 ? stream[stream.size() - 2] : std::string(),
                   stream.back(),
                   event.message.value_or("")};
      const bool wanted = query_.containers.empty() || query_.containers.contains(line.container);
      if (!wanted || !is_new(event.event_id.value_or(""))) {
        continue;
      }
      while (!line.text.empty() && (line.text.back() == '\n' || line.text.back() == '\r')) {
        line.text.pop_back();
      }
      newest_millis_ = std::max(newest_millis_.value_or(0), line.at_millis);
      lines.push_back(std::move(line));
    }
    return true;
  });
  if (!read) {
    return util::unexpected(std::move(read.error()));
  }
  std::stable_sort(lines.begin(), lines.end(), [](const LogLine& a, const LogLine& b) {
    return a.at_millis < b.at_millis;
  });
  return lines;
}

std::vector<LogLine> tail(std::vector<LogLine> lines, std::size_t count) {
  std::map<std::pair<std::string, std::string>, std::size_t> left;
  for (const LogLine& line : lines) {
    ++left[{line.container, line.task}];
  }
  std::vector<LogLine> out;
  for (LogLine& line : lines) {
    if (left[{line.container, line.task}]-- <= count) {
      out.push_back(std::move(line));
    }
  }
  return out;
}

}  // namespace deploy
