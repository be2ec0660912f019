#include "local/endpoint/serve.hpp"

#include <cerrno>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "local/daemon/engine_info.hpp"
#include "local/endpoint/endpoint.hpp"
#include "local/engine.hpp"
#include "net/event_loop.hpp"
#include "net/socket.hpp"
#include "net/url.hpp"

namespace local {

namespace {

std::string first_line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

EndpointPorts ports_of(Engine& engine, const daemon::RunOptions& options, std::uint16_t port) {
  const auto health =
      [info = daemon::EngineInfo{.pid = ::getpid(),
                                 .port = port,
                                 .engine_id = first_line_of(options.paths.id()),
                                 .version = options.version,
                                 .region = options.region,
                                 .docker_host = options.docker_host,
                                 .started_ms = engine.context().now().time_since_epoch().count()}] {
        doc::Node facts = daemon::to_node(info);
        facts.as_mapping()->set("docker", doc::Node(accepts_connections(info.docker_host)));
        return facts;
      };
  const auto call =
      [&engine](const awsapi::Operation& operation, doc::Node input, EndpointPorts::Answer done) {
        engine.post_call(operation, std::move(input), std::move(done));
      };
  return {call, health, random_uuid};
}

class EndpointThread final : public daemon::Server {
 public:
  EndpointThread(util::Fd listener, EndpointPorts ports)
      : port_(net::SocketAddress::local_of(listener.get()).port()),
        endpoint_(thread_.loop(), std::move(listener), std::move(ports)) {
    thread_.start();
  }

  ~EndpointThread() override { thread_.stop(); }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

 private:
  std::uint16_t port_;
  net::LoopThread thread_{net::LoopThread::Start::later};
  Endpoint endpoint_;
};

}  // namespace

bool accepts_connections(const std::string& docker_host) {
  constexpr std::string_view kUnix = "unix://";
  std::optional<net::SocketAddress> address;
  if (docker_host.starts_with(kUnix)) {
    address = net::SocketAddress::unix_path(std::string_view(docker_host).substr(kUnix.size()));
  } else if (const auto url = net::parse_url(docker_host)) {
    address = net::SocketAddress::ip(url->host, url->port);
  }
  if (!address) {
    return false;
  }
  const auto socket = net::start_connect(*address);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  return socket && net::wait_for(socket->get(), POLLOUT, deadline) == net::Wait::ready &&
         !net::connect_error(socket->get());
}

daemon::Serve serve_over_http(const daemon::RunOptions& options) {
  return [options](Engine& engine, std::uint16_t port)
             -> util::Result<std::unique_ptr<daemon::Server>, daemon::ServeFailure> {
    auto listener = net::listen_on(*net::SocketAddress::ip("127.0.0.1", port));
    if (!listener) {
      const std::error_code error = listener.error();
      return util::unexpected(daemon::ServeFailure{error.value() == EADDRINUSE, error.message()});
    }
    const std::uint16_t bound = net::SocketAddress::local_of(listener->get()).port();
    return std::make_unique<EndpointThread>(std::move(*listener), ports_of(engine, options, bound));
  };
}

}  // namespace local
