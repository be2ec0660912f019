#include "local/balancer/balancer.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include <poll.h>
#include <sys/socket.h>

#include <doctest/doctest.h>

#include "net/http_server.hpp"
#include "net/socket.hpp"
#include "net/socket_transport.hpp"

namespace {

using namespace std::chrono_literals;
using local::balancer::Balancer;
using local::balancer::Desired;
using local::balancer::Health;
using local::balancer::TargetAddress;

const std::vector<std::string> kLoopback{"127.0.0.1"};
constexpr auto kTcp = local::balancer::ListenerKind::tcp;

// An HTTP server that says its name to whoever asks.
class Backend {
 public:
  explicit Backend(std::string name, int status = 200) {
    auto listener = *net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0));
    address = {"127.0.0.1", net::SocketAddress::local_of(listener.get()).port()};
    std::promise<void> ready;
    thread_.loop().post([&] {
      server_.emplace(thread_.loop(),
                      std::move(listener),
                      [name = std::move(name), status](const net::HttpRequest&,
                                                       const net::HttpServer::Reply& reply) {
                        reply({status, {}, name});
                      });
      ready.set_value();
    });
    ready.get_future().wait();
  }

  ~Backend() { thread_.stop(); }

  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  TargetAddress address;

 private:
  net::LoopThread thread_;
  std::optional<net::HttpServer> server_;
};

// What the data plane said, and waiting for it.
class Reports {
 public:
  local::balancer::DataPlaneEvents events() {
    return {[this](const local::balancer::HealthChange& change) {
              note(change.target, change.health == Health::healthy ? "healthy" : change.reason);
            },
            [this](const std::string&, const TargetAddress& target) { note(target, "drained"); }};
  }

  bool wait_for(const TargetAddress& target, const std::string& what) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 5s, [&] { return last_[target] == what; });
  }

 private:
  void note(const TargetAddress& target, std::string what) {
    const std::lock_guard lock(mutex_);
    last_[target] = std::move(what);
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<TargetAddress, std::string> last_;
};

Desired forward_to(std::vector<local::balancer::TargetSpec> targets,
                   local::balancer::HealthCheck check = {.interval = 20ms}) {
  Desired desired;
  auto& listener = desired.listeners.emplace_back();
  listener.id = "listener";
  listener.rules.push_back({{}, local::balancer::ForwardSpec{{{"group", 1}}, 0s}});
  auto& group = desired.groups.emplace_back();
  group.id = "group";
  group.check = std::move(check);
  group.targets = std::move(targets);
  return desired;
}

std::string ask(Balancer& balancer, net::SocketTransport& transport) {
  const std::string url = "http://127.0.0.1:" + std::to_string(balancer.port_of("listener")) + "/";
  const auto answer = transport.send({"GET", url, {}, "", 5s});
  return answer ? answer->body : "failed: " + answer.error().detail;
}

std::string ask(Balancer& balancer) {
  net::SocketTransport transport;
  return ask(balancer, transport);
}

TargetAddress address_without_server() {
  const auto listener = *net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0));
  return {"127.0.0.1", net::SocketAddress::local_of(listener.get()).port()};
}

}  // namespace

TEST_CASE("connections go to healthy targets only") {
  Reports reports;
  Balancer balancer(reports.events());
  REQUIRE(balancer.open_listener("listener", kTcp, kLoopback, 0).value() == "127.0.0.1");
  CHECK(ask(balancer).starts_with("failed: "));
  Backend a("a");
  Backend b("b");
  balancer.apply(forward_to({{a.address}, {b.address}, {address_without_server()}}));
  REQUIRE(reports.wait_for(a.address, "healthy"));
  REQUIRE(reports.wait_for(b.address, "healthy"));
  std::string answers;
  for (int i = 0; i < 6; ++i) {
    answers += ask(balancer);
  }
  CHECK(std::ranges::count(answers, 'a') == 3);
  CHECK(std::ranges::count(answers, 'b') == 3);
}

TEST_CASE("a target that stopped is passed over at once and reported after its threshold") {
  Reports reports;
  Balancer balancer(reports.events());
  REQUIRE(balancer.open_listener("listener", kTcp, kLoopback, 0));
  Backend a("a");
  auto b = std::make_unique<Backend>("b");
  const TargetAddress b_address = b->address;
  balancer.apply(forward_to({{a.address}, {b_address}}, {.interval = 60ms}));
  REQUIRE(reports.wait_for(a.address, "healthy"));
  REQUIRE(reports.wait_for(b_address, "healthy"));
  b.reset();
  for (int i = 0; i < 4; ++i) {
    CHECK(ask(balancer) == "a");
  }
  CHECK(reports.wait_for(b_address, "Target.FailedHealthChecks"));
}

TEST_CASE("HTTP checks ask for a path and look at the code") {
  Reports reports;
  Balancer balancer(reports.events());
  Backend good("good", 204);
  Backend bad("bad", 503);
  local::balancer::HealthCheck check{.protocol = local::balancer::CheckProtocol::http,
                                     .codes = "200-299",
                                     .interval = 10ms,
                                     .patience = 30ms};
  balancer.apply(forward_to({{good.address}, {bad.address}}, check));
  CHECK(reports.wait_for(good.address, "healthy"));
  CHECK(reports.wait_for(bad.address, "Target.ResponseCodeMismatch"));
}

TEST_CASE("a draining target keeps its connections, gets no new ones, and says when it is empty") {
  Reports reports;
  Balancer balancer(reports.events());
  REQUIRE(balancer.open_listener("listener", kTcp, kLoopback, 0));
  Backend a("a");
  Backend b("b");
  balancer.apply(forward_to({{a.address}}));
  REQUIRE(reports.wait_for(a.address, "healthy"));
  auto old_client = std::make_unique<net::SocketTransport>();
  CHECK(ask(balancer, *old_client) == "a");
  balancer.apply(forward_to({{a.address, true}, {b.address}}));
  REQUIRE(reports.wait_for(b.address, "healthy"));
  CHECK(ask(balancer) == "b");
  CHECK(ask(balancer, *old_client) == "a");
  CHECK(reports.wait_for(a.address, "healthy"));  // not drained yet
  old_client.reset();
  CHECK(reports.wait_for(a.address, "drained"));
}

TEST_CASE("a target that leaves has its connections closed, and so has a listener") {
  Reports reports;
  Balancer balancer(reports.events());
  REQUIRE(balancer.open_listener("listener", kTcp, kLoopback, 0));
  Backend a("a");
  Backend b("b");
  balancer.apply(forward_to({{a.address}}));
  REQUIRE(reports.wait_for(a.address, "healthy"));
  net::SocketTransport client;
  CHECK(ask(balancer, client) == "a");
  balancer.apply(forward_to({{b.address}}));
  REQUIRE(reports.wait_for(b.address, "healthy"));
  CHECK(ask(balancer, client) == "b");  // on a new connection
  const std::uint16_t port = balancer.port_of("listener");
  balancer.close_listener("listener");
  CHECK(balancer.open_listener("listener", kTcp, kLoopback, port).value() == "127.0.0.1");
}

TEST_CASE("large streams pass whole in both directions, past a half-close and a slow reader") {
  Reports reports;
  Balancer balancer(reports.events());
  REQUIRE(balancer.open_listener("listener", kTcp, kLoopback, 0));
  // The target reads everything to its end, then sends it back.
  const auto target = *net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0));
  const TargetAddress address{"127.0.0.1", net::SocketAddress::local_of(target.get()).port()};
  const auto read_all = [](int fd, std::chrono::microseconds pause) {
    std::string all;
    std::vector<char> buffer(100'000);
    while (net::wait_for(fd, POLLIN, std::chrono::steady_clock::now() + 5s) == net::Wait::ready) {
      const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        break;
      }
      all.append(buffer.data(), static_cast<std::size_t>(got));
      std::this_thread::sleep_for(pause);
    }
    return all;
  };
  const auto write_all = [](int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN ||
                 net::wait_for(fd, POLLOUT, std::chrono::steady_clock::now() + 5s) !=
                     net::Wait::ready) {
        return;
      }
    }
    ::shutdown(fd, SHUT_WR);
  };
  std::jthread echo([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::error_code error;
      net::wait_for(target.get(), POLLIN, std::chrono::steady_clock::now() + 20ms);
      const util::Fd fd = net::accept_connection(target.get(), error);
      const std::string all = fd ? read_all(fd.get(), 0us) : "";
      if (!all.empty()) {
        write_all(fd.get(), all);
      }
    }
  });
  balancer.apply(forward_to({{address}}, {.interval = 10s}));
  REQUIRE(reports.wait_for(address, "healthy"));

  std::string sent(24'000'000, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) {
    sent[i] = static_cast<char>((i * 2654435761U) >> 13U);
  }
  const util::Fd client =
      *net::start_connect(*net::SocketAddress::ip("127.0.0.1", balancer.port_of("listener")));
  std::jthread writer([&] { write_all(client.get(), sent); });
  const std::string received = read_all(client.get(), 200us);
  CHECK(received.size() == sent.size());
  CHECK((received == sent));
}

TEST_CASE("no request fails while targets are swapped under load") {
  Reports reports;
  Balancer balancer(reports.events(), {.threads = 2});
  REQUIRE(balancer.open_listener("listener", kTcp, kLoopback, 0));
  auto current = std::make_unique<Backend>("x");
  balancer.apply(forward_to({{current->address}}));
  REQUIRE(reports.wait_for(current->address, "healthy"));

  std::atomic<bool> going = true;
  std::atomic<int> right = 0;
  std::mutex wrong_mutex;
  std::string wrong;  // the answers that were not "x", and when
  std::atomic<int> stage = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      while (going) {
        // A new connection for each request: kept ones would outlive their target's draining.
        const std::string answer = ask(balancer);
        if (answer == "x") {
          right++;
        } else {
          const std::lock_guard lock(wrong_mutex);
          wrong += "stage " + std::to_string(stage) + ": " + answer + "; ";
        }
      }
    });
  }
  for (int swap = 0; swap < 8; ++swap, ++stage) {
    auto next = std::make_unique<Backend>("x");
    balancer.apply(forward_to({{current->address}, {next->address}}));
    REQUIRE(reports.wait_for(next->address, "healthy"));
    balancer.apply(forward_to({{current->address, true}, {next->address}}));
    REQUIRE(reports.wait_for(current->address, "drained"));
    balancer.apply(forward_to({{next->address}}));
    current = std::move(next);
  }
  going = false;
  clients.clear();
  CHECK(wrong == "");
  CHECK(right > 50);
}

TEST_CASE(
    "a taken port moves the listener to the next address, and the reason is said when none is left") {
  const auto taken = *net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0));
  const std::uint16_t port = net::SocketAddress::local_of(taken.get()).port();
  Reports reports;
  Balancer balancer(reports.events());
  CHECK(balancer.open_listener("listener", kTcp, {"127.0.0.1", "127.0.0.2"}, port).value() ==
        "127.0.0.2");
  const auto none = balancer.open_listener("other", kTcp, {"127.0.0.1", "127.0.0.2"}, port);
  CHECK(none.error().kind == local::balancer::BindError::Kind::taken);
  CHECK(none.error().detail ==
        "Port " + std::to_string(port) +
            " is already in use on this machine (127.0.0.1 to 127.0.0.2). Stop "
            "the program that has it, or publish another port.");
}
