#include "local/balancer/balancer.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <utility>

#include "net/socket.hpp"

namespace local::balancer {

namespace {

constexpr std::chrono::milliseconds kDrainPeriod{20};

}  // namespace

struct Balancer::Worker {
  Worker(TcpProxy::OnFailure on_failure, const TcpProxyOptions& options)
      : proxy(thread.loop(), std::move(on_failure), options) {}

  net::LoopThread thread;
  TcpProxy proxy;
  std::atomic<std::uint64_t> table = 0;  // the number of the table it uses
};

Balancer::Balancer(DataPlaneEvents events, BalancerOptions options) : events_(std::move(events)) {
  const auto on_failure = [this](const std::string& group, const TargetAddress& target) {
    workers_.front()->thread.loop().post(
        [this, key = Key{group, target}] { health_->suspect(key); });
  };
  for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
    workers_.push_back(std::make_unique<Worker>(on_failure, options.proxy));
  }
  health_ = std::make_unique<HealthChecker>(
      workers_.front()->thread.loop(), [this](const HealthChange& change) {
        publish();
        after_all_know(1, [this, change] { events_.health_changed(change); });
      });
}

Balancer::~Balancer() {
  // Stop every loop before anything that its callbacks touch goes away.
  for (const auto& worker : workers_) {
    worker->thread.stop();
  }
  health_.reset();
}

void Balancer::on_all(const std::function<void(TcpProxy&)>& action, bool wait) {
  std::vector<std::future<void>> done;
  for (const auto& worker : workers_) {
    auto finished = std::make_shared<std::promise<void>>();
    done.push_back(finished->get_future());
    worker->thread.loop().post([&proxy = worker->proxy, action, finished] {
      action(proxy);
      finished->set_value();
    });
  }
  for (const auto& one : done) {
    if (wait) {
      one.wait();
    }
  }
}

util::Result<std::string, BindError> Balancer::open_listener(const std::string& id,
                                                             const std::vector<std::string>& hosts,
                                                             std::uint16_t port) {
  auto bound = bind_listener(hosts, port);
  if (!bound) {
    return util::unexpected(std::move(bound.error()));
  }
  close_listener(id);
  for (const util::Fd& socket : listeners_[id] = std::move(bound->sockets)) {
    on_all([id, fd = socket.get()](TcpProxy& proxy) { proxy.open(id, fd); }, false);
  }
  return bound->host;
}

void Balancer::close_listener(const std::string& id) {
  const auto at = listeners_.find(id);
  if (at == listeners_.end()) {
    return;
  }
  on_all([id](TcpProxy& proxy) { proxy.close(id); }, true);
  listeners_.erase(at);
}

std::uint16_t Balancer::port_of(const std::string& id) const {
  const auto at = listeners_.find(id);
  return at == listeners_.end() ? std::uint16_t{0}
                                : net::SocketAddress::local_of(at->second.front().get()).port();
}

void Balancer::apply(Desired desired) {
  workers_.front()->thread.loop().post(
      [this, desired = std::move(desired)]() mutable { take(std::move(desired)); });
}

void Balancer::take(Desired desired) {
  desired_ = std::move(desired);
  std::map<Key, std::shared_ptr<TargetLoad>> loads;
  std::map<Key, HealthCheck> checks;
  draining_.clear();
  for (const GroupSpec& group : desired_.groups) {
    for (const TargetSpec& target : group.targets) {
      const Key key{group.id, target.address};
      const auto known = loads_.find(key);
      loads[key] = known != loads_.end() ? known->second : std::make_shared<TargetLoad>();
      if (target.draining) {
        draining_.insert(key);
      } else {
        checks[key] = group.check;
      }
    }
  }
  for (const auto& [key, load] : loads_) {
    if (!loads.contains(key)) {
      load->retired.store(true);
    }
  }
  loads_ = std::move(loads);
  health_->set(checks);
  publish();
  draining_table_ = last_table_;
  net::EventLoop& loop = workers_.front()->thread.loop();
  loop.cancel(drain_timer_);
  drain_timer_ = loop.after(kDrainPeriod, [this] { watch_draining(); });
}

std::shared_ptr<const RouteGroup> Balancer::make_group(const GroupSpec& spec) const {
  auto group = std::make_shared<RouteGroup>();
  group->id = spec.id;
  group->sticky_by_source = spec.sticky_by_source;
  for (const TargetSpec& target : spec.targets) {
    const Key key{spec.id, target.address};
    const auto address = net::SocketAddress::ip(target.address.host, target.address.port);
    if (address && !target.draining && health_->health(key) == Health::healthy) {
      group->targets.push_back({target.address, *address, loads_.at(key)});
    }
  }
  return group;
}

void Balancer::publish() {
  std::map<std::string, std::shared_ptr<const RouteGroup>> groups;
  for (const GroupSpec& spec : desired_.groups) {
    groups[spec.id] = make_group(spec);
  }
  auto table = std::make_shared<RoutingTable>();
  for (const ListenerSpec& listener : desired_.listeners) {
    Route& route = table->listeners[listener.id];
    for (const WeightedGroup& forward : listener.forward) {
      if (const auto group = groups.find(forward.group); group != groups.end()) {
        route.groups.push_back({group->second, forward.weight});
      }
    }
  }
  const std::shared_ptr<const RoutingTable> shared = std::move(table);
  const std::uint64_t number = ++last_table_;
  for (const auto& worker : workers_) {
    const auto use = [&one = *worker, shared, number] {
      one.proxy.set_table(shared);
      one.table.store(number);
    };
    if (worker == workers_.front()) {
      use();
    } else {
      worker->thread.loop().post(use);
    }
  }
}

// Loops run what is posted in order, so a round through them comes after the table posted before
// it. Who hears of a healthy target may send to it at once.
void Balancer::after_all_know(std::size_t next, std::function<void()> then) {
  const std::size_t here = next % workers_.size();
  workers_[here]->thread.loop().post([this, here, next, then = std::move(then)]() mutable {
    if (here == 0) {
      then();
    } else {
      after_all_know(next + 1, std::move(then));
    }
  });
}

void Balancer::watch_draining() {
  // A proxy that has not seen the table yet may still choose a draining target.
  const bool all_know = std::ranges::all_of(
      workers_, [this](const auto& worker) { return worker->table.load() >= draining_table_; });
  for (auto at = draining_.begin(); at != draining_.end();) {
    const auto load = loads_.find(*at);
    if (!all_know || (load != loads_.end() && load->second->connections.load() > 0)) {
      ++at;
      continue;
    }
    events_.drained(at->first, at->second);
    at = draining_.erase(at);
  }
  drain_timer_ = 0;
  if (!draining_.empty()) {
    drain_timer_ =
        workers_.front()->thread.loop().after(kDrainPeriod, [this] { watch_draining(); });
  }
}

}  // namespace local::balancer
