#include "docker/http_engine.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace {

// Answers the requests of one connection after another with what the test wrote down. "CLOSE"
// closes the connection.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    path = "/tmp/docker-ecs-test-" + std::to_string(getpid()) + "-" + std::to_string(++count_) +
           ".sock";
    unlink(path.c_str());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    listen(listener_, 4);
    thread_ = std::thread([this] { run(); });
  }

  ~ScriptedServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    unlink(path.c_str());
  }

  std::string path;
  std::vector<std::string> requests;  // read after the client has all its answers

 private:
  void run() {
    std::size_t next = 0;
    while (next < answers_.size()) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) {
        return;
      }
      while (next < answers_.size()) {
        std::string request;
        char buffer[4096];
        while (request.find("\r\n\r\n") == std::string::npos) {
          const auto got = recv(fd, buffer, sizeof(buffer), 0);
          if (got <= 0) {
            break;
          }
          request.append(buffer, static_cast<std::size_t>(got));
        }
        if (request.empty()) {
          break;
        }
        requests.push_back(request.substr(0, request.find("\r\n")));
        const std::string& answer = answers_[next++];
        if (answer == "CLOSE") {
          break;
        }
        for (const char c : answer) {  // byte by byte: every boundary is crossed
          send(fd, &c, 1, MSG_NOSIGNAL);
        }
        if (answer.find("Content-Length") == std::string::npos &&
            answer.find("chunked") == std::string::npos) {
          break;
        }
      }
      char rest = 0;
      if (next == answers_.size() && answers_.back() != "CLOSE") {
        [[maybe_unused]] const auto end = recv(fd, &rest, 1, 0);  // until the client closes
      }
      close(fd);
    }
  }

  static inline int count_ = 0;
  std::vector<std::string> answers_;
  int listener_ = -1;
  std::thread thread_;
};

std::string answer(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

const std::string kVersion =
    answer("200 OK", R"({"Version":"20.10","ApiVersion":"1.41","MinAPIVersion":"1.12"})");

}  // namespace

TEST_CASE("the API version is the newest both sides know, asked once") {
  ScriptedServer server({kVersion, answer("200 OK", "[]"), answer("200 OK", "[]")});
  auto engine = docker::make_http_engine("unix://" + server.path);
  REQUIRE(engine);
  CHECK((*engine)->list_networks());
  CHECK((*engine)->list_networks());
  CHECK(server.requests == std::vector<std::string>{"GET /version HTTP/1.1",
                                                    "GET /v1.41/networks HTTP/1.1",
                                                    "GET /v1.41/networks HTTP/1.1"});
}

TEST_CASE("errors carry Docker's own words") {
  ScriptedServer server({kVersion, answer("404 Not Found", R"({"message":"No such image: x"})")});
  auto engine = docker::make_http_engine(server.path);
  const auto image = (*engine)->inspect_image("x");
  REQUIRE(!image);
  CHECK(image.error().kind == docker::ErrorKind::not_found);
  CHECK(image.error().message == "No such image: x");
}

TEST_CASE("an error line inside a successful pull is an error") {
  ScriptedServer server({kVersion,
                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "12\r\n{\"status\":\"Pull\"}\n\r\n"
                         "16\r\n{\"error\":\"disk full\"}\n\r\n0\r\n\r\n"});
  auto engine = docker::make_http_engine(server.path);
  const auto pulled = (*engine)->pull_image("x:1", nullptr);
  REQUIRE(!pulled);
  CHECK(pulled.error().message == "disk full");
}

TEST_CASE("a kept connection that the engine closed is opened again") {
  ScriptedServer server({kVersion, "CLOSE", answer("200 OK", "[]")});
  auto engine = docker::make_http_engine(server.path);
  CHECK((*engine)->list_networks());
}

TEST_CASE("no engine is an error of its own kind") {
  auto engine = docker::make_http_engine("unix:///nonexistent/docker.sock");
  REQUIRE(engine);
  const auto pinged = (*engine)->ping();
  REQUIRE(!pinged);
  CHECK(pinged.error().kind == docker::ErrorKind::unreachable);
  CHECK(!docker::make_http_engine("ssh://host"));
}

TEST_CASE("events arrive as they happen, and destroying the stream ends it") {
  const std::string event =
      R"({"Action":"die","Actor":{"ID":"abc","Attributes":{"exitCode":"3"}},"timeNano":1700000000123456789})"
      "\n";
  ScriptedServer server(
      {"HTTP/1.1 200 OK\r\n\r\n{\"ApiVersion\":\"1.41\"}",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n63\r\n" + event + "\r\n"});
  REQUIRE(event.size() == 0x63);
  auto engine = docker::make_http_engine(server.path);
  std::promise<docker::Event> arrived;
  std::atomic<int> ends{0};
  auto stream = (*engine)->watch_events(
      {"a=b"},
      0,
      {},
      [&](docker::Event e) { arrived.set_value(std::move(e)); },
      [&](const docker::Error*) { ++ends; });
  auto future = arrived.get_future();
  REQUIRE(future.wait_for(std::chrono::seconds{5}) == std::future_status::ready);
  const docker::Event got = future.get();
  CHECK(got.action == "die");
  CHECK(got.attributes.at("exitCode") == "3");
  CHECK(got.time_nanos == 1'700'000'000'123'456'789);
  stream.reset();
  CHECK(ends == 0);
}
