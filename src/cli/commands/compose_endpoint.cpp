#include "cli/commands/compose_endpoint.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <utility>

#include "awsapi/sts.hpp"
#include "cli/session.hpp"
#include "util/hash.hpp"
#include "util/overloaded.hpp"
#include "util/strings.hpp"

namespace cli {
namespace {

deploy::ApiError::Kind api_kind(ServiceError::Kind kind) {
  switch (kind) {
    case ServiceError::Kind::answered: return deploy::ApiError::Kind::answered;
    case ServiceError::Kind::unreachable: return deploy::ApiError::Kind::unreachable;
    case ServiceError::Kind::credentials: return deploy::ApiError::Kind::credentials;
    case ServiceError::Kind::cancelled: return deploy::ApiError::Kind::cancelled;
  }
  return deploy::ApiError::Kind::answered;
}

ServiceError::Kind service_kind(deploy::ApiError::Kind kind) {
  switch (kind) {
    case deploy::ApiError::Kind::answered: return ServiceError::Kind::answered;
    case deploy::ApiError::Kind::unreachable: return ServiceError::Kind::unreachable;
    case deploy::ApiError::Kind::credentials: return ServiceError::Kind::credentials;
    case deploy::ApiError::Kind::cancelled: return ServiceError::Kind::cancelled;
  }
  return ServiceError::Kind::answered;
}

std::string random_token() {
  std::random_device device;
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    bytes += static_cast<char>(device() & 0xffU);
  }
  return util::hex(bytes);
}

ExitCode report_failed(const Session& session, const deploy::Failed& failed) {
  session.fail(failed.message, failed.help);
  for (const std::string& line : failed.details) {
    session.say(line);
  }
  return ExitCode::failure;
}

ExitCode report_detached(const Session& session,
                         const deploy::Detached& detached,
                         std::string_view action) {
  const std::string self = session.program() + " compose ";
  session.say("stopped waiting; stack `" + detached.stack_name + "` goes on without us");
  session.say("  to follow it again:  " + self + std::string(action));
  if (action == "up") {
    session.say("  to cancel it:        " + self + "down");
  }
  return ExitCode::interrupted;
}

}  // namespace

deploy::ApiResult<doc::Node> DeployApi::call(const awsapi::Operation& operation,
                                             const doc::Node& input) {
  auto answer = service_->call(operation, input);
  if (!answer) {
    ServiceError& error = answer.error();
    return util::unexpected(
        deploy::ApiError{api_kind(error.kind), std::move(error.code), std::move(error.message)});
  }
  return std::move(*answer);
}

util::Result<std::unique_ptr<DeployApi>, Failure> open_endpoint(const Session& session) {
  auto service = session.open_service(session.target());
  if (!service) {
    return util::unexpected(std::move(service.error()));
  }
  return std::make_unique<DeployApi>(std::move(*service));
}

util::Result<void, Failure> announce(const Session& session,
                                     DeployApi& api,
                                     std::string_view project) {
  std::string where = "the local engine";
  if (!session.target().is_local()) {
    const auto identity = api.service().send(awsapi::sts::GetCallerIdentityRequest{});
    if (!identity) {
      return util::unexpected(cli::describe(identity.error()));
    }
    where = "AWS account " + identity->account.value_or("?");
  }
  const std::string region = api.service().region();
  session.say(std::string(project) + " on " + where + (region.empty() ? "" : ", " + region) +
              " (context " + session.target().context + ")");
  return {};
}

Failure describe(const deploy::ApiError& error) {
  return cli::describe(ServiceError{service_kind(error.kind), error.code, error.message});
}

Failure no_such_service(const std::string& name, const std::vector<std::string>& known) {
  const auto near = util::nearest(name, known);
  return {"no such service: " + name, near ? "did you mean `" + *near + "`?" : std::string()};
}

ExitCode report_problem(const Session& session,
                        const deploy::Problem& problem,
                        std::string_view action) {
  return std::visit(
      util::overloaded{
          [&](const deploy::Refusal& refusal) {
            return session.fail(refusal.message, refusal.help);
          },
          [&](const deploy::Failed& failed) { return report_failed(session, failed); },
          [&](const deploy::Detached& detached) {
            return report_detached(session, detached, action);
          },
          [&](const deploy::ApiError& error) { return session.fail(describe(error)); }},
      problem);
}

bool pause(const Session& session, std::chrono::milliseconds duration) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, session.stop(), duration, [] { return false; });
  return !session.stop().stop_requested();
}

deploy::World deploy_world(const Session& session, deploy::Api& api, deploy::Observer& observer) {
  using std::chrono::milliseconds;
  const bool local = session.target().is_local();
  return {.api = api,
          .observer = observer,
          .pause = [&session](milliseconds duration) { return pause(session, duration); },
          .first_pause = local ? milliseconds(10) : milliseconds(1000),
          .longest_pause = local ? milliseconds(200) : milliseconds(3000),
          .new_token = random_token};
}

}  // namespace cli
