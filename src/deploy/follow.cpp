#include "deploy/follow.hpp"

#include <algorithm>
#include <utility>

#include "deploy/evidence.hpp"

namespace deploy {
namespace {

// Consecutive polls that may go unanswered before following is given up.
constexpr int kMostMisses = 10;

bool is_final(const StackEvent& event) {
  return event.is_stack && !event.status.ends_with("_IN_PROGRESS");
}

class Follower {
 public:
  Follower(World& world, EventReader& reader) : world_(world), reader_(reader) {}

  // True when the stack reached a final state.
  ApiResult<bool> poll() {
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

  Followed take_result() { return std::move(out_); }

 private:
  void take(StackEvent event) {
    world_.observer.on_event(event);
    const bool failed_service = event.type == "AWS::ECS::Service" && event.has_failed() &&
                                !event.is_cancelled() && !event.physical_id.empty();
    if (failed_service && out_.evidence.empty()) {
      out_.evidence = describe(gather_evidence(world_.api, event.physical_id));
    }
    if (is_final(event)) {
      out_.final_status = event.status;
    }
    out_.events.push_back(std::move(event));
  }

  World& world_;
  EventReader& reader_;
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
