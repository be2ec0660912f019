#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "docker/engine.hpp"
#include "local/action_table.hpp"
#include "local/scheduler/ecs_state.hpp"

namespace local::ecs {

struct LogDestination {
  std::string group;
  std::string stream;
};

// Carries the output of containers to CloudWatch Logs (PutLogEvents through the action table), line
// by line while they run. How far each container was read is stored in the same transaction as its
// lines, so that neither a restart of this engine nor of Docker loses or repeats one. Belongs to
// the control thread; the reading is done by the streams'.
class LogShipper {
 public:
  using Post = std::function<void(std::function<void()>)>;  // onto the control thread
  using Done = std::function<void(const std::string& container)>;

  LogShipper(EcsState& state,
             const ActionTable& actions,
             docker::Streams& docker,
             Post post,
             Done done)
      : state_(state),
        actions_(actions),
        docker_(docker),
        post_(std::move(post)),
        done_(std::move(done)) {}

  ~LogShipper();
  LogShipper(const LogShipper&) = delete;
  LogShipper& operator=(const LogShipper&) = delete;

  // Goes on where the last reading of this container ended. Nothing to do when it is being read or
  // was read to its end.
  void follow(const std::string& container, bool terminal, LogDestination destination);

  // Everything the container wrote has been delivered.
  [[nodiscard]] bool shipped(const std::string& container) const {
    return shipped_.contains(container);
  }

  // It was started again: there is more to come.
  void forget_end(const std::string& container) { shipped_.erase(container); }

  // The container is gone, nobody will ask about it again.
  void forget(const std::string& container);

 private:
  // Filled by the stream's thread, emptied by the control thread.
  struct Inbox {
    std::mutex mutex;
    std::vector<docker::LogChunk> lines;
    bool announced = false;  // a message to drain it is on its way
    bool closed = false;     // nobody will drain it any more
  };

  struct Follow {
    LogDestination destination;
    std::shared_ptr<Inbox> inbox;
    std::unique_ptr<docker::Stream> stream;
  };

  void drain(const std::string& container, const std::shared_ptr<Inbox>& inbox);
  void ended(const std::string& container, const std::shared_ptr<Inbox>& inbox, bool to_its_end);
  void deliver(const std::string& container,
               const LogDestination& to,
               const std::vector<docker::LogChunk>& lines);

  EcsState& state_;
  const ActionTable& actions_;
  docker::Streams& docker_;
  Post post_;
  Done done_;
  std::map<std::string, Follow, std::less<>> follows_;  // by Docker id
  std::set<std::string, std::less<>> shipped_;
};

// "2026-01-02T03:04:05.000000001Z" -> nanoseconds since the epoch; 0 when it is no such time.
std::int64_t parse_docker_time(std::string_view text);

}  // namespace local::ecs
