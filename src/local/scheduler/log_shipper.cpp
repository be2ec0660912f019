#include "local/scheduler/log_shipper.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include "awsapi/logs.hpp"
#include "util/strings.hpp"

namespace local::ecs {
namespace {

constexpr std::size_t kMaxWaiting = 20'000;      // lines; a faster writer waits for us
constexpr std::size_t kMaxBatchEvents = 10'000;  // of PutLogEvents
constexpr std::size_t kMaxBatchBytes = 900'000;
constexpr std::size_t kEventOverhead = 26;  // bytes that PutLogEvents counts per event
constexpr std::int64_t kNanos = 1'000'000'000;

std::string since_after(std::int64_t cursor) {
  if (cursor == 0) {
    return {};
  }
  const std::string fraction = std::to_string((cursor + 1) % kNanos);
  return std::to_string((cursor + 1) / kNanos) + "." + std::string(9 - fraction.size(), '0') +
         fraction;
}

std::string without_newline(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
  return text.empty() ? " " : text;  // CloudWatch takes no empty message
}

}  // namespace

std::int64_t parse_docker_time(std::string_view text) {
  using namespace std::chrono;
  if (text.size() < 20) {
    return 0;
  }
  const auto number = [&](std::size_t at, std::size_t length) {
    return util::parse_int(text.substr(at, length)).value_or(0);
  };
  const year_month_day day{year{static_cast<int>(number(0, 4))},
                           month{static_cast<unsigned>(number(5, 2))},
                           std::chrono::day{static_cast<unsigned>(number(8, 2))}};
  if (!day.ok()) {
    return 0;
  }
  const std::int64_t seconds = sys_days{day}.time_since_epoch().count() * std::int64_t{86'400} +
                               number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
  std::int64_t nanos = 0;
  if (text[19] == '.') {
    std::size_t digits = 0;
    for (std::size_t i = 20; i < text.size() && util::is_digit(text[i]) && digits < 9;
         ++i, ++digits) {
      nanos = nanos * 10 + (text[i] - '0');
    }
    for (; digits < 9; ++digits) {
      nanos *= 10;
    }
  }
  return seconds * kNanos + nanos;
}

LogShipper::~LogShipper() {
  for (auto& [container, follow] : follows_) {
    const std::lock_guard lock(follow.inbox->mutex);
    follow.inbox->closed = true;
  }
}

void LogShipper::follow(const std::string& container, bool terminal, LogDestination destination) {
  if (shipped_.contains(container) || follows_.contains(container)) {
    return;
  }
  auto inbox = std::make_shared<Inbox>();
  follows_[container] = Follow{std::move(destination), inbox, nullptr};
  docker::LogRequest request;
  request.container = container;
  request.terminal = terminal;
  const auto cursor = state_.log_cursors.find(container);
  request.since = since_after(cursor == state_.log_cursors.end() ? 0 : cursor->second);
  auto on_line = [this, container, inbox](docker::LogChunk chunk) {
    bool announce = false;
    while (true) {
      {
        const std::lock_guard lock(inbox->mutex);
        if (inbox->closed) {
          return;
        }
        if (inbox->lines.size() < kMaxWaiting) {
          inbox->lines.push_back(std::move(chunk));
          announce = !std::exchange(inbox->announced, true);
          break;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    if (announce) {
      post_([this, container, inbox] { drain(container, inbox); });
    }
  };
  auto on_end = [this, container, inbox](const docker::Error* error) {
    const bool complete = error == nullptr || error->kind == docker::ErrorKind::not_found;
    post_([this, container, inbox, complete] { ended(container, inbox, complete); });
  };
  auto stream = docker_.follow_logs(request, std::move(on_line), std::move(on_end));
  const auto at = follows_.find(container);
  if (at != follows_.end() && at->second.inbox == inbox) {
    at->second.stream = std::move(stream);
  }
}

void LogShipper::drain(const std::string& container, const std::shared_ptr<Inbox>& inbox) {
  std::vector<docker::LogChunk> lines;
  {
    const std::lock_guard lock(inbox->mutex);
    lines.swap(inbox->lines);
    inbox->announced = false;
  }
  const auto at = follows_.find(container);
  if (at != follows_.end() && at->second.inbox == inbox && !lines.empty()) {
    deliver(container, at->second.destination, lines);
  }
}

void LogShipper::deliver(const std::string& container,
                         const LogDestination& to,
                         const std::vector<docker::LogChunk>& lines) {
  const auto known = state_.log_cursors.find(container);
  std::int64_t cursor = known == state_.log_cursors.end() ? 0 : known->second;
  awsapi::logs::PutLogEventsRequest request;
  request.log_group_name = to.group;
  request.log_stream_name = to.stream;
  std::size_t bytes = 0;
  const auto flush = [&] {
    if (!request.log_events.empty()) {
      if (const auto put = actions_.call(request); !put) {
        state_.context().log("logs of " + to.stream + ": " + put.error().code + ": " +
                             put.error().message);
      }
      request.log_events.clear();
      bytes = 0;
    }
  };
  for (const docker::LogChunk& line : lines) {
    const std::int64_t nanos = parse_docker_time(line.timestamp);
    if (nanos != 0 && nanos <= cursor) {
      continue;
    }
    awsapi::logs::InputLogEvent event;
    event.timestamp = nanos == 0 ? millis(state_.context().now()) : nanos / 1'000'000;
    event.message = without_newline(line.text);
    bytes += event.message.size() + kEventOverhead;
    request.log_events.push_back(std::move(event));
    cursor = std::max(cursor, nanos);
    if (request.log_events.size() == kMaxBatchEvents || bytes > kMaxBatchBytes) {
      flush();
    }
  }
  flush();
  state_.save_log_cursor(container, cursor);
}

void LogShipper::ended(const std::string& container,
                       const std::shared_ptr<Inbox>& inbox,
                       bool to_its_end) {
  const auto at = follows_.find(container);
  if (at == follows_.end() || at->second.inbox != inbox) {
    return;
  }
  drain(container, inbox);
  follows_.erase(container);
  if (to_its_end) {
    shipped_.insert(container);
    done_(container);
  }
}

void LogShipper::forget(const std::string& container) {
  const auto at = follows_.find(container);
  if (at != follows_.end()) {
    {
      const std::lock_guard lock(at->second.inbox->mutex);
      at->second.inbox->closed = true;
    }
    follows_.erase(at);
  }
  shipped_.erase(container);
  state_.forget_log_cursor(container);
}

}  // namespace local::ecs
