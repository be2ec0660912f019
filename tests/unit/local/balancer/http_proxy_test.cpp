#include "local/balancer/http_proxy.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <doctest/doctest.h>

#include "local/balancer/balancer.hpp"
#include "local/certificates/authority.hpp"
#include "net/socket.hpp"
#include "net/socket_transport.hpp"

namespace {

using namespace std::chrono_literals;
using namespace local::balancer;

std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + 5s;
}

// What comes until `enough` is in it, or the end.
std::string read_until(int fd, std::string_view enough) {
  std::string all;
  std::array<char, 4096> buffer{};
  while (all.find(enough) == std::string::npos &&
         net::wait_for(fd, POLLIN, soon()) == net::Wait::ready) {
    const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      break;
    }
    all.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return all;
}

// Answers each connection's requests with what `script` makes of everything read so far; an empty
// answer ends the connection.
class ScriptedTarget {
 public:
  using Script = std::function<std::string(const std::string& request)>;

  explicit ScriptedTarget(Script script)
      : script_(std::move(script)),
        listener_(*net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0))),
        thread_([this](const std::stop_token& stop) { serve(stop); }) {
    address = {"127.0.0.1", net::SocketAddress::local_of(listener_.get()).port()};
  }

  TargetAddress address;
  std::atomic<int> connections = 0;
  std::atomic<int> requests = 0;

 private:
  void serve(const std::stop_token& stop) {
    std::vector<std::jthread> threads;
    while (!stop.stop_requested()) {
      net::wait_for(listener_.get(), POLLIN, std::chrono::steady_clock::now() + 10ms);
      std::error_code error;
      util::Fd client = net::accept_connection(listener_.get(), error);
      if (client) {
        threads.emplace_back([this, stop, fd = std::make_shared<util::Fd>(std::move(client))] {
          talk(stop, fd->get());
        });
      }
    }
  }

  void talk(const std::stop_token& stop, int fd) {
    bool counted = false;
    std::string request;
    std::array<char, 65536> buffer{};
    while (!stop.stop_requested()) {
      if (net::wait_for(fd, POLLIN, std::chrono::steady_clock::now() + 10ms) != net::Wait::ready) {
        continue;
      }
      const auto got = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        return;
      }
      request.append(buffer.data(), static_cast<std::size_t>(got));
      if (request.find("\r\n\r\n") == std::string::npos) {
        continue;
      }
      connections += counted ? 0 : 1;
      counted = true;
      const std::string answer = script_(request);
      if (answer == "more") {
        continue;
      }
      ++requests;
      if (!answer.starts_with("HTTP/1.1 100")) {
        request.clear();
      }
      if (answer.empty()) {
        return;
      }
      [[maybe_unused]] const auto sent = ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  Script script_;
  util::Fd listener_;
  std::jthread thread_;
};

std::string plain(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// A balancer with one HTTP listener; groups "a" and "b" as they are filled in.
struct Front {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<TargetAddress, Health> health;
  Balancer balancer;
  Desired desired;

  explicit Front(HttpProxyOptions options = {}, ListenerKind kind = ListenerKind::http)
      : balancer({[this](const HealthChange& change) {
                    const std::lock_guard lock(mutex);
                    health[change.target] = change.health;
                    changed.notify_all();
                  },
                  [](const std::string&, const TargetAddress&) {}},
                 {.http = options}) {
    ::signal(SIGPIPE, SIG_IGN);
    REQUIRE(balancer.open_listener("l", kind, {"127.0.0.1"}, 0));
    ListenerSpec& listener = desired.listeners.emplace_back();
    listener.id = "l";
    listener.kind = kind;
    listener.port = balancer.port_of("l");
    for (const char* id : {"a", "b"}) {
      GroupSpec& group = desired.groups.emplace_back();
      group.id = id;
      group.least_busy = false;
      group.check.interval = 20ms;
    }
  }

  ListenerSpec& listener() { return desired.listeners.front(); }

  GroupSpec& group(std::size_t index) { return desired.groups.at(index); }

  void forward_to_a() { listener().rules = {{{}, ForwardSpec{{{"a", 1}}, 0s}}}; }

  void apply() {
    balancer.apply(desired);
    std::unique_lock lock(mutex);
    for (const GroupSpec& spec : desired.groups) {
      for (const TargetSpec& target : spec.targets) {
        REQUIRE((target.draining || changed.wait_for(lock, 5s, [&] {
          return health[target.address] == Health::healthy;
        })));
      }
    }
  }

  util::Fd connect() {
    util::Fd fd = *net::start_connect(*net::SocketAddress::ip("127.0.0.1", balancer.port_of("l")));
    net::wait_for(fd.get(), POLLOUT, soon());
    return fd;
  }

  // One connection's bytes, and all that comes back until `enough` or the end.
  std::string exchange(std::string_view bytes, std::string_view enough) {
    const util::Fd fd = connect();
    ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return read_until(fd.get(), enough);
  }

  // The body that a request to `path` on `host` is answered with, or the status when it is no 200.
  std::string get(const std::string& host, const std::string& path) {
    const std::string answer = exchange(
        "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n", "never");
    if (!answer.starts_with("HTTP/1.1 200")) {
      return answer.substr(9, 3);
    }
    return answer.substr(answer.find("\r\n\r\n") + 4);
  }
};

}  // namespace

TEST_CASE("rules choose by host and path; nothing that matches is the default's") {
  ScriptedTarget a([](const std::string&) { return plain("from a"); });
  ScriptedTarget b([](const std::string&) { return plain("from b"); });
  Front front;
  front.group(0).targets = {{a.address}};
  front.group(1).targets = {{b.address}};
  const auto host = [](const char* name) {
    return Condition{Condition::Field::host, {}, {name}, {}};
  };
  const Condition api{Condition::Field::path, {}, {"/api/*"}, {}};
  front.listener().rules = {
      {{host("a.localhost")}, ForwardSpec{{{"a", 1}}, 0s}},
      {{host("shop.localhost"), api}, ForwardSpec{{{"b", 1}}, 0s}},
      {{host("shop.localhost")}, ForwardSpec{{{"a", 1}}, 0s}},
      {{host("old.localhost")}, RedirectSpec{.protocol = "HTTPS", .port = "443"}},
      {{}, FixedResponseSpec{404, "text/plain", "nobody"}}};
  front.apply();
  CHECK(front.get("a.localhost", "/") == "from a");
  CHECK(front.get("shop.localhost", "/api/x") == "from b");
  CHECK(front.get("shop.localhost", "/x") == "from a");
  CHECK(front.get("nobody.localhost", "/") == "404");
  CHECK(front.exchange("GET /p?q HTTP/1.1\r\nHost: old.localhost\r\n\r\n", "</html>")
            .find("Location: https://old.localhost:443/p?q\r\n") != std::string::npos);
}

TEST_CASE("connections are kept on both sides and answers come in order") {
  ScriptedTarget target([](const std::string& request) {
    return plain(request.substr(4, request.find(' ', 4) - 4));
  });
  Front front;
  front.group(0).targets = {{target.address}};
  front.forward_to_a();
  front.apply();
  const std::string all = front.exchange(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n",
      "/3");
  const std::size_t second = all.find("\r\n\r\n/2");
  CHECK(all.find("\r\n\r\n/1") < second);
  CHECK(second < all.find("\r\n\r\n/3"));
  CHECK(target.connections == 1);
}

TEST_CASE("bodies pass both ways, counted or in chunks") {
  ScriptedTarget target([](const std::string& request) -> std::string {
    const bool chunked = request.find("Transfer-Encoding: chunked") != std::string::npos;
    if (chunked ? !request.ends_with("0\r\n\r\n") : !request.ends_with("end")) {
      return "more";
    }
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\n" +
           std::string(chunked ? "defg" : "DEFG") + "\r\n0\r\n\r\n";
  });
  Front front;
  front.group(0).targets = {{target.address}};
  front.forward_to_a();
  front.apply();
  const std::string body = std::string(300'000, 'x') + "end";
  std::string answer = front.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                          std::to_string(body.size()) + "\r\n\r\n" + body,
                                      "0\r\n\r\n");
  CHECK(answer.find("3\r\nabc\r\n") != std::string::npos);
  CHECK(answer.find("4\r\nDEFG\r\n") != std::string::npos);
  answer = front.exchange(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "0\r\n\r\n");
  CHECK(answer.find("defg") != std::string::npos);
  // A client of HTTP/1.0 gets it without chunks, until the end.
  answer = front.exchange("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nend", "never");
  CHECK(answer.ends_with("\r\n\r\nabcDEFG"));
}

TEST_CASE("what two readers could understand differently is refused") {
  ScriptedTarget target([](const std::string&) { return plain("no"); });
  Front front;
  front.group(0).targets = {{target.address}};
  front.forward_to_a();
  front.apply();
  const auto status = [&](std::string_view bytes) {
    const std::string answer = front.exchange(bytes, "never");
    return answer.size() > 12 ? answer.substr(9, 3) : "none";
  };
  CHECK(status("GET / HTTP/1.1\r\n\r\n") == "400");
  CHECK(
      status("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
             "0\r\n\r\n") == "400");
  CHECK(status("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n") == "501");
  CHECK(status("GET / HTTP/1.1\r\nHost: x\r\n folded: 1\r\n\r\n") == "400");
  CHECK(status("GET / HTTP/1.1\nHost: x\n\n\r\n\r\n") == "400");
  CHECK(status("TRACE / HTTP/1.1\r\nHost: x\r\n\r\n") == "405");
  CHECK(status("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(70'000, 'a') + "\r\n\r\n") ==
        "400");
  CHECK(target.requests == 0);
}

TEST_CASE("targets that fail are 502, 503 and 504") {
  Front front({.last_connect_timeout = 200ms});
  front.forward_to_a();
  front.listener().http.idle_timeout = 150ms;
  front.apply();
  CHECK(front.get("x", "/") == "503");
  ScriptedTarget target([](const std::string& request) -> std::string {
    return request.starts_with("GET /nonsense") ? "SMTP ready\r\n\r\n"
           : request.starts_with("GET /slow")   ? "more"
                                                : "";
  });
  front.group(0).targets = {{target.address}};
  front.apply();
  CHECK(front.get("x", "/nonsense") == "502");
  CHECK(front.get("x", "/end") == "502");
  CHECK(front.get("x", "/slow") == "504");
}

TEST_CASE("a kept connection that has ended is noticed, and the request sent again") {
  std::atomic<int> seen = 0;
  ScriptedTarget target([&](const std::string&) -> std::string {
    // The second request on a connection finds it closed.
    return ++seen == 2 ? "" : plain("ok");
  });
  Front front;
  front.group(0).targets = {{target.address}};
  front.forward_to_a();
  front.apply();
  CHECK(front.get("x", "/") == "ok");
  CHECK(front.get("x", "/") == "ok");
  CHECK(seen == 3);
}

TEST_CASE("a cookie brings a client back to its target, an expired or foreign one does not") {
  ScriptedTarget one([](const std::string&) { return plain("one"); });
  ScriptedTarget two([](const std::string&) { return plain("two"); });
  Front front;
  front.group(0).targets = {{one.address}, {two.address}};
  front.group(0).sticky = {Stickiness::Kind::lb_cookie, 60s, ""};
  front.forward_to_a();
  front.apply();
  const auto ask = [&](const std::string& cookie) {
    return front.exchange(
        "GET / HTTP/1.1\r\nHost: x\r\nCookie: " + cookie + "\r\nConnection: close\r\n\r\n",
        "never");
  };
  const std::string first = ask("a=b");
  const std::size_t at = first.find("AWSALB=");
  REQUIRE(at != std::string::npos);
  const std::string cookie = first.substr(at, first.find(';', at) - at);
  const std::string name = first.substr(first.size() - 3);
  for (int i = 0; i < 5; ++i) {
    CHECK(ask("x=y; " + cookie).ends_with(name));
  }
  std::string others;
  for (int i = 0; i < 4; ++i) {
    others +=
        ask(i < 2 ? "AWSALB=nonsense" : "AWSALB=00000000000000000000000000000000-99999999999");
  }
  CHECK(others.find("one") != std::string::npos);
  CHECK(others.find("two") != std::string::npos);
}

TEST_CASE("an upgraded connection carries anything both ways") {
  ScriptedTarget target([](const std::string& request) -> std::string {
    if (request.find("Upgrade: websocket") != std::string::npos) {
      return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
             "Upgrade\r\n\r\nhello";
    }
    return "echo " + request;
  });
  Front front;
  front.group(0).targets = {{target.address}};
  front.forward_to_a();
  front.apply();
  const util::Fd fd = front.connect();
  const std::string_view ask =
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  ::send(fd.get(), ask.data(), ask.size(), MSG_NOSIGNAL);
  CHECK(read_until(fd.get(), "hello").starts_with("HTTP/1.1 101 "));
  ::send(fd.get(), "ping\r\n\r\n", 8, MSG_NOSIGNAL);
  CHECK(read_until(fd.get(), "ping").starts_with("echo ping"));
}

TEST_CASE("a request that waits for leave to send its body gets it") {
  ScriptedTarget target([](const std::string& request) -> std::string {
    return request.ends_with("body") ? plain("thanks") : "HTTP/1.1 100 Continue\r\n\r\n";
  });
  Front front;
  front.group(0).targets = {{target.address}};
  front.forward_to_a();
  front.apply();
  const util::Fd fd = front.connect();
  const std::string_view ask =
      "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  ::send(fd.get(), ask.data(), ask.size(), MSG_NOSIGNAL);
  CHECK(read_until(fd.get(), "\r\n\r\n").starts_with("HTTP/1.1 100 Continue\r\n"));
  ::send(fd.get(), "body", 4, MSG_NOSIGNAL);
  CHECK(read_until(fd.get(), "thanks").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("no request fails while targets are swapped, though clients keep their connections") {
  Front front;
  front.forward_to_a();
  const auto script = [](const std::string&) { return plain("x"); };
  auto current = std::make_unique<ScriptedTarget>(script);
  front.group(0).targets = {{current->address}};
  front.apply();
  std::atomic<bool> going = true;
  std::atomic<int> right = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      net::SocketTransport transport;
      const std::string url = "http://127.0.0.1:" + std::to_string(front.listener().port) + "/";
      while (going) {
        const auto answer = transport.send({"GET", url, {}, "", 5s});
        (answer && answer->status == 200 ? right : wrong)++;
      }
    });
  }
  for (int swap = 0; swap < 5; ++swap) {
    auto next = std::make_unique<ScriptedTarget>(script);
    front.group(0).targets = {{current->address}, {next->address}};
    front.apply();
    front.group(0).targets = {{current->address, true}, {next->address}};
    front.apply();
    std::this_thread::sleep_for(30ms);
    front.group(0).targets = {{next->address}};
    front.apply();
    current = std::move(next);
  }
  going = false;
  clients.clear();
  CHECK(wrong == 0);
  CHECK(right > 50);
}

TEST_CASE("TLS is taken off, with the certificate for the name") {
  const auto authority = local::Authority::make("test", std::chrono::system_clock::now());
  const auto pair_for = [&](const char* name) {
    const auto issued = authority.issue({name}, std::chrono::system_clock::now());
    return std::make_shared<const KeyPair>(KeyPair{issued.certificate, issued.key});
  };
  ScriptedTarget target([](const std::string& request) {
    return plain(request.find("X-Forwarded-Proto: https\r\n") != std::string::npos ? "secure"
                                                                                   : "plain");
  });
  Front front({}, ListenerKind::https);
  front.group(0).targets = {{target.address}};
  front.forward_to_a();
  front.listener().certificates = {pair_for("a.localhost"), pair_for("b.localhost")};
  front.apply();
  // The other side of TLS is ours too: a group of targets that speak it.
  Front outer;
  outer.group(0).targets = {{{"127.0.0.1", front.listener().port}}};
  outer.group(0).tls = true;
  outer.forward_to_a();
  outer.apply();
  CHECK(outer.get("b.localhost", "/") == "secure");
}

TEST_CASE("datagrams find their target and the answers their client") {
  const util::Fd target = *net::bind_datagrams(*net::SocketAddress::ip("127.0.0.1", 0));
  const std::uint16_t port = net::SocketAddress::local_of(target.get()).port();
  // Health is asked by TCP, as for any UDP target group.
  const util::Fd health = *net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0));
  Front front({}, ListenerKind::udp);
  front.group(0).check.port = net::SocketAddress::local_of(health.get()).port();
  front.group(0).targets = {{{"127.0.0.1", port}}};
  front.forward_to_a();
  front.apply();
  const auto front_port = front.balancer.port_of("l");
  for (const char* name : {"one", "two"}) {
    const util::Fd client =
        *net::connect_datagrams(*net::SocketAddress::ip("127.0.0.1", front_port));
    for (int i = 0; i < 3; ++i) {
      ::send(client.get(), name, 3, 0);
      REQUIRE(net::wait_for(target.get(), POLLIN, soon()) == net::Wait::ready);
      std::array<char, 64> buffer{};
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const auto got = ::recvfrom(
          target.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      REQUIRE(got == 3);
      ::sendto(target.get(), buffer.data(), 3, 0, reinterpret_cast<sockaddr*>(&from), size);
      REQUIRE(net::wait_for(client.get(), POLLIN, soon()) == net::Wait::ready);
      CHECK(::recv(client.get(), buffer.data(), buffer.size(), 0) == 3);
      CHECK(std::string(buffer.data(), 3) == name);
    }
  }
}
