#include "local/engine.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "local/actions/acm.hpp"
#include "local/actions/cloudformation.hpp"
#include "local/actions/ec2.hpp"
#include "local/actions/ecs.hpp"
#include "local/actions/efs.hpp"
#include "local/actions/elbv2.hpp"
#include "local/actions/iam.hpp"
#include "local/actions/logs.hpp"
#include "local/actions/s3.hpp"
#include "local/actions/secrets_manager.hpp"
#include "local/actions/servicediscovery.hpp"
#include "local/actions/ssm.hpp"
#include "local/actions/sts.hpp"
#include "local/balancer/balancer.hpp"

namespace local {

namespace {

ApiError unknown_operation(const awsapi::Operation& operation) {
  const awsapi::Service& service = operation.service();
  const std::string name = std::string(service.name) + ":" + std::string(operation.name);
  const std::string message = "The local engine does not have the operation " + name + ".";
  return service.protocol == awsapi::Protocol::json
             ? ApiError{"UnknownOperationException", message, 400}
             : ApiError{"InvalidAction", message, 400};
}

ApiError not_saved() {
  return {
      "InternalFailure",
      "The local engine could not write its state to disk; nothing was acknowledged. Is the disk full?",
      500};
}

// By AWS's naming. Only used while the disk refuses writes, to let reading go on.
bool only_reads(const awsapi::Operation& operation) {
  for (const std::string_view prefix :
       {"Describe", "List", "Get", "Filter", "Discover", "Validate"}) {
    if (operation.name.starts_with(prefix)) {
      return true;
    }
  }
  return false;
}

ecs::RunnerOptions runner_options(const EngineOptions& options, EngineParts& parts) {
  ecs::RunnerOptions out;
  out.engine_id = options.engine_id;
  if (const auto pool = ecs::parse_range(options.subnets)) {
    out.pool = *pool;
  }
  out.post = [&loop = parts.loop](std::function<void()> message) { loop.post(std::move(message)); };
  return out;
}

// More would only take turns with the programs that they serve.
std::size_t proxy_threads() {
  return std::min(std::thread::hardware_concurrency(), 2U);
}

}  // namespace

// In order of construction: a module may use the ones above it, and all of them through the action
// table.
struct Engine::Modules {
  Modules(Context& context, ActionTable& actions, const EngineOptions& options, EngineParts& parts)
      : iam(context),
        cloudformation(context, actions, &iam),
        sts(context, actions),
        ec2(context),
        secrets_manager(context, parts.sealer),
        ssm(context, parts.sealer),
        logs(context, parts.logs),
        data_plane(data_plane_events(parts.loop), {.threads = proxy_threads()}),
        authority(options.directory),
        acm(context, authority),
        elbv2(context, actions, acm, data_plane),
        service_discovery(context),
        efs(context, actions, parts.docker),
        s3(context, options.directory.empty() ? "" : options.directory + "/objects"),
        ecs(context, actions, parts.docker, service_discovery, runner_options(options, parts)) {
    iam.add_actions(actions);
    cloudformation.add_actions(actions);
    sts.add_actions(actions);
    ec2.add_actions(actions);
    secrets_manager.add_actions(actions);
    ssm.add_actions(actions);
    logs.add_actions(actions);
    acm.add_actions(actions);
    acm.set_users([this](const std::string& arn) { return elbv2.users_of_certificate(arn); });
    acm.on_renewed([this] { elbv2.certificates_changed(); });
    elbv2.add_actions(actions);
    service_discovery.add_actions(actions);
    efs.add_actions(actions);
    s3.add_actions(actions);
    ecs.add_actions(actions);
    ecs.set_listener([this] { cloudformation.wake("AWS::ECS::"); });
    ec2.add_interfaces([this] { return ecs.network_interfaces(); });
  }

  void restore() {
    iam.restore();
    cloudformation.restore();
    ec2.restore();
    secrets_manager.restore();
    ssm.restore();
    logs.restore();
    acm.restore();
    elbv2.restore();
    service_discovery.restore();
    efs.restore();
    s3.restore();
    ecs.restore();
  }

  // What the data plane's threads report is heard on the control thread.
  balancer::DataPlaneEvents data_plane_events(ControlLoop& loop) {
    return {[this, &loop](const balancer::HealthChange& change) {
              loop.post([this, change] { elbv2.health_changed(change); });
            },
            [this, &loop](const std::string& group, const balancer::TargetAddress& target) {
              loop.post([this, group, target] { elbv2.drained(group, target); });
            }};
  }

  Iam iam;
  CloudFormation cloudformation;
  Sts sts;
  Ec2 ec2;
  SecretsManager secrets_manager;
  Ssm ssm;
  Logs logs;
  balancer::Balancer data_plane;
  LocalAuthority authority;
  Acm acm;
  Elbv2 elbv2;
  ServiceDiscovery service_discovery;
  Efs efs;
  S3 s3;
  Ecs ecs;
};

Engine::Engine(EngineOptions options, EngineParts parts)
    : store_(parts.store),
      loop_(parts.loop),
      clock_(parts.clock),
      context_{parts.store,
               parts.clock,
               parts.workers,
               parts.loop,
               parts.ids,
               std::move(options.region),
               std::move(options.account),
               options.time_scale,
               parts.log},
      modules_(std::make_unique<Modules>(context_, actions_, options, parts)) {}

Engine::~Engine() = default;

void Engine::restore() {
  modules_->restore();
  commit_and_answer();
}

util::Result<doc::Node, ApiError> Engine::call(const awsapi::Operation& operation,
                                               const doc::Node& input) {
  const ActionTable::Handler* handler = actions_.find(operation);
  if (handler == nullptr) {
    return util::unexpected(unknown_operation(operation));
  }
  if (storage_failing_ && !only_reads(operation)) {
    commit_and_answer();  // perhaps there is room again
    if (storage_failing_) {
      return util::unexpected(not_saved());
    }
  }
  return (*handler)(input);
}

void Engine::post_call(const awsapi::Operation& operation, doc::Node input, Answer done) {
  loop_.post([this, &operation, input = std::move(input), done = std::move(done)] {
    const std::uint64_t before = store_.writes();
    auto result = call(operation, input);
    answers_.push_back({done, std::move(result), store_.writes() != before});
  });
}

void Engine::commit_and_answer() {
  std::vector<PendingAnswer> answers = std::exchange(answers_, {});
  bool acknowledges = false;
  for (const PendingAnswer& answer : answers) {
    acknowledges = acknowledges || answer.changed;
  }
  bool saved = true;
  if (store_.writes() != committed_writes_ || storage_failing_) {
    saved = store_.commit(acknowledges ? Durability::machine : Durability::process);
    committed_writes_ = store_.writes();
    if (saved == storage_failing_) {
      storage_failing_ = !saved;
      context_.log(saved ? "state is written to disk again" : "state could not be written to disk");
    }
  }
  for (PendingAnswer& answer : answers) {
    answer.done(answer.changed && !saved
                    ? util::Result<doc::Node, ApiError>(util::unexpected(not_saved()))
                    : std::move(answer.result));
  }
}

std::size_t Engine::step(util::Clock::TimePoint now) {
  const std::size_t ran = loop_.step(now);
  if (ran > 0 || storage_failing_) {
    commit_and_answer();
  }
  return ran;
}

bool Engine::step_or_wait(std::chrono::milliseconds limit) {
  const bool going = loop_.step_or_wait(clock_, limit);
  commit_and_answer();
  return going;
}

}  // namespace local
