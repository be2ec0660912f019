#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "cli/aws_service.hpp"
#include "cli/exit_code.hpp"
#include "cli/failure.hpp"
#include "deploy/api.hpp"
#include "deploy/execute.hpp"

namespace cli {

class Session;

// The endpoint of the session's target, as the deploy library wants it.
class DeployApi final : public deploy::Api {
 public:
  explicit DeployApi(std::unique_ptr<AwsService> service) : service_(std::move(service)) {}

  deploy::ApiResult<doc::Node> call(const awsapi::Operation& operation,
                                    const doc::Node& input) override;

  [[nodiscard]] AwsService& service() const { return *service_; }

 private:
  std::unique_ptr<AwsService> service_;
};

util::Result<std::unique_ptr<DeployApi>, Failure> open_endpoint(const Session& session);

// One line on stderr: what is about to be touched, and where: "timestamper on the local engine
// (us-east-1)".
util::Result<void, Failure> announce(const Session& session,
                                     DeployApi& api,
                                     std::string_view project);

Failure describe(const deploy::ApiError& error);

Failure no_such_service(const std::string& name, const std::vector<std::string>& known);

// Says what went wrong on stderr. `action` is "up" or "down".
ExitCode report_problem(const Session& session,
                        const deploy::Problem& problem,
                        std::string_view action);

// The world for deploy::up and deploy::down; polls fast when the endpoint is this machine.
deploy::World deploy_world(const Session& session, deploy::Api& api, deploy::Observer& observer);

// Waits; false when the user wants to stop.
bool pause(const Session& session, std::chrono::milliseconds duration);

}  // namespace cli
