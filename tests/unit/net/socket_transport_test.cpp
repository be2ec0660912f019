#include "net/socket_transport.hpp"

#include <array>
#include <functional>
#include <thread>

#include <poll.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "net/socket.hpp"

namespace {

using Script = std::vector<std::string>;

// A server on port 0 that answers each request head it sees with the next line of its script, on as
// many connections as it is asked for; "close" closes the connection. It counts connections.
class ScriptedServer {
 public:
  explicit ScriptedServer(Script script,
                          net::SocketAddress address = *net::SocketAddress::ip("127.0.0.1", 0))
      : listener_(*net::listen_on(address)),
        thread_([this, lines = std::move(script)](const std::stop_token& stop) {
          serve(lines, stop);
        }) {}

  [[nodiscard]] std::string url(std::string_view path) const {
    return "http://" + net::SocketAddress::local_of(listener_.get()).text() + std::string(path);
  }

  std::string received() {
    thread_.request_stop();
    thread_.join();
    return received_;
  }

  int connections = 0;

 private:
  static bool wait(int fd, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (net::wait_for(
              fd, POLLIN, std::chrono::steady_clock::now() + std::chrono::milliseconds(5)) ==
          net::Wait::ready) {
        return true;
      }
    }
    return false;
  }

  void serve(const Script& script, const std::stop_token& stop) {
    util::Fd connection;
    for (const std::string& answer : script) {
      std::string request;
      while (request.find("\r\n\r\n") == std::string::npos) {
        if (!connection) {
          if (!wait(listener_.get(), stop)) {
            return;
          }
          std::error_code error;
          connection = net::accept_connection(listener_.get(), error);
          ++connections;
        }
        if (!wait(connection.get(), stop)) {
          return;
        }
        std::array<char, 4096> bytes{};
        const auto got = ::read(connection.get(), bytes.data(), bytes.size());
        if (got <= 0) {
          connection.reset();
          continue;
        }
        request.append(bytes.data(), static_cast<std::size_t>(got));
      }
      received_ += request;
      if (answer != "close") {
        [[maybe_unused]] const auto sent = ::write(connection.get(), answer.data(), answer.size());
      }
      if (answer == "close" || answer.find("Connection: close") != std::string::npos) {
        connection.reset();
      }
    }
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  util::Fd listener_;
  std::string received_;
  std::jthread thread_;
};

net::HttpRequest get(std::string url) {
  return {"GET", std::move(url), {}, "", std::chrono::seconds(5)};
}

constexpr const char* kHi = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

}  // namespace

TEST_CASE("one connection serves several requests; a POST says how long it is") {
  ScriptedServer server({kHi, kHi});
  net::SocketTransport transport;
  CHECK(transport.send(get(server.url("/a?b"))).value().body == "hi");
  auto post = get(server.url("/c"));
  post.method = "POST";
  post.body = "xyz";
  post.headers = {{"X-Test", "1"}};
  CHECK(transport.send(post).value().status == 200);
  const std::string received = server.received();
  CHECK(received.starts_with("GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:"));
  CHECK(received.find("POST /c HTTP/1.1\r\n") != std::string::npos);
  CHECK(received.ends_with("X-Test: 1\r\nContent-Length: 3\r\n\r\nxyz"));
  CHECK(server.connections == 1);
}

TEST_CASE("a kept connection that the server closed meanwhile is replaced for a GET") {
  ScriptedServer server({kHi, "close", kHi});
  net::SocketTransport transport;
  CHECK(transport.send(get(server.url("/"))).has_value());
  CHECK(transport.send(get(server.url("/"))).value().body == "hi");
  server.received();
  CHECK(server.connections == 2);
}

TEST_CASE("a stream hands over the body as it comes, errors keep theirs") {
  ScriptedServer server(
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
       "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"});
  net::SocketTransport transport;
  std::string body;
  const net::BodySink collect = [&](std::string_view piece) {
    body += piece;
    return true;
  };
  const auto streamed = transport.stream(get(server.url("/")), collect, {});
  CHECK(streamed.value().status == 200);
  CHECK(streamed.value().body.empty());
  CHECK(body == "abcde");
  CHECK(transport.stream(get(server.url("/")), collect, {}).value().body == "gone");

  // The third answer never ends: the stop token ends the wait.
  std::stop_source stop;
  const auto stopping = [&](std::string_view) {
    stop.request_stop();
    return true;
  };
  const auto stopped = transport.stream(get(server.url("/")), stopping, stop.get_token());
  CHECK(stopped.error().kind == net::TransportError::Kind::cancelled);
}

TEST_CASE("each way to fail has its kind") {
  using Kind = net::TransportError::Kind;
  net::SocketTransport transport;
  ScriptedServer server({"",
                         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhi",
                         "SSH-2.0\r\n\r\n"});
  auto slow = get(server.url("/"));
  slow.timeout = std::chrono::milliseconds(30);
  CHECK(transport.send(slow).error().kind == Kind::timeout);
  CHECK(transport.send(get(server.url("/"))).error().kind == Kind::protocol);
  CHECK(transport.send(get(server.url("/"))).error().kind == Kind::protocol);
  CHECK(transport.send(get("https://127.0.0.1/")).error().kind == Kind::protocol);
  const auto closed = *net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0), 1);
  const std::string nobody = "http://" + net::SocketAddress::local_of(closed.get()).text() + "/";
  ::shutdown(closed.get(), SHUT_RDWR);
  CHECK(transport.send(get(nobody)).error().kind == Kind::connect);
}

TEST_CASE("a unix socket is reached by its path") {
  const std::string path = "/tmp/net-test-" + std::to_string(::getpid()) + ".sock";
  {
    ScriptedServer server({kHi}, *net::SocketAddress::unix_path(path));
    const auto transport = net::SocketTransport::to_unix_socket(path);
    CHECK(transport->send(get("http://docker/v1.41/info")).value().body == "hi");
    CHECK(server.received() == "GET /v1.41/info HTTP/1.1\r\nHost: docker\r\n\r\n");
  }
  ::unlink(path.c_str());
  const auto transport = net::SocketTransport::to_unix_socket(path);
  const auto answer = transport->send(get("http://docker/"));
  CHECK(answer.error().kind == net::TransportError::Kind::connect);
  CHECK(answer.error().detail == path + ": No such file or directory");
}
