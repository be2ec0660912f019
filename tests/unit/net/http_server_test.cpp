#include "net/http_server.hpp"

#include <array>
#include <future>
#include <optional>
#include <thread>

#include <poll.h>
#include <sys/socket.h>

#include <doctest/doctest.h>

#include "net/socket.hpp"
#include "net/socket_transport.hpp"

namespace {

using namespace std::chrono_literals;

// Echoes method, url and body; answers from another thread when the url says so.
class EchoServer {
 public:
  explicit EchoServer(net::HttpServerOptions options = {}) {
    auto listener = *net::listen_on(*net::SocketAddress::ip("127.0.0.1", 0));
    address_ = net::SocketAddress::local_of(listener.get());
    run([&] {
      server_.emplace(
          thread_.loop(),
          std::move(listener),
          [this](net::HttpRequest request, net::HttpServer::Reply reply) {
            net::HttpResponse response{
                200, {}, request.method + " " + request.url + " " + request.body};
            if (request.url.starts_with("/later")) {
              later_.push_back(std::async(std::launch::async, [reply, response] {
                std::this_thread::sleep_for(5ms);
                reply(response);
              }));
            } else if (request.url.starts_with("/big")) {
              response.body = std::string(8 * 1024 * 1024, 'x');
              reply(response);
            } else {
              reply(response);
            }
          },
          options);
    });
  }

  ~EchoServer() {
    run([&] {
      for (auto& one : later_) {
        one.wait();
      }
      server_.reset();
    });
  }

  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  [[nodiscard]] std::string url(std::string_view path) const {
    return "http://" + address_.text() + std::string(path);
  }

  // Sends the bytes in pieces, then reads until the server closes or nothing came for `patience`.
  [[nodiscard]] std::string raw(std::string_view bytes,
                                std::size_t piece = 100'000,
                                std::chrono::milliseconds patience = 40ms) const {
    const util::Fd fd = *net::start_connect(address_);
    net::wait_for(fd.get(), POLLOUT, net::Deadline::max());
    while (!bytes.empty()) {
      const auto sent = ::send(fd.get(), bytes.data(), std::min(piece, bytes.size()), MSG_NOSIGNAL);
      REQUIRE(sent > 0);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string out;
    std::array<char, 65536> buffer{};
    while (net::wait_for(fd.get(), POLLIN, std::chrono::steady_clock::now() + patience) ==
           net::Wait::ready) {
      const auto got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        return out + "<closed>";
      }
      out.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return out;
  }

 private:
  void run(const std::function<void()>& action) {
    std::promise<void> done;
    thread_.loop().post([&] {
      action();
      done.set_value();
    });
    done.get_future().wait();
  }

  net::SocketAddress address_;
  std::vector<std::future<void>> later_;
  std::optional<net::HttpServer> server_;
  net::LoopThread thread_;
};

std::string ok(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

}  // namespace

TEST_CASE("requests of one connection are answered in order, even when answered late") {
  const EchoServer server;
  const std::string three =
      "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
      "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /later3 HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string wanted = ok("POST /later hi") + ok("GET /2 ") + ok("GET /later3 ");
  CHECK(server.raw(three) == wanted);
  CHECK(server.raw(three, 1) == wanted);
}

TEST_CASE("many clients at once, on kept connections") {
  const EchoServer server;
  net::SocketTransport transport;
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 25; ++j) {
        const std::string path = "/later" + std::to_string(i * 100 + j);
        const auto answer = transport.send({"POST", server.url(path), {}, "b", 5s});
        right += answer && answer->body == "POST " + path + " b" ? 1 : 0;
      }
    });
  }
  threads.clear();
  CHECK(right == 200);
}

TEST_CASE("a large answer is written as fast as the client reads it") {
  const EchoServer server;
  net::SocketTransport transport;
  CHECK(transport.send({"GET", server.url("/big"), {}, "", 5s}).value().body.size() ==
        8 * 1024 * 1024);
}

TEST_CASE("bad and oversized requests get their status and the connection ends") {
  const EchoServer server({.limits = {.head = 300, .headers = 10, .body = 10}});
  CHECK(server.raw("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(server.raw("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(3000, 'x'))
            .starts_with("HTTP/1.1 431 "));
  const std::string large =
      server.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n12345678901");
  CHECK(large.starts_with("HTTP/1.1 413 Content Too Large\r\n"));
  CHECK(large.ends_with("the body is too large\n<closed>"));
  CHECK(server.raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .ends_with("GET / <closed>"));
}

TEST_CASE("a client that expects 100-continue is asked to go on") {
  const EchoServer server;
  const std::string head =
      "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  CHECK(server.raw(head) == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(server.raw(head + "hi") == "HTTP/1.1 100 Continue\r\n\r\n" + ok("POST / hi"));
}

TEST_CASE("slow and idle clients are let go") {
  const EchoServer server({.request_timeout = 30ms, .idle_timeout = 30ms});
  CHECK(server.raw("GET / HT", 8, 500ms).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(server.raw("", 1, 500ms) == "<closed>");
}

TEST_CASE("more clients than connections wait for their turn") {
  const EchoServer server({.connections = 2});
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      net::SocketTransport transport;  // closes its connection when it is done
      right += transport.send({"GET", server.url("/later"), {}, "", 5s}).has_value() ? 1 : 0;
    });
  }
  threads.clear();
  CHECK(right == 6);
}
