#include "local/scheduler/service_plan.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace local::ecs {
namespace {

using Kind = ServiceStep::Kind;

ServiceStep step(Kind kind, std::string deployment, std::string cause) {
  ServiceStep out;
  out.kind = kind;
  out.deployment = std::move(deployment);
  out.cause = std::move(cause);
  return out;
}

ServiceStep stop(const PlannedTask& task, std::string cause) {
  ServiceStep out = step(Kind::stop_task, task.deployment, std::move(cause));
  out.task = task.id;
  return out;
}

std::string scaling_cause(const std::string& deployment) {
  return "Scaling activity initiated by (deployment " + deployment + ")";
}

// The least useful first: not running, then unhealthy, then the youngest.
bool less_useful(const PlannedTask* a, const PlannedTask* b) {
  const auto rank = [](const PlannedTask* t) {
    return std::tuple(t->stage == TaskStage::running, t->healthy, -t->created_ms);
  };
  return rank(a) < rank(b);
}

// One service, one plan: the numbers are worked out once and the rules below read them.
class Planner {
 public:
  Planner(const PlannedService& service, util::Clock::TimePoint now)
      : service_(service), now_(now) {
    for (const PlannedTask& task : service.tasks) {
      if (task.stage == TaskStage::stopping) {
        ++stopping_;
        continue;
      }
      (is_primary(task) ? current_ : old_).push_back(&task);
      healthy_ += task.healthy ? 1 : 0;
    }
  }

  SchedulerPlan run() {
    if (service_.deployments.empty()) {
      stop_everything();
      return std::move(plan_);
    }
    if (open_breaker()) {
      return std::move(plan_);
    }
    replace_unhealthy();
    scale_in();
    retire_old_tasks();
    start_missing();
    finish();
    return std::move(plan_);
  }

 private:
  [[nodiscard]] const PlannedDeployment& primary() const { return service_.deployments.front(); }

  [[nodiscard]] bool is_primary(const PlannedTask& task) const {
    return !service_.deployments.empty() && task.deployment == primary().id;
  }

  [[nodiscard]] std::int64_t lower() const {
    return (service_.desired * service_.minimum_percent + 99) / 100;
  }

  // Never below one more than nothing: a maximum that allows no progress would hang for ever on AWS
  // too, but with desired tasks missing a start is always allowed up to the desired count.
  [[nodiscard]] std::int64_t upper() const {
    return std::max(service_.desired * service_.maximum_percent / 100, service_.desired);
  }

  void stop_everything() {
    for (const PlannedTask& task : service_.tasks) {
      if (task.stage != TaskStage::stopping) {
        plan_.push_back(stop(task, scaling_cause(task.deployment)));
      }
    }
  }

  bool open_breaker() {
    const PlannedDeployment& deployment = primary();
    if (!service_.breaker || deployment.rollout != Rollout::in_progress ||
        deployment.failures < breaker_threshold(service_.desired)) {
      return false;
    }
    plan_.push_back(step(Kind::fail_deployment,
                         deployment.id,
                         std::to_string(deployment.failures) + " tasks failed, threshold " +
                             std::to_string(breaker_threshold(service_.desired))));
    if (service_.rollback && service_.has_last_completed) {
      plan_.push_back(step(Kind::roll_back, deployment.id, "circuit breaker with rollback"));
    }
    return true;
  }

  void stop_live(std::vector<const PlannedTask*>& from,
                 const PlannedTask* task,
                 std::string cause) {
    plan_.push_back(stop(*task, std::move(cause)));
    healthy_ -= task->healthy ? 1 : 0;
    std::erase(from, task);
  }

  void replace_unhealthy() {
    for (auto* group : {&current_, &old_}) {
      for (const PlannedTask* task : std::vector(*group)) {
        if (!task->unhealthy.empty()) {
          stop_live(*group, task, task->unhealthy);
        }
      }
    }
  }

  void scale_in() {
    std::sort(current_.begin(), current_.end(), less_useful);
    while (static_cast<std::int64_t>(current_.size()) > service_.desired) {
      stop_live(current_, current_.front(), scaling_cause(primary().id));
    }
  }

  void retire_old_tasks() {
    // A failed deployment without a way back keeps what still runs of the old one.
    if (primary().rollout == Rollout::failed) {
      return;
    }
    std::sort(old_.begin(), old_.end(), less_useful);
    for (const PlannedTask* task : std::vector(old_)) {
      const bool surplus = service_.desired == 0 || !task->healthy || healthy_ > lower();
      if (surplus) {
        stop_live(old_, task, scaling_cause(primary().id));
      }
    }
  }

  void start_missing() {
    if (primary().rollout == Rollout::failed) {
      return;
    }
    const auto current = static_cast<std::int64_t>(current_.size());
    const auto live = current + static_cast<std::int64_t>(old_.size());
    const std::int64_t room = upper() - live;
    const std::int64_t missing = std::min(service_.desired - current, room);
    if (missing <= 0) {
      return;
    }
    if (primary().start_after && *primary().start_after > now_) {
      ServiceStep wait = step(Kind::wait,
                              primary().id,
                              "back-off after " + std::to_string(primary().failures) + " failures");
      wait.until = *primary().start_after;
      plan_.push_back(std::move(wait));
      return;
    }
    ServiceStep start =
        step(Kind::start_tasks,
             primary().id,
             "desired " + std::to_string(service_.desired) + ", live " + std::to_string(live));
    start.count = missing;
    plan_.push_back(std::move(start));
    starting_ = true;
  }

  void finish() {
    const bool all_healthy =
        static_cast<std::int64_t>(current_.size()) == service_.desired && !starting_ &&
        std::all_of(
            current_.begin(), current_.end(), [](const PlannedTask* t) { return t->healthy; });
    const bool alone = old_.empty() && stopping_ == 0 &&
                       std::none_of(plan_.begin(), plan_.end(), [](const ServiceStep& s) {
                         return s.kind == Kind::stop_task;
                       });
    for (const PlannedDeployment& deployment : service_.deployments) {
      const bool has_tasks =
          std::any_of(service_.tasks.begin(), service_.tasks.end(), [&](const PlannedTask& t) {
            return t.deployment == deployment.id;
          });
      if (deployment.id != primary().id && !has_tasks && primary().rollout != Rollout::failed) {
        plan_.push_back(step(Kind::retire_deployment, deployment.id, "no tasks left"));
      }
    }
    if (!all_healthy || !alone) {
      return;
    }
    if (primary().rollout == Rollout::in_progress) {
      plan_.push_back(step(Kind::complete_deployment,
                           primary().id,
                           std::to_string(service_.desired) + " of " +
                               std::to_string(service_.desired) + " healthy"));
    }
    if (!service_.steady_announced && primary().rollout != Rollout::failed) {
      plan_.push_back(step(Kind::announce_steady, primary().id, "running equals desired"));
    }
  }

  const PlannedService& service_;
  util::Clock::TimePoint now_;
  std::vector<const PlannedTask*> current_;  // of the primary deployment, not stopping
  std::vector<const PlannedTask*> old_;
  std::int64_t healthy_ = 0;
  std::int64_t stopping_ = 0;
  bool starting_ = false;
  SchedulerPlan plan_;
};

}  // namespace

SchedulerPlan plan_service(const PlannedService& service, util::Clock::TimePoint now) {
  return Planner(service, now).run();
}

std::string to_text(const SchedulerPlan& plan) {
  std::string out;
  for (const ServiceStep& s : plan) {
    switch (s.kind) {
      case Kind::start_tasks:
        out += "start " + std::to_string(s.count) + " of " + s.deployment;
        break;
      case Kind::stop_task: out += "stop " + s.task; break;
      case Kind::complete_deployment: out += "complete " + s.deployment; break;
      case Kind::retire_deployment: out += "retire " + s.deployment; break;
      case Kind::fail_deployment: out += "fail " + s.deployment; break;
      case Kind::roll_back: out += "roll back " + s.deployment; break;
      case Kind::announce_steady: out += "steady"; break;
      case Kind::wait: out += "wait"; break;
    }
    out += ": " + s.cause + "\n";
  }
  return out;
}

std::int64_t breaker_threshold(std::int64_t desired) {
  return std::clamp<std::int64_t>((desired + 1) / 2, 3, 200);
}

std::chrono::milliseconds restart_delay(std::int64_t failures, double scale) {
  if (failures < 2) {
    return std::chrono::milliseconds{0};
  }
  constexpr double kFirstMs = 4'000;
  constexpr double kLongestMs = 900'000;
  double delay = kFirstMs;
  for (std::int64_t i = 2; i < failures && delay < kLongestMs; ++i) {
    delay *= 2;
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(std::min(delay, kLongestMs) * scale)};
}

}  // namespace local::ecs
