#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "docker/engine.hpp"
#include "local/context.hpp"

namespace local::ecs {

// An IPv4 range, "10.213.0.0/16".
struct Ipv4Range {
  std::uint32_t base = 0;
  int prefix = 0;

  [[nodiscard]] bool overlaps(const Ipv4Range& other) const;
};

std::optional<Ipv4Range> parse_range(std::string_view text);
std::string to_text(const Ipv4Range& range);
// The /24s of `pool` that overlap none of `taken`, in order.
std::vector<Ipv4Range> free_subnets(const Ipv4Range& pool, const std::vector<Ipv4Range>& taken);

// One Docker bridge for each security group that a task uses, so that two tasks reach each other
// exactly when they share a group. Made at first use, removed when nothing uses it. Belongs to the
// control thread.
class TaskNetworks {
 public:
  struct Options {
    std::string engine_id;
    Ipv4Range pool{0x0AD50000, 16};  // 10.213.0.0/16
  };

  using Done = std::function<void(const docker::Error* error)>;

  TaskNetworks(Context& context, docker::Engine& docker, Options options)
      : context_(context), docker_(docker), options_(std::move(options)) {}

  [[nodiscard]] std::string name_for(std::string_view group) const;
  [[nodiscard]] bool ready(std::string_view group) const;
  // `done` is called once, later or at once, on the control thread.
  void ensure(const std::string& group, Done done);
  // Removes the networks of all other groups; one that something is still attached to later.
  void keep_only(const std::set<std::string, std::less<>>& groups);
  // After a (re)connection: what exists in Docker.
  void observe(const std::vector<docker::Network>& networks);

 private:
  enum class State : std::uint8_t { creating, ready, removing };

  struct Entry {
    State state = State::creating;
    std::vector<Done> waiting;
    std::chrono::milliseconds pause{250};  // before the next try to remove it
  };

  void create(const std::string& group);
  void finished(const std::string& group, const docker::Result<std::string>& result);
  void remove(const std::string& group);
  void removed(const std::string& group, bool done);

  Context& context_;
  docker::Engine& docker_;
  Options options_;
  std::map<std::string, Entry, std::less<>> entries_;  // by group
  std::set<std::string, std::less<>> kept_;            // what is used, as far as was said
};

}  // namespace local::ecs
