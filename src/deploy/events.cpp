#include "deploy/events.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/cloudformation.hpp"
#include "util/strings.hpp"

namespace deploy {
namespace {

StackEvent to_event(const awsapi::cloudformation::StackEvent& event) {
  StackEvent out;
  out.id = event.event_id;
  out.logical_id = event.logical_resource_id.value_or("");
  out.physical_id = event.physical_resource_id.value_or("");
  out.type = event.resource_type.value_or("");
  out.status = event.resource_status.value_or("");
  out.reason = event.resource_status_reason.value_or("");
  out.at_millis = event.timestamp.millis;
  out.is_stack = out.physical_id == event.stack_id;
  return out;
}

bool begins_operation(const StackEvent& event) {
  return event.is_stack &&
         (event.status == "REVIEW_IN_PROGRESS" || event.status == "CREATE_IN_PROGRESS" ||
          event.status == "UPDATE_IN_PROGRESS" || event.status == "DELETE_IN_PROGRESS");
}

}  // namespace

bool StackEvent::is_cancelled() const {
  const std::string lower = util::to_lower(reason);
  return lower.find("cancelled") != std::string::npos ||
         lower.find("canceled") != std::string::npos;
}

template <class Until>
ApiResult<std::vector<StackEvent>> EventReader::newest_until(Until until) {
  awsapi::cloudformation::DescribeStackEventsRequest request;
  request.stack_name = stack_id_;
  std::vector<StackEvent> events;
  auto read = api_.for_each_page(request, [&](const auto& page) {
    for (const auto& event : page.stack_events) {
      events.push_back(to_event(event));
      if (until(events.back())) {
        return false;
      }
    }
    return true;
  });
  if (!read) {
    return util::unexpected(std::move(read.error()));
  }
  return events;
}

ApiResult<void> EventReader::skip_existing() {
  auto newest = newest_until([](const StackEvent&) { return true; });
  if (!newest) {
    return util::unexpected(std::move(newest.error()));
  }
  last_id_ = newest->empty() ? std::string() : newest->front().id;
  return {};
}

ApiResult<void> EventReader::rewind_to_operation() {
  // One event beyond the beginning, to know where to start.
  bool found = false;
  auto events = newest_until(
      [&](const StackEvent& event) { return std::exchange(found, begins_operation(event)); });
  if (!events) {
    return util::unexpected(std::move(events.error()));
  }
  const bool whole_history = events->empty() || begins_operation(events->back());
  last_id_ = whole_history ? std::string() : events->back().id;
  return {};
}

ApiResult<std::vector<StackEvent>> EventReader::next() {
  auto events = newest_until([this](const StackEvent& event) { return event.id == last_id_; });
  if (!events) {
    return events;
  }
  if (!events->empty() && events->back().id == last_id_) {
    events->pop_back();
  }
  if (!events->empty()) {
    last_id_ = events->front().id;
  }
  std::reverse(events->begin(), events->end());
  return events;
}

const StackEvent* root_cause(const std::vector<StackEvent>& events) {
  for (const StackEvent& event : events) {
    if (event.has_failed() && !event.is_stack && !event.is_cancelled()) {
      return &event;
    }
  }
  for (const StackEvent& event : events) {
    if (event.has_failed() || (event.is_stack && event.status.ends_with("ROLLBACK_IN_PROGRESS"))) {
      return &event;
    }
  }
  return nullptr;
}

std::string plain_reason(std::string_view reason) {
  constexpr std::string_view kStart = "Resource handler returned message: \"";
  if (!reason.starts_with(kStart)) {
    return std::string(reason);
  }
  const std::string_view rest = reason.substr(kStart.size());
  const std::size_t end = rest.rfind("\" (RequestToken:");
  return std::string(rest.substr(0, end));
}

}  // namespace deploy
