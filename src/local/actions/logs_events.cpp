#include <algorithm>

#include "local/actions/log_filter.hpp"
#include "local/actions/logs.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

namespace api_logs = awsapi::logs;

constexpr std::int64_t kHour = std::int64_t{60} * 60 * 1000;
constexpr std::int64_t kOldest = 14 * 24 * kHour;  // events older than this are rejected
constexpr std::int64_t kNewest = 2 * kHour;        // and those this far in the future
constexpr std::size_t kMostEventBytes = std::size_t{256} << 10U;
constexpr std::size_t kMostBatchBytes = std::size_t{1} << 20U;
constexpr std::size_t kPerEvent = 26;
constexpr std::size_t kMostAnswerBytes = std::size_t{1} << 20U;
constexpr std::int64_t kMostEvents = 10'000;
constexpr std::int64_t kTrimBatches =
    256;  // a group may grow beyond its bound by this many batches

util::unexpected<ApiError> invalid_events(std::string message) {
  return util::unexpected(ApiError{"InvalidParameterException", std::move(message), 400});
}

// CloudWatch's limits of one batch.
std::optional<std::string> problem_of_batch(const std::vector<api_logs::InputLogEvent>& events) {
  std::size_t bytes = 0;
  for (const auto& event : events) {
    const std::size_t size = event.message.size() + kPerEvent;
    if (size > kMostEventBytes) {
      return "Log event too large: " + std::to_string(size) + " bytes exceeds limit of " +
             std::to_string(kMostEventBytes);
    }
    bytes += size;
  }
  if (bytes > kMostBatchBytes) {
    return "Upload too large: " + std::to_string(bytes) + " bytes exceeds limit of " +
           std::to_string(kMostBatchBytes);
  }
  const auto by_time = [](const auto& a, const auto& b) { return a.timestamp < b.timestamp; };
  if (!std::is_sorted(events.begin(), events.end(), by_time)) {
    return "Log events in a single PutLogEvents request must be in chronological order.";
  }
  if (!events.empty() && events.back().timestamp - events.front().timestamp > 24 * kHour) {
    return "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
  }
  return std::nullopt;
}

// "f/<time>/<sequence>": where GetLogEvents goes on.
std::string event_token(char kind, LogPosition position) {
  return std::string(1, kind) + "/" + std::to_string(position.time) + "/" +
         std::to_string(position.sequence);
}

struct EventToken {
  char kind;
  LogPosition position;
};

std::optional<EventToken> parse_event_token(const std::string& text) {
  const std::vector<std::string> parts = util::split(text, '/');
  if (parts.size() != 3 || parts[0].size() != 1) {
    return std::nullopt;
  }
  const auto time = util::parse_int(parts[1]);
  const auto sequence = util::parse_int(parts[2]);
  if (!time || !sequence) {
    return std::nullopt;
  }
  return EventToken{parts[0].front(), {*time, *sequence}};
}

// CloudWatch's event ids are 56 digits.
std::string event_id(const LogEvent& event) {
  const std::string time = std::to_string(event.time);
  const std::string sequence = std::to_string(event.sequence);
  return std::string(20 - std::min<std::size_t>(20, time.size()), '0') + time +
         std::string(36 - std::min<std::size_t>(36, sequence.size()), '0') + sequence;
}

}  // namespace

Logs::Answer<api_logs::PutLogEventsResponse> Logs::put_events(
    const api_logs::PutLogEventsRequest& request) {
  if (const auto checked = check_stream(request.log_group_name, request.log_stream_name);
      !checked) {
    return util::unexpected(checked.error());
  }
  if (const auto problem = problem_of_batch(request.log_events)) {
    return invalid_events(*problem);
  }
  const std::int64_t now = now_ms();
  const std::int64_t expired = horizon(*find(request.log_group_name).value());
  const auto& events = request.log_events;
  const auto first_at = [&](std::int64_t time) {
    return std::lower_bound(
        events.begin(), events.end(), time, [](const auto& event, std::int64_t t) {
          return event.timestamp < t;
        });
  };
  const auto begin = std::max(first_at(now - kOldest), first_at(expired));
  const auto end = std::max(begin, first_at(now + kNewest + 1));
  api_logs::RejectedLogEventsInfo rejected;
  if (first_at(now - kOldest) != events.begin()) {
    rejected.too_old_log_event_end_index = first_at(now - kOldest) - events.begin();
  }
  if (first_at(expired) != events.begin()) {
    rejected.expired_log_event_end_index = first_at(expired) - events.begin();
  }
  if (end != events.end()) {
    rejected.too_new_log_event_start_index = end - events.begin();
  }
  std::vector<NewLogEvent> accepted;
  for (auto event = begin; event < end; ++event) {
    accepted.push_back({event->timestamp, event->message});
  }
  if (!storage_.append(request.log_group_name, request.log_stream_name, accepted, now)) {
    return util::unexpected(
        ApiError{"ServiceUnavailableException",
                 "The local engine could not write to its log storage. Is the disk full?",
                 500});
  }
  api_logs::PutLogEventsResponse response;
  response.next_sequence_token = std::to_string(++last_token_);
  if (last_token_ % kTrimBatches == 0) {
    storage_.trim(request.log_group_name, expired);
  }
  if (begin != events.begin() || end != events.end()) {
    response.rejected_log_events_info = rejected;
  }
  return response;
}

Logs::Answer<api_logs::FilterLogEventsResponse> Logs::filter_events(
    const api_logs::FilterLogEventsRequest& request) {
  const auto group = name_in(request.log_group_name, request.log_group_identifier);
  if (!group) {
    return util::unexpected(group.error());
  }
  if (!request.log_stream_names.empty() && request.log_stream_name_prefix) {
    return invalid_events(
        "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
  }
  for (const std::string& stream : request.log_stream_names) {
    if (const auto checked = check_stream(*group, stream); !checked) {
      return util::unexpected(checked.error());
    }
  }
  const auto filter = LogFilter::parse(request.filter_pattern.value_or(""));
  const auto token = request.next_token ? parse_event_token(*request.next_token) : std::nullopt;
  if (!filter) {
    return invalid_events(
        "Invalid filter pattern: the local engine understands terms, \"phrases\", ?any and -none.");
  }
  if (request.next_token && (!token || token->kind != 'n')) {
    return invalid_events("The specified nextToken is invalid.");
  }
  LogQuery query;
  query.group = *group;
  if (request.log_stream_names.size() == 1) {
    query.stream = request.log_stream_names.front();
  }
  query.from = std::max(request.start_time.value_or(0), horizon(groups_[*group]));
  if (request.end_time) {
    query.to = *request.end_time + 1;  // the end counts here, other than in GetLogEvents
  }
  if (token) {
    query.position = token->position;
  }
  const auto limit = static_cast<std::size_t>(request.limit.value_or(kMostEvents));
  const auto& names = request.log_stream_names;
  std::size_t bytes = 0;
  LogPosition last;
  api_logs::FilterLogEventsResponse response;
  storage_.scan(query, [&](const LogEvent& event) {
    if (response.events.size() == limit || bytes > kMostAnswerBytes) {
      response.next_token = event_token('n', last);
      return false;
    }
    last = {event.time, event.sequence};
    const bool wanted =
        (names.empty() || std::find(names.begin(), names.end(), event.stream) != names.end()) &&
        event.stream.starts_with(request.log_stream_name_prefix.value_or(""));
    if (wanted && filter->matches(event.message)) {
      bytes += event.message.size() + kPerEvent;
      response.events.push_back(
          {event.stream, event.time, event.message, event.ingested, event_id(event)});
    }
    return true;
  });
  return response;
}

Logs::Answer<api_logs::GetLogEventsResponse> Logs::get_events(
    const api_logs::GetLogEventsRequest& request) {
  const auto group = name_in(request.log_group_name, request.log_group_identifier);
  if (!group) {
    return util::unexpected(group.error());
  }
  if (const auto checked = check_stream(*group, request.log_stream_name); !checked) {
    return util::unexpected(checked.error());
  }
  const auto token = request.next_token ? parse_event_token(*request.next_token) : std::nullopt;
  if (request.next_token && (!token || (token->kind != 'f' && token->kind != 'b'))) {
    return invalid_events("The specified nextToken is invalid.");
  }
  const bool forward = token ? token->kind == 'f' : request.start_from_head.value_or(false);
  LogQuery query;
  query.group = *group;
  query.stream = request.log_stream_name;
  query.from = std::max(request.start_time.value_or(0), horizon(groups_[*group]));
  query.to = request.end_time.value_or(query.to);
  query.direction = forward ? LogDirection::forward : LogDirection::backward;
  if (token) {
    query.position = token->position;
  }
  const auto limit = static_cast<std::size_t>(request.limit.value_or(kMostEvents));
  std::vector<LogEvent> events;
  std::size_t bytes = 0;
  storage_.scan(query, [&](const LogEvent& event) {
    if (events.size() == limit || bytes > kMostAnswerBytes) {
      return false;
    }
    bytes += event.message.size() + kPerEvent;
    events.push_back(event);
    return true;
  });
  if (!forward) {
    std::reverse(events.begin(), events.end());
  }
  // At either end the token stays what it was, which is how clients know.
  const LogPosition here = token ? token->position : LogPosition{query.from, -1};
  const LogPosition first =
      events.empty() ? here : LogPosition{events.front().time, events.front().sequence};
  const LogPosition last =
      events.empty() ? here : LogPosition{events.back().time, events.back().sequence};
  api_logs::GetLogEventsResponse response;
  response.next_forward_token = event_token('f', last);
  response.next_backward_token = event_token('b', first);
  for (LogEvent& event : events) {
    response.events.push_back({event.time, std::move(event.message), event.ingested});
  }
  return response;
}

}  // namespace local
