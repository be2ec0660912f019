#include "cli/open_service.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <variant>

#include "aws/client.hpp"
#include "cli/local_engine.hpp"
#include "net/socket_transport.hpp"

namespace cli {
namespace {

using util::unexpected;

ServiceError::Kind kind_of(aws::Error::Kind kind) {
  switch (kind) {
    case aws::Error::Kind::service:
    case aws::Error::Kind::throttled:
    case aws::Error::Kind::denied:
    case aws::Error::Kind::unreadable: return ServiceError::Kind::answered;
    case aws::Error::Kind::credentials:
    case aws::Error::Kind::expired:
    case aws::Error::Kind::configuration: return ServiceError::Kind::credentials;
    case aws::Error::Kind::unreachable: return ServiceError::Kind::unreachable;
    case aws::Error::Kind::cancelled: return ServiceError::Kind::cancelled;
  }
  return ServiceError::Kind::answered;
}

// Sleeps until the time is over or a stop is requested; false in the latter case.
bool pause_for(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

class ClientService final : public AwsService {
 public:
  ClientService(std::unique_ptr<net::HttpTransport> transport, std::unique_ptr<aws::Client> client)
      : transport_(std::move(transport)), client_(std::move(client)) {}

  util::Result<doc::Node, ServiceError> call(const awsapi::Operation& operation,
                                             const doc::Node& input) override {
    auto answer = client_->call(operation, input);
    if (!answer) {
      const aws::Error& error = answer.error();
      return unexpected(ServiceError{kind_of(error.kind), error.code, error.message});
    }
    return std::move(*answer);
  }

 private:
  std::unique_ptr<net::HttpTransport> transport_;
  std::unique_ptr<aws::Client> client_;  // uses transport_
};

aws::World world_of(const Session& session, net::HttpTransport& transport) {
  aws::World world = aws::system_world(transport, session.clock());
  world.pause = [stop = session.stop()](std::chrono::milliseconds duration) {
    return pause_for(duration, stop);
  };
  return world;
}

util::Result<std::unique_ptr<AwsService>, Failure> open_local(const Session& session,
                                                              const LocalTarget& target) {
  const auto engine = ensure_engine(session, target);
  if (!engine) {
    return unexpected(engine.error());
  }
  auto transport = std::make_unique<net::SocketTransport>();
  auto client = aws::Client::for_local_engine(
      engine->info.endpoint(), world_of(session, *transport), engine->info.region);
  return std::make_unique<ClientService>(std::move(transport), std::move(client));
}

}  // namespace

util::Result<std::unique_ptr<AwsService>, Failure> open_service(const Session& session,
                                                                const Target& target) {
  if (const auto* local = std::get_if<LocalTarget>(&target.endpoint)) {
    return open_local(session, *local);
  }
  return unexpected(Failure{"this build cannot reach AWS", ""});
}

}  // namespace cli
