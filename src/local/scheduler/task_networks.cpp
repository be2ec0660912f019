#include "local/scheduler/task_networks.hpp"

#include <algorithm>
#include <utility>

#include "local/scheduler/container_spec.hpp"
#include "util/strings.hpp"

namespace local::ecs {
namespace {

std::uint32_t mask_of(int prefix) {
  return prefix == 0 ? 0 : ~std::uint32_t{0} << static_cast<unsigned>(32 - prefix);
}

// On a worker. Somebody else may take a range between the look and the creation, hence more than
// one attempt.
docker::Result<std::string> create_bridge(docker::Engine& docker,
                                          docker::NetworkSpec spec,
                                          const Ipv4Range& pool) {
  const auto existing = docker.list_networks();
  if (!existing) {
    return util::unexpected(existing.error());
  }
  std::vector<Ipv4Range> taken;
  for (const docker::Network& network : *existing) {
    if (network.name == spec.name) {
      return network.id;
    }
    if (const auto range = parse_range(network.subnet)) {
      taken.push_back(*range);
    }
  }
  docker::Error last{
      docker::ErrorKind::server, 0, "no free /24 in " + to_text(pool) + " for a task network"};
  for (const Ipv4Range& subnet : free_subnets(pool, taken)) {
    spec.subnet = to_text(subnet);
    auto created = docker.create_network(spec);
    if (created || created.error().kind == docker::ErrorKind::conflict) {
      return created ? created : docker::Result<std::string>(spec.name);
    }
    last = created.error();
    if (last.message.find("overlap") == std::string::npos) {
      break;
    }
  }
  return util::unexpected(std::move(last));
}

}  // namespace

bool Ipv4Range::overlaps(const Ipv4Range& other) const {
  const std::uint32_t mask = mask_of(std::min(prefix, other.prefix));
  return (base & mask) == (other.base & mask);
}

std::optional<Ipv4Range> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto prefix = util::parse_int(text.substr(slash + 1));
  const std::vector<std::string> octets = util::split(text.substr(0, slash), '.');
  if (!prefix || *prefix < 0 || *prefix > 32 || octets.size() != 4) {
    return std::nullopt;
  }
  std::uint32_t base = 0;
  for (const std::string& octet : octets) {
    const auto value = util::parse_int(octet);
    if (!value || *value < 0 || *value > 255) {
      return std::nullopt;
    }
    base = (base << 8U) | static_cast<std::uint32_t>(*value);
  }
  return Ipv4Range{base & mask_of(static_cast<int>(*prefix)), static_cast<int>(*prefix)};
}

std::string to_text(const Ipv4Range& range) {
  std::string out;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out += (out.empty() ? "" : ".") + std::to_string((range.base >> shift) & 255U);
  }
  return out + "/" + std::to_string(range.prefix);
}

std::vector<Ipv4Range> free_subnets(const Ipv4Range& pool, const std::vector<Ipv4Range>& taken) {
  constexpr int kSubnetPrefix = 24;
  std::vector<Ipv4Range> out;
  const std::uint32_t count =
      pool.prefix >= kSubnetPrefix ? 1 : 1U << static_cast<unsigned>(kSubnetPrefix - pool.prefix);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Ipv4Range candidate{pool.base + (i << 8U), std::max(pool.prefix, kSubnetPrefix)};
    if (std::none_of(taken.begin(), taken.end(), [&](const Ipv4Range& t) {
          return t.overlaps(candidate);
        })) {
      out.push_back(candidate);
    }
  }
  return out;
}

std::string TaskNetworks::name_for(std::string_view group) const {
  return "docker-ecs-" + options_.engine_id.substr(0, 8) + "-" + std::string(group);
}

bool TaskNetworks::ready(std::string_view group) const {
  const auto at = entries_.find(group);
  return at != entries_.end() && at->second.state == State::ready;
}

void TaskNetworks::ensure(const std::string& group, Done done) {
  kept_.insert(group);
  const auto [at, fresh] = entries_.try_emplace(group);
  if (at->second.state == State::ready) {
    done(nullptr);
    return;
  }
  at->second.waiting.push_back(std::move(done));
  if (fresh) {
    create(group);
  }
}

void TaskNetworks::create(const std::string& group) {
  entries_[group].state = State::creating;
  docker::NetworkSpec spec;
  spec.name = name_for(group);
  spec.labels = {{std::string(kLabelPrefix) + "engine", options_.engine_id},
                 {std::string(kLabelPrefix) + "group", group}};
  context_.workers.run(
      [this, group, &docker = docker_, pool = options_.pool, spec = std::move(spec)] {
        auto result = create_bridge(docker, spec, pool);
        return [this, group, result = std::move(result)] { finished(group, result); };
      });
}

void TaskNetworks::finished(const std::string& group, const docker::Result<std::string>& result) {
  const auto at = entries_.find(group);
  if (at == entries_.end()) {
    return;
  }
  const std::vector<Done> waiting = std::exchange(at->second.waiting, {});
  if (result) {
    at->second.state = State::ready;
  } else {
    entries_.erase(at);
  }
  for (const Done& done : waiting) {
    done(result ? nullptr : &result.error());
  }
}

void TaskNetworks::keep_only(const std::set<std::string, std::less<>>& groups) {
  kept_ = groups;
  for (auto& [group, entry] : entries_) {
    if (entry.state == State::ready && !kept_.contains(group)) {
      entry.state = State::removing;
      remove(group);
    }
  }
}

void TaskNetworks::remove(const std::string& group) {
  context_.workers.run([this, group, &docker = docker_, name = name_for(group)] {
    const auto result = docker.remove_network(name);
    return [this, group, done = result.has_value()] { removed(group, done); };
  });
}

void TaskNetworks::removed(const std::string& group, bool done) {
  constexpr std::chrono::milliseconds kLongestPause{30000};
  const auto at = entries_.find(group);
  if (at == entries_.end() || at->second.state != State::removing) {
    return;
  }
  if (!at->second.waiting.empty()) {
    create(group);
    return;
  }
  if (done) {
    entries_.erase(at);
    return;
  }
  // Something is still attached: a container that Docker is about to remove, and no change of ours
  // may follow.
  at->second.state = State::ready;
  context_.timers.at(context_.now() + at->second.pause,
                     [this] { keep_only(std::exchange(kept_, {})); });
  at->second.pause = std::min(at->second.pause * 2, kLongestPause);
}

void TaskNetworks::observe(const std::vector<docker::Network>& networks) {
  std::set<std::string, std::less<>> present;
  for (const docker::Network& network : networks) {
    const auto engine = network.labels.find(std::string(kLabelPrefix) + "engine");
    const auto group = network.labels.find(std::string(kLabelPrefix) + "group");
    if (engine != network.labels.end() && engine->second == options_.engine_id &&
        group != network.labels.end()) {
      present.insert(group->second);
      entries_.try_emplace(group->second, Entry{State::ready, {}});
    }
  }
  std::erase_if(entries_, [&](const auto& e) {
    return e.second.state == State::ready && !present.contains(e.first);
  });
}

}  // namespace local::ecs
