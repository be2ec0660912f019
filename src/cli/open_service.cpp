#include "cli/open_service.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <variant>

#include "aws/client.hpp"
#include "aws/credential_chain.hpp"
#include "aws/settings.hpp"
#include "cli/local_engine.hpp"
#include "cli/present/prompt.hpp"
#include "net/client_transport.hpp"
#include "net/socket_transport.hpp"
#include "util/process.hpp"

namespace cli {
namespace {

using util::unexpected;

constexpr auto kProcessLimit = std::chrono::minutes(1);  // credential_process may open a browser

ServiceError::Kind kind_of(const aws::Error& error) {
  if (error.http_status != 0) {
    return ServiceError::Kind::answered;
  }
  switch (error.kind) {
    case aws::Error::Kind::unreachable:
    case aws::Error::Kind::unreadable: return ServiceError::Kind::unreachable;
    case aws::Error::Kind::credentials:
    case aws::Error::Kind::expired:
    case aws::Error::Kind::configuration: return ServiceError::Kind::credentials;
    case aws::Error::Kind::cancelled: return ServiceError::Kind::cancelled;
    case aws::Error::Kind::service:
    case aws::Error::Kind::throttled:
    case aws::Error::Kind::denied: return ServiceError::Kind::answered;
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
  enum class Place : std::uint8_t { aws, this_machine };

  ClientService(Place place,
                std::unique_ptr<net::HttpTransport> transport,
                std::unique_ptr<aws::Client> client)
      : place_(place), transport_(std::move(transport)), client_(std::move(client)) {}

  util::Result<doc::Node, ServiceError> call(const awsapi::Operation& operation,
                                             const doc::Node& input) override {
    auto answer = client_->call(operation, input);
    if (!answer) {
      const aws::Error& error = answer.error();
      const ServiceError::Kind kind = kind_of(error);
      const bool gone = place_ == Place::this_machine && kind == ServiceError::Kind::unreachable;
      return unexpected(
          ServiceError{kind, gone ? std::string(kLocalEngineGone) : error.code, error.message});
    }
    return std::move(*answer);
  }

  [[nodiscard]] std::string region() const override { return client_->region(); }

  [[nodiscard]] std::string url_of(const awsapi::Service& service) const override {
    return client_->endpoint_url(service);
  }

 private:
  Place place_;
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
  return std::make_unique<ClientService>(
      ClientService::Place::this_machine, std::move(transport), std::move(client));
}

Failure of_aws(const aws::Error& error) {
  return describe(ServiceError{kind_of(error), error.code, error.message});
}

std::optional<std::string> ask_mfa_code(const Session& session, const std::string& serial) {
  Prompter prompter(session.in(), session.err(), session.stop());
  return prompter.can_ask() ? prompter.text("MFA code for " + serial) : std::nullopt;
}

util::Result<std::unique_ptr<AwsService>, Failure> open_aws(const Session& session,
                                                            const AwsTarget& target) {
  const aws::SettingsChoice choice{target.profile.value_or(""), target.region.value_or(""), {}};
  const auto settings = aws::load_settings(choice, session.environment(), session.files());
  if (!settings) {
    return unexpected(of_aws(settings.error()));
  }
  if (const auto no_region = aws::check_region(*settings)) {
    return unexpected(Failure{
        no_region->message,
        "set AWS_REGION, or give the context a region with \"" + session.program() + " setup\""});
  }
  auto transport =
      std::make_unique<net::ClientTransport>(net::CurlOptions{settings->ca_bundle, session.stop()});
  const aws::CredentialPorts ports{
      .environment = session.environment(),
      .files = session.files(),
      .world = world_of(session, *transport),
      .run =
          [](const std::vector<std::string>& argv) {
            return util::run_process(argv, kProcessLimit);
          },
      .ask_mfa_code =
          [&session](const std::string& serial) { return ask_mfa_code(session, serial); }};
  auto client = aws::make_client(*settings, ports);
  return std::make_unique<ClientService>(
      ClientService::Place::aws, std::move(transport), std::move(client));
}

}  // namespace

util::Result<std::unique_ptr<AwsService>, Failure> open_service(const Session& session,
                                                                const Target& target) {
  if (const auto* local = std::get_if<LocalTarget>(&target.endpoint)) {
    return open_local(session, *local);
  }
  return open_aws(session, std::get<AwsTarget>(target.endpoint));
}

}  // namespace cli
