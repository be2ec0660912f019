#include "local/balancer/balancer.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <utility>

#include "local/balancer/cookies.hpp"
#include "net/socket.hpp"

namespace local::balancer {

namespace {

constexpr std::chrono::milliseconds kDrainPeriod{20};

}  // namespace

struct Balancer::Worker {
  Worker(const TcpProxy::OnFailure& on_failure, const BalancerOptions& options)
      : tcp(thread.loop(), on_failure, options.tcp),
        http(thread.loop(), on_failure, options.http),
        udp(thread.loop(), on_failure, options.udp) {}

  net::LoopThread thread;
  TcpProxy tcp;
  HttpProxy http;
  UdpProxy udp;  // used by the first worker only: a flow's datagrams must all come to one thread
  std::atomic<std::uint64_t> table = 0;  // the number of the table it uses
};

Balancer::Balancer(DataPlaneEvents events, BalancerOptions options) : events_(std::move(events)) {
  const auto on_failure = [this](const std::string& group, const TargetAddress& target) {
    workers_.front()->thread.loop().post(
        [this, key = Key{group, target}] { health_->suspect(key); });
  };
  for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
    workers_.push_back(std::make_unique<Worker>(on_failure, options));
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

void Balancer::on_all(const std::function<void(Worker&)>& action, bool wait) {
  std::vector<std::future<void>> done;
  for (const auto& worker : workers_) {
    auto finished = std::make_shared<std::promise<void>>();
    done.push_back(finished->get_future());
    worker->thread.loop().post([&one = *worker, action, finished] {
      action(one);
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
                                                             ListenerKind kind,
                                                             const std::vector<std::string>& hosts,
                                                             std::uint16_t port) {
  auto bound = bind_listener(kind, hosts, port);
  if (!bound) {
    return util::unexpected(std::move(bound.error()));
  }
  close_listener(id);
  const BoundListener& listener = listeners_[id] = std::move(*bound);
  const bool http = kind == ListenerKind::http || kind == ListenerKind::https;
  for (const util::Fd& socket : listener.streams) {
    on_all(
        [id, http, fd = socket.get()](Worker& worker) {
          if (http) {
            worker.http.open(id, fd);
          } else {
            worker.tcp.open(id, fd);
          }
        },
        false);
  }
  for (const util::Fd& socket : listener.datagrams) {
    Worker& first = *workers_.front();
    first.thread.loop().post([&first, id, fd = socket.get()] { first.udp.open(id, fd); });
  }
  return listener.host;
}

void Balancer::close_listener(const std::string& id) {
  const auto at = listeners_.find(id);
  if (at == listeners_.end()) {
    return;
  }
  on_all(
      [id](Worker& worker) {
        worker.tcp.close(id);
        worker.http.close(id);
        worker.udp.close(id);
      },
      true);
  listeners_.erase(at);
}

std::uint16_t Balancer::port_of(const std::string& id) const {
  const auto at = listeners_.find(id);
  if (at == listeners_.end()) {
    return 0;
  }
  const auto& sockets = at->second.streams.empty() ? at->second.datagrams : at->second.streams;
  return net::SocketAddress::local_of(sockets.front().get()).port();
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
      auto& load = loads[key] =
          known != loads_.end() ? known->second : std::make_shared<TargetLoad>();
      load->draining.store(target.draining);
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

// Only healthy targets; when there is none, the unhealthy ones: one of them may answer all the
// same, and if not, the client learns what is wrong with it.
std::shared_ptr<const RouteGroup> Balancer::make_group(const GroupSpec& spec) const {
  auto group = std::make_shared<RouteGroup>();
  group->id = spec.id;
  group->fingerprint = fingerprint(spec.id);
  group->sticky = spec.sticky;
  group->tls = spec.tls;
  group->least_busy = spec.least_busy;
  for (const Health wanted : {Health::healthy, Health::unhealthy}) {
    for (const TargetSpec& target : spec.targets) {
      const Key key{spec.id, target.address};
      const auto address = net::SocketAddress::ip(target.address.host, target.address.port);
      if (address && !target.draining && health_->health(key) == wanted) {
        group->targets.push_back({target.address,
                                  *address,
                                  loads_.at(key),
                                  fingerprint(spec.id + " " + address->text())});
      }
    }
    if (!group->targets.empty()) {
      break;
    }
  }
  return group;
}

std::shared_ptr<const TlsContext> Balancer::tls_of(const ListenerSpec& listener) {
  if (listener.certificates.empty()) {
    return nullptr;
  }
  std::string key = listener.tls13_only ? "1.3" : "1.2";
  for (const auto& pair : listener.certificates) {
    key += pair->chain;
  }
  auto& context = tls_contexts_[key];
  if (context == nullptr) {
    context = TlsContext::for_server(listener.certificates, listener.tls13_only);
  }
  return context;
}

namespace {

using Groups = std::map<std::string, std::shared_ptr<const RouteGroup>>;

RouteRule rule_of(const RuleSpec& spec, const Groups& groups) {
  RouteRule rule{spec.conditions, {}, spec.rewrites};
  if (const auto* redirect = std::get_if<RedirectSpec>(&spec.action)) {
    rule.action = *redirect;
  } else if (const auto* fixed = std::get_if<FixedResponseSpec>(&spec.action)) {
    rule.action = *fixed;
  } else {
    const ForwardSpec& wanted = std::get<ForwardSpec>(spec.action);
    auto forward = std::make_unique<Forward>();
    forward->group_stickiness = wanted.group_stickiness;
    for (const WeightedGroup& one : wanted.groups) {
      if (const auto group = groups.find(one.group); group != groups.end()) {
        forward->groups.push_back({group->second, one.weight});
      }
    }
    rule.action = std::move(forward);
  }
  return rule;
}

}  // namespace

void Balancer::publish() {
  Groups groups;
  for (const GroupSpec& spec : desired_.groups) {
    groups[spec.id] = make_group(spec);
    if (spec.tls && to_targets_ == nullptr) {
      to_targets_ = TlsContext::for_targets();
    }
  }
  auto table = std::make_shared<RoutingTable>();
  table->to_targets = to_targets_;
  for (const ListenerSpec& listener : desired_.listeners) {
    Route& route = table->listeners[listener.id];
    route.kind = listener.kind;
    route.port = listener.port;
    route.tls = tls_of(listener);
    route.idle_timeout = listener.idle_timeout;
    route.http = listener.http;
    for (const RuleSpec& rule : listener.rules) {
      route.rules.push_back(rule_of(rule, groups));
    }
  }
  std::erase_if(tls_contexts_, [](const auto& entry) { return entry.second.use_count() <= 1; });
  const std::shared_ptr<const RoutingTable> shared = std::move(table);
  const std::uint64_t number = ++last_table_;
  for (const auto& worker : workers_) {
    const auto use = [&one = *worker, shared, number] {
      one.tcp.set_table(shared);
      one.http.set_table(shared);
      one.udp.set_table(shared);
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
