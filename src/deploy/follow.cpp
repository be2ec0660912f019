#include "deploy/follow.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "deploy/evidence.hpp"

namespace deploy {
namespace {

// Consecutive polls that may go unanswered before following is given up.
constexpr int kMostMisses = 10;

bool is_final(const StackEvent& event) {
  return event.is_stack && !event.status.ends_with("_IN_PROGRESS");
}

// Watches the ECS services that are being made for tasks that stop: what they said must be read
// while they are there, because a rollback removes their logs.
class ServiceWatch {
 public:
  explicit ServiceWatch(World& world) : world_(world) {}

  void take(const StackEvent& event) {
    if (event.type != "AWS::ECS::Service" || event.physical_id.empty()) {
      return;
    }
    const auto [at, is_new] = services_.try_emplace(event.logical_id);
    Watched& service = at->second;
    if (is_new) {
      service.since_millis = event.at_millis;
    }
    service.arn = event.physical_id;
    service.in_progress =
        event.status == "CREATE_IN_PROGRESS" || event.status == "UPDATE_IN_PROGRESS";
    if (event.has_failed() && !event.is_cancelled()) {
      look(event.logical_id, service);
      if (culprit_.empty()) {
        culprit_ = event.logical_id;
      }
    }
  }

  // A few services a poll, in turn: there may be many.
  void poll() {
    for (std::size_t looked = 0; looked < kServicesPerPoll && looked < services_.size(); ++looked) {
      auto at = services_.upper_bound(last_looked_);
      at = at == services_.end() ? services_.begin() : at;
      last_looked_ = at->first;
      if (at->second.in_progress) {
        look(at->first, at->second);
      }
    }
  }

  // Of the first service that failed.
  [[nodiscard]] std::vector<std::string> evidence() const {
    const auto at = services_.find(culprit_);
    return at == services_.end() ? std::vector<std::string>() : describe(at->second.evidence);
  }

 private:
  static constexpr std::size_t kServicesPerPoll = 5;

  struct Watched {
    std::string arn;
    std::int64_t since_millis = 0;
    bool in_progress = false;
    TaskEvidence evidence;
  };

  void look(const std::string& logical_id, Watched& service) {
    const std::string task = last_stopped_task_id(world_.api, service.arn, service.since_millis);
    if (task.empty()) {
      return;
    }
    const bool known = task == service.evidence.task;
    if (known && !service.evidence.log_lines.empty()) {
      return;
    }
    TaskEvidence fresh = gather_evidence(world_.api, service.arn, service.since_millis);
    if (fresh.task.empty()) {
      return;
    }
    service.evidence = std::move(fresh);
    if (!known) {
      world_.observer.on_remark(logical_id + ": " + summary(service.evidence));
    }
  }

  World& world_;
  std::map<std::string, Watched> services_;
  std::string last_looked_;
  std::string culprit_;
};

class Follower {
 public:
  Follower(World& world, EventReader& reader) : world_(world), reader_(reader), watch_(world) {}

  // True when the stack reached a final state.
  ApiResult<bool> poll() {
    watch_.poll();
    auto events = reader_.next();
    if (!events) {
      return util::unexpected(std::move(events.error()));
    }
    for (StackEvent& event : *events) {
      take(std::move(event));
    }
    moved_ = !events->empty();
    return !out_.final_status.empty();
  }

  [[nodiscard]] bool moved() const { return moved_; }

  Followed take_result() {
    out_.evidence = watch_.evidence();
    return std::move(out_);
  }

 private:
  void take(StackEvent event) {
    world_.observer.on_event(event);
    watch_.take(event);
    if (is_final(event)) {
      out_.final_status = event.status;
    }
    out_.events.push_back(std::move(event));
  }

  World& world_;
  EventReader& reader_;
  ServiceWatch watch_;
  Followed out_;
  bool moved_ = false;
};

}  // namespace

bool Pacer::pause() {
  const auto now = next_;
  next_ = std::min(next_ * 3 / 2, world_.longest_pause);
  return world_.pause(now);
}

util::Result<Followed, Problem> follow(World& world,
                                       EventReader& reader,
                                       const std::string& stack_name) {
  if (world.detach) {
    return util::unexpected(Problem(Detached{stack_name}));
  }
  Follower follower(world, reader);
  Pacer pacer(world);
  int misses = 0;
  for (;;) {
    auto finished = follower.poll();
    if (!finished) {
      if (finished.error().kind == ApiError::Kind::cancelled) {
        return util::unexpected(Problem(Detached{stack_name}));
      }
      const bool transient = finished.error().kind == ApiError::Kind::unreachable;
      if (!transient || ++misses >= kMostMisses) {
        return util::unexpected(Problem(std::move(finished.error())));
      }
    } else if (*finished) {
      return follower.take_result();
    } else {
      misses = 0;
      if (follower.moved()) {
        pacer.reset();
      }
    }
    if (!pacer.pause()) {
      return util::unexpected(Problem(Detached{stack_name}));
    }
  }
}

}  // namespace deploy
