#include "local/actions/ecs.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "awsapi/ecs.hpp"
#include "awsapi/elbv2.hpp"
#include "awsapi/logs.hpp"
#include "awsapi/secretsmanager.hpp"
#include "awsapi/servicediscovery.hpp"
#include "doc/json_writer.hpp"
#include "local/actions/servicediscovery.hpp"
#include "support/fake_context.hpp"
#include "support/fake_docker.hpp"

namespace {

namespace api = awsapi::ecs;
using namespace std::chrono_literals;

// The ECS module with everything around it under the test's control. `restart` is the engine killed
// and started again over the same store and the same Docker.
struct EcsWorld {
  test::FakeContext fake;
  test::FakeDocker docker;
  local::ActionTable actions;
  std::unique_ptr<local::ServiceDiscovery> cloud_map;
  std::unique_ptr<local::Ecs> ecs;
  std::vector<std::string> logs;                     // "group|stream|message"
  std::map<std::string, std::string> target_states;  // "address:port" -> state
  std::string secret = R"({"username":"me","password":"token"})";

  EcsWorld() {
    actions.add<awsapi::logs::CreateLogStreamRequest>(
        [](const auto& r) -> util::Result<awsapi::logs::CreateLogStreamResponse, local::ApiError> {
          if (r.log_group_name != "group") {
            return util::unexpected(local::ApiError{
                "ResourceNotFoundException", "The specified log group does not exist.", 400});
          }
          return awsapi::logs::CreateLogStreamResponse{};
        });
    actions.add<awsapi::logs::PutLogEventsRequest>(
        [this](const auto& r) -> util::Result<awsapi::logs::PutLogEventsResponse, local::ApiError> {
          for (const auto& event : r.log_events) {
            logs.push_back(r.log_group_name + "|" + r.log_stream_name + "|" + event.message);
          }
          return awsapi::logs::PutLogEventsResponse{};
        });
    actions.add<awsapi::secretsmanager::GetSecretValueRequest>(
        [this](const auto&)
            -> util::Result<awsapi::secretsmanager::GetSecretValueResponse, local::ApiError> {
          awsapi::secretsmanager::GetSecretValueResponse response;
          response.secret_string = secret;
          return response;
        });
    actions.add<awsapi::elbv2::RegisterTargetsRequest>(
        [this](const auto& r)
            -> util::Result<awsapi::elbv2::RegisterTargetsResponse, local::ApiError> {
          target_states[r.targets.front().id] = "initial";
          return awsapi::elbv2::RegisterTargetsResponse{};
        });
    actions.add<awsapi::elbv2::DeregisterTargetsRequest>(
        [this](const auto& r)
            -> util::Result<awsapi::elbv2::DeregisterTargetsResponse, local::ApiError> {
          target_states[r.targets.front().id] = "draining";
          return awsapi::elbv2::DeregisterTargetsResponse{};
        });
    actions.add<awsapi::elbv2::DescribeTargetHealthRequest>(
        [this](const auto&)
            -> util::Result<awsapi::elbv2::DescribeTargetHealthResponse, local::ApiError> {
          awsapi::elbv2::DescribeTargetHealthResponse response;
          for (const auto& [address, state] : target_states) {
            awsapi::elbv2::TargetHealthDescription d;
            d.target = awsapi::elbv2::TargetDescription{};
            d.target->id = address;
            d.target->port = 5000;
            d.target_health = awsapi::elbv2::TargetHealth{};
            d.target_health->state = state;
            response.target_health_descriptions.push_back(std::move(d));
          }
          return response;
        });
    start();
    actions.call(api::CreateClusterRequest{"app", {}, {}, {}, {}, {}, {}});
  }

  void start() {
    cloud_map = std::make_unique<local::ServiceDiscovery>(fake.context);
    local::ecs::RunnerOptions options;
    options.engine_id = "e0e0e0e0e0e0";
    options.post = [this](std::function<void()> message) { fake.loop.post(std::move(message)); };
    ecs =
        std::make_unique<local::Ecs>(fake.context, actions, docker, *cloud_map, std::move(options));
    cloud_map->add_actions(actions);
    ecs->add_actions(actions);
    cloud_map->restore();
    ecs->restore();
    fake.settle();
  }

  template <class Request>
  auto must(const Request& request) {
    auto response = actions.call(request);
    REQUIRE_MESSAGE(
        response.has_value(),
        (response ? std::string() : response.error().code + ": " + response.error().message));
    return *response;
  }

  static api::ContainerDefinition container(const std::string& name,
                                            const std::string& image = "busybox:1") {
    api::ContainerDefinition c;
    c.name = name;
    c.image = image;
    c.essential = true;
    api::PortMapping port;
    port.container_port = 5000;
    c.port_mappings = {port};
    return c;
  }

  std::string register_definition(std::vector<api::ContainerDefinition> containers,
                                  const std::string& family = "web") {
    api::RegisterTaskDefinitionRequest request;
    request.family = family;
    request.network_mode = "awsvpc";
    request.cpu = "256";
    request.memory = "512";
    request.requires_compatibilities = {"FARGATE"};
    request.execution_role_arn = "arn:aws:iam::000000000000:role/x";
    request.container_definitions = std::move(containers);
    return *must(request).task_definition->task_definition_arn;
  }

  api::CreateServiceRequest service_request(const std::string& definition,
                                            std::int64_t desired = 1) {
    api::CreateServiceRequest request;
    request.cluster = "app";
    request.service_name = "web";
    request.task_definition = definition;
    request.desired_count = desired;
    request.network_configuration = api::NetworkConfiguration{};
    request.network_configuration->awsvpc_configuration = api::AwsVpcConfiguration{};
    request.network_configuration->awsvpc_configuration->subnets = {"subnet-1"};
    request.network_configuration->awsvpc_configuration->security_groups = {"sg-1"};
    request.deployment_configuration = api::DeploymentConfiguration{};
    auto& breaker = request.deployment_configuration->deployment_circuit_breaker.emplace();
    breaker.enable = true;
    breaker.rollback = true;
    return request;
  }

  api::Service service(const std::string& name = "web") {
    api::DescribeServicesRequest request;
    request.cluster = "app";
    request.services = {name};
    return must(request).services.front();
  }

  std::vector<api::Task> tasks(const std::string& status = "RUNNING") {
    api::ListTasksRequest list;
    list.cluster = "app";
    list.desired_status = status;
    api::DescribeTasksRequest describe;
    describe.cluster = "app";
    describe.tasks = must(list).task_arns;
    if (describe.tasks.empty()) {
      return {};
    }
    return must(describe).tasks;
  }

  std::vector<std::string> events() {
    std::vector<std::string> out;
    for (const api::ServiceEvent& event : service().events) {
      out.insert(out.begin(), *event.message);
    }
    return out;
  }
};

bool any_event(const std::vector<std::string>& events, std::string_view text) {
  return std::any_of(events.begin(), events.end(), [&](const std::string& e) {
    return e.find(text) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a service becomes a container on a network of its security group, and steady") {
  EcsWorld world;
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")})));
  world.fake.settle();
  REQUIRE(world.docker.running() == 1);
  CHECK(world.docker.networks.contains("docker-ecs-e0e0e0e0-sg-1"));
  const auto& spec = world.docker.containers.begin()->second.spec;
  CHECK(spec.network == "docker-ecs-e0e0e0e0-sg-1");
  CHECK(spec.labels.at("com.docker.ecs.service") == "web");
  CHECK(spec.init);
  CHECK(spec.memory_bytes == 512 * 1024 * 1024);

  const api::Task task = world.tasks().at(0);
  CHECK(task.last_status == "RUNNING");
  CHECK(task.containers.at(0).last_status == "RUNNING");
  CHECK(task.containers.at(0).network_interfaces.at(0).private_ipv4_address == "10.213.0.2");
  CHECK(task.started_by->starts_with("ecs-svc/"));
  CHECK(task.group == "service:web");
  CHECK(world.service().deployments.at(0).rollout_state == "IN_PROGRESS");

  world.fake.advance(40s);
  const api::Service service = world.service();
  CHECK(service.running_count == 1);
  CHECK(service.deployments.at(0).rollout_state == "COMPLETED");
  CHECK(service.deployments.at(0).id == task.started_by);
  CHECK(world.events().back() == "(service web) has reached a steady state.");
}

TEST_CASE("deleting a service removes containers and networks") {
  EcsWorld world;
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")}), 2));
  world.fake.advance(60s);
  REQUIRE(world.docker.running() == 2);
  api::DeleteServiceRequest request;
  request.cluster = "app";
  request.service = "web";
  const auto refused = world.actions.call(request);
  REQUIRE(!refused);
  CHECK(refused.error().message == "The service cannot be stopped while it is scaled above 0.");
  request.force = true;
  world.must(request);
  world.fake.settle();
  CHECK(world.docker.containers.empty());
  CHECK(world.docker.networks.empty());
  CHECK(world.service().status == "INACTIVE");
  const api::Task stopped = world.tasks("STOPPED").at(0);
  CHECK(stopped.last_status == "STOPPED");
  CHECK(stopped.stop_code == "ServiceSchedulerInitiated");
  CHECK(stopped.stopped_reason->starts_with("Scaling activity initiated by (deployment ecs-svc/"));
  CHECK(stopped.containers.at(0).exit_code == 143);
}

TEST_CASE("a container that dies is replaced") {
  EcsWorld world;
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")})));
  world.fake.advance(60s);
  const std::string first = *world.tasks().at(0).task_arn;
  world.docker.die(world.docker.containers.begin()->first, 137, true);
  world.fake.settle();
  CHECK(world.docker.running() == 1);
  CHECK(world.tasks().at(0).task_arn != first);
  const api::Task dead = world.tasks("STOPPED").at(0);
  CHECK(dead.stop_code == "EssentialContainerExited");
  CHECK(dead.stopped_reason == "Essential container in task exited");
  CHECK(dead.containers.at(0).exit_code == 137);
  CHECK(dead.containers.at(0).reason == "OutOfMemoryError: Container killed due to memory usage");
  world.fake.advance(60s);
  CHECK(world.events().back() == "(service web) has reached a steady state.");
}

TEST_CASE("an image that can not be pulled trips the circuit breaker") {
  EcsWorld world;
  world.must(
      world.service_request(world.register_definition({EcsWorld::container("web", "nowhere:1")})));
  world.fake.advance(120s);
  const api::Service service = world.service();
  CHECK(service.deployments.at(0).rollout_state == "FAILED");
  CHECK(service.deployments.at(0).failed_tasks == 3);
  const api::Task task = world.tasks("STOPPED").at(0);
  CHECK(task.stop_code == "TaskFailedToStart");
  CHECK(task.stopped_reason ==
        "CannotPullContainerError: manifest for nowhere:1 not found: manifest unknown");
  CHECK(any_event(world.events(), "deployment failed: tasks failed to start."));
  CHECK(world.docker.containers.empty());
}

TEST_CASE("credentials of a private registry come from the secret") {
  EcsWorld world;
  world.docker.registry["localhost:5056/me/app:1"] = {"me", "token"};
  auto container = EcsWorld::container("web", "localhost:5056/me/app:1");
  container.repository_credentials =
      api::RepositoryCredentials{"arn:aws:secretsmanager:us-east-1:000000000000:secret:c-Ab"};
  const std::string definition = world.register_definition({container});
  world.secret = R"({"username":"me","password":"wrong"})";
  world.must(world.service_request(definition));
  world.fake.settle();
  CHECK(world.tasks("STOPPED").at(0).stopped_reason ==
        "CannotPullContainerError: unauthorized: authentication required");
  world.secret = R"({"username":"me","password":"token"})";
  world.fake.advance(60s);
  CHECK(world.docker.running() == 1);
}

TEST_CASE("secrets reach the container's environment and nothing else") {
  EcsWorld world;
  auto container = EcsWorld::container("web");
  container.secrets = {
      api::Secret{"USER", "arn:aws:secretsmanager:us-east-1:000000000000:secret:c-Ab:username::"}};
  world.secret = R"({"username":"s3cr3t"})";
  world.must(world.service_request(world.register_definition({container})));
  world.fake.settle();
  const auto& environment = world.docker.containers.begin()->second.spec.environment;
  CHECK(std::find(environment.begin(), environment.end(), "USER=s3cr3t") != environment.end());
  bool stored = false;
  for (const char* kind : {"ecs.task", "ecs.service", "ecs.task_definition"}) {
    world.fake.store.each(kind, [&](const std::string&, const doc::Node& body) {
      stored = stored || doc::to_json(body).find("s3cr3t") != std::string::npos;
    });
  }
  CHECK(!stored);
}

TEST_CASE("a failing update rolls back to the last completed deployment") {
  EcsWorld world;
  const std::string good = world.register_definition({EcsWorld::container("web")});
  world.must(world.service_request(good));
  world.fake.advance(60s);
  const std::string kept = *world.tasks().at(0).task_arn;
  api::UpdateServiceRequest update;
  update.cluster = "app";
  update.service = "web";
  update.task_definition = world.register_definition({EcsWorld::container("web", "nowhere:1")});
  world.must(update);
  world.fake.advance(200s);
  const api::Service service = world.service();
  CHECK(service.task_definition == good);
  REQUIRE(service.deployments.size() == 1);
  CHECK(service.deployments.at(0).rollout_state == "COMPLETED");
  CHECK(any_event(world.events(), "rolling back to deployment"));
  CHECK(world.docker.running() == 1);
}

TEST_CASE("an update replaces tasks without going below the minimum") {
  EcsWorld world;
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")}), 2));
  world.fake.advance(60s);
  api::UpdateServiceRequest update;
  update.cluster = "app";
  update.service = "web";
  update.force_new_deployment = true;
  world.must(update);
  world.fake.settle();
  CHECK(world.docker.running() == 4);
  world.fake.advance(39s);
  CHECK(world.docker.running() == 4);
  world.fake.advance(20s);
  CHECK(world.docker.running() == 2);
  CHECK(world.service().deployments.size() == 1);
}

TEST_CASE("targets are registered, waited for, and drained before the container stops") {
  EcsWorld world;
  auto request = world.service_request(world.register_definition({EcsWorld::container("web")}));
  api::LoadBalancer balancer;
  balancer.target_group_arn = "arn:tg";
  balancer.container_name = "web";
  balancer.container_port = 5000;
  request.load_balancers = {balancer};
  world.must(request);
  world.fake.advance(100ms);
  CHECK(world.target_states.at("10.213.0.2") == "initial");
  CHECK(world.service().deployments.at(0).rollout_state == "IN_PROGRESS");
  world.target_states["10.213.0.2"] = "healthy";
  world.fake.advance(100ms);
  CHECK(world.service().deployments.at(0).rollout_state == "COMPLETED");

  api::DeleteServiceRequest gone;
  gone.cluster = "app";
  gone.service = "web";
  gone.force = true;
  world.must(gone);
  world.fake.advance(1s);
  CHECK(world.docker.running() == 1);
  CHECK(world.tasks("STOPPED").at(0).last_status == "DEACTIVATING");
  world.target_states.clear();
  world.fake.advance(100ms);
  CHECK(world.docker.containers.empty());
  const std::vector<std::string> events = world.events();
  CHECK(any_event(events, "registered 1 targets in (target-group arn:tg)"));
  CHECK(any_event(events, "has begun draining connections on 1 tasks."));
}

TEST_CASE(
    "a target that was healthy and is not any more is replaced; one that never was gets time") {
  EcsWorld world;
  auto request = world.service_request(world.register_definition({EcsWorld::container("web")}));
  api::LoadBalancer balancer;
  balancer.target_group_arn = "arn:tg";
  balancer.container_name = "web";
  balancer.container_port = 5000;
  request.load_balancers = {balancer};
  world.must(request);
  world.fake.advance(100ms);
  const std::string first = *world.tasks().at(0).task_arn;
  world.target_states["10.213.0.2"] = "unhealthy";
  world.fake.advance(89s);
  CHECK(world.tasks().at(0).task_arn == first);
  world.target_states["10.213.0.2"] = "healthy";
  world.fake.advance(2s);
  world.target_states["10.213.0.2"] = "unhealthy";
  world.fake.advance(2s);
  CHECK(world.tasks().at(0).task_arn != first);
  const api::Task replaced = world.tasks("STOPPED").at(0);
  CHECK(replaced.stopped_reason == "Task failed ELB health checks in (target-group arn:tg)");
  CHECK(any_event(
      world.events(),
      "(port 5000) is unhealthy in (target-group arn:tg) due to (reason Health checks failed)."));
}

TEST_CASE("a service that never listens behind its load balancer has failed after a minute") {
  EcsWorld world;
  world.fake.context.time_scale = 0.025;
  auto request = world.service_request(world.register_definition({EcsWorld::container("web")}));
  api::LoadBalancer balancer;
  balancer.target_group_arn = "arn:tg";
  balancer.container_name = "web";
  balancer.container_port = 5000;
  request.load_balancers = {balancer};
  world.must(request);
  const auto rollout = [&] { return world.service().deployments.at(0).rollout_state; };
  int seconds = 0;
  for (; seconds < 60 && rollout() != "FAILED"; ++seconds) {
    std::erase_if(world.target_states, [](const auto& t) { return t.second == "draining"; });
    for (auto& [address, state] : world.target_states) {
      state = "unhealthy";
    }
    world.fake.advance(1s);
  }
  CHECK(rollout() == "FAILED");
  CHECK(seconds > 30);
}

TEST_CASE("names of the service registry are aliases on the network") {
  EcsWorld world;
  awsapi::servicediscovery::CreatePrivateDnsNamespaceRequest ns;
  ns.name = "app.local";
  ns.vpc = "vpc-1";
  const auto operation = world.must(ns);
  awsapi::servicediscovery::GetOperationRequest get;
  get.operation_id = *operation.operation_id;
  const auto done = world.must(get);
  CHECK(done.operation->status == "SUCCESS");
  awsapi::servicediscovery::CreateServiceRequest entry;
  entry.name = "backend";
  entry.namespace_id = done.operation->targets.at("NAMESPACE");
  entry.dns_config = awsapi::servicediscovery::DnsConfig{};
  entry.dns_config->dns_records = {{"A", 60}};
  const auto registry = world.must(entry);
  auto request = world.service_request(world.register_definition({EcsWorld::container("web")}));
  api::ServiceRegistry link;
  link.registry_arn = registry.service->arn;
  request.service_registries = {link};
  world.must(request);
  world.fake.settle();
  const auto& spec = world.docker.containers.begin()->second.spec;
  CHECK(spec.network_aliases == std::vector<std::string>{"backend", "backend.app.local"});
  CHECK(spec.dns_search == std::vector<std::string>{"app.local"});
  awsapi::servicediscovery::DiscoverInstancesRequest discover;
  discover.namespace_name = "app.local";
  discover.service_name = "backend";
  CHECK(world.must(discover).instances.at(0).attributes.at("AWS_INSTANCE_IPV4") == "10.213.0.2");
}

TEST_CASE("lines of a running container arrive in the log group, once") {
  EcsWorld world;
  auto container = EcsWorld::container("web");
  container.log_configuration = api::LogConfiguration{};
  container.log_configuration->log_driver = "awslogs";
  container.log_configuration->options = {{"awslogs-group", "group"},
                                          {"awslogs-region", "us-east-1"},
                                          {"awslogs-stream-prefix", "app"}};
  world.must(world.service_request(world.register_definition({container})));
  world.fake.settle();
  const std::string id = world.docker.containers.begin()->first;
  const std::string arn = *world.tasks().at(0).task_arn;
  const std::string stream = "group|app/web/" + arn.substr(arn.rfind('/') + 1) + "|";
  world.docker.write_log(id, "one");
  world.fake.settle();
  CHECK(world.logs == std::vector<std::string>{stream + "one"});
  world.start();  // the engine was killed and comes back
  world.docker.write_log(id, "two");
  world.fake.settle();
  CHECK(world.logs == std::vector<std::string>{stream + "one", stream + "two"});
  world.docker.write_log(id, "last words");
  world.docker.die(id, 1);
  world.fake.settle();
  CHECK(world.logs.at(2) == stream + "last words");
}

TEST_CASE("a missing log group keeps the task from starting") {
  EcsWorld world;
  auto container = EcsWorld::container("web");
  container.log_configuration = api::LogConfiguration{};
  container.log_configuration->log_driver = "awslogs";
  container.log_configuration->options = {{"awslogs-group", "nope"}};
  world.must(world.service_request(world.register_definition({container})));
  world.fake.settle();
  CHECK(world.tasks("STOPPED").at(0).stopped_reason->find(
            "ResourceNotFoundException: The specified log group does not exist.") !=
        std::string::npos);
}

TEST_CASE("after the engine was killed the same containers are taken over") {
  EcsWorld world;
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")}), 2));
  world.fake.advance(60s);
  const std::vector<api::Task> before = world.tasks();
  const std::size_t calls = world.docker.ledger.size();
  world.start();
  world.fake.advance(60s);
  CHECK(world.docker.ledger.size() == calls);
  REQUIRE(world.tasks().size() == 2);
  CHECK(world.tasks().at(0).task_arn == before.at(0).task_arn);
}

TEST_CASE("killed in the middle of a start, the engine finishes it and leaves nothing behind") {
  EcsWorld world;
  const std::string definition = world.register_definition({EcsWorld::container("web")});
  world.fake.workers.hold = true;  // calls never come back
  world.must(world.service_request(definition));
  world.fake.settle();
  world.fake.workers.hold = false;
  world.start();
  world.fake.settle();
  CHECK(world.docker.running() == 1);
  CHECK(world.docker.containers.size() == 1);
}

TEST_CASE("containers with our label that belong to no task are removed") {
  EcsWorld world;
  docker::ContainerSpec stray;
  stray.name = "stray";
  stray.image = "busybox:1";
  stray.labels = {{"com.docker.ecs.engine", "e0e0e0e0e0e0"}, {"com.docker.ecs.task", "unknown"}};
  docker::ContainerSpec other = stray;
  other.name = "of-another-engine";
  other.labels["com.docker.ecs.engine"] = "ffff";
  REQUIRE(world.docker.create_container(stray));
  REQUIRE(world.docker.create_container(other));
  world.start();
  CHECK(world.docker.find("stray") == nullptr);
  CHECK(world.docker.find("of-another-engine") != nullptr);
}

TEST_CASE("after a restart of Docker every task is replaced") {
  EcsWorld world;
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")}), 2));
  world.fake.advance(60s);
  world.docker.restart_engine();
  world.fake.advance(60s);
  CHECK(world.docker.running() == 2);
  CHECK(world.docker.containers.size() == 2);
  CHECK(world.service().running_count == 2);
}

TEST_CASE("while Docker is away nothing is started, and everything when it is back") {
  EcsWorld world;
  world.docker.reachable = false;
  world.docker.break_streams();
  world.fake.settle();
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")})));
  world.fake.advance(10s);
  CHECK(world.docker.containers.empty());
  world.docker.reachable = true;
  world.fake.advance(10s);
  CHECK(world.docker.running() == 1);
}

TEST_CASE("a start that Docker itself has trouble with is tried once more") {
  EcsWorld world;
  const docker::Error trouble{docker::ErrorKind::server, 500, "transport is closing: unavailable"};
  world.docker.fail_next("start", trouble);
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")})));
  world.fake.advance(2s);
  CHECK(world.docker.running() == 1);
  CHECK(world.service().deployments.at(0).failed_tasks == 0);
  CHECK(world.tasks("STOPPED").empty());
}

TEST_CASE("a command that can not be run is said at once") {
  EcsWorld world;
  world.docker.fail_next("start",
                         {docker::ErrorKind::bad_request, 400, "exec: \"nope\": not found"});
  world.must(world.service_request(world.register_definition({EcsWorld::container("web")})));
  world.fake.settle();
  CHECK(world.tasks("STOPPED").at(0).stopped_reason ==
        "CannotStartContainerError: exec: \"nope\": not found");
  CHECK(world.docker.containers.size() == 1);
}

TEST_CASE("several containers share the network of a pause container") {
  EcsWorld world;
  auto side = EcsWorld::container("side");
  side.port_mappings.clear();
  side.depends_on = {api::ContainerDependency{"web", "START"}};
  world.must(world.service_request(world.register_definition({EcsWorld::container("web"), side})));
  world.fake.settle();
  REQUIRE(world.docker.running() == 3);
  auto* pause = world.docker.running_with("container", "~internal~ecs~pause");
  REQUIRE(pause != nullptr);
  CHECK(world.docker.running_with("container", "web")->spec.network ==
        "container:" + pause->container.id);
  const api::Task task = world.tasks().at(0);
  CHECK(task.containers.size() == 2);
  CHECK(task.last_status == "RUNNING");
  CHECK(task.containers.at(1).network_interfaces.at(0).private_ipv4_address == "10.213.0.2");
  api::StopTaskRequest stop;
  stop.cluster = "app";
  stop.task = *task.task_arn;
  stop.reason = "enough";
  world.must(stop);
  world.fake.settle();
  CHECK(world.tasks("STOPPED").at(0).stopped_reason == "enough");
  CHECK(world.docker.running() == 3);  // the service started another
}

TEST_CASE("health is asked for at once and decides") {
  EcsWorld world;
  auto container = EcsWorld::container("web");
  container.health_check = api::HealthCheck{{"CMD-SHELL", "true"}, {}, {}, {}, {}};
  int probes = 0;
  world.docker.on_exec = [&](const auto&, const std::vector<std::string>& command) {
    CHECK(command == std::vector<std::string>{"/bin/sh", "-c", "true"});
    return docker::ExecResult{++probes < 3 ? 1 : 0, ""};
  };
  world.must(world.service_request(world.register_definition({container})));
  world.fake.settle();
  CHECK(world.tasks().at(0).health_status == "UNKNOWN");
  CHECK(world.service().deployments.at(0).rollout_state == "IN_PROGRESS");
  world.fake.advance(300ms);
  CHECK(probes == 3);
  CHECK(world.tasks().at(0).health_status == "HEALTHY");
  CHECK(world.service().deployments.at(0).rollout_state == "COMPLETED");
  world.docker.set_health(world.docker.containers.begin()->first, docker::Health::unhealthy);
  world.fake.settle();
  CHECK(any_event(world.events(), "failed container health checks."));
}

TEST_CASE("a volume without a home lives as long as the task") {
  EcsWorld world;
  auto container = EcsWorld::container("web");
  container.mount_points = {api::MountPoint{"scratch", "/data", {}}};
  api::RegisterTaskDefinitionRequest request;
  request.family = "web";
  request.network_mode = "awsvpc";
  request.memory = "512";
  request.container_definitions = {container};
  api::Volume volume;
  volume.name = "scratch";
  request.volumes = {volume};
  world.must(request);
  world.must(world.service_request("web"));
  world.fake.settle();
  const std::string name = world.docker.containers.begin()->second.spec.mounts.at(0).source;
  CHECK(name.ends_with("-scratch"));
  api::DeleteServiceRequest gone;
  gone.cluster = "app";
  gone.service = "web";
  gone.force = true;
  world.must(gone);
  world.fake.settle();
  CHECK(std::find(world.docker.ledger.begin(),
                  world.docker.ledger.end(),
                  "volume-remove " + name) != world.docker.ledger.end());
}

TEST_CASE("refusals are AWS's") {
  EcsWorld world;
  const auto code = [&](const auto& request) {
    const auto response = world.actions.call(request);
    return response ? std::string("accepted")
                    : response.error().code + ": " + response.error().message;
  };
  const std::string definition = world.register_definition({EcsWorld::container("web")});
  auto service = world.service_request(definition);
  service.cluster = "nope";
  CHECK(code(service) == "ClusterNotFoundException: Cluster not found.");
  service.cluster = "app";
  service.task_definition = "web:9";
  CHECK(code(service) == "ClientException: TaskDefinition not found.");
  service.task_definition = definition;
  service.network_configuration.reset();
  CHECK(
      code(service) ==
      "InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  world.must(world.service_request(definition));
  CHECK(code(world.service_request(definition)) ==
        "InvalidParameterException: Creation of service was not idempotent.");
  api::UpdateServiceRequest update;
  update.cluster = "app";
  update.service = "nope";
  CHECK(code(update) == "ServiceNotFoundException: Service not found.");
  api::DeleteClusterRequest cluster;
  cluster.cluster = "app";
  CHECK(
      code(cluster) ==
      "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active.");

  api::RegisterTaskDefinitionRequest bad;
  bad.family = "bad";
  bad.network_mode = "awsvpc";
  bad.cpu = "256";
  bad.memory = "4096";
  bad.requires_compatibilities = {"FARGATE"};
  bad.container_definitions = {EcsWorld::container("web")};
  CHECK(code(bad).starts_with(
      "ClientException: No Fargate configuration exists for given values: 256 CPU, 4096 memory."));
  api::DescribeServicesRequest describe;
  describe.cluster = "app";
  describe.services = {"nope"};
  CHECK(world.must(describe).failures.at(0).reason == "MISSING");
}

TEST_CASE("revisions of a family count up and can be deregistered") {
  EcsWorld world;
  const std::string one = world.register_definition({EcsWorld::container("web")});
  const std::string two = world.register_definition({EcsWorld::container("web")});
  CHECK(one.ends_with("task-definition/web:1"));
  CHECK(two.ends_with("task-definition/web:2"));
  api::DeregisterTaskDefinitionRequest request;
  request.task_definition = two;
  CHECK(world.must(request).task_definition->status == "INACTIVE");
  api::DescribeTaskDefinitionRequest newest;
  newest.task_definition = "web";
  CHECK(world.must(newest).task_definition->revision == 1);
}

TEST_CASE("the long ARN formats are on unless they were switched off") {
  EcsWorld world;
  api::ListAccountSettingsRequest list;
  list.effective_settings = true;
  list.name = "serviceLongArnFormat";
  CHECK(world.must(list).settings.at(0).value == "enabled");
  world.must(api::PutAccountSettingDefaultRequest{"serviceLongArnFormat", "disabled"});
  world.start();
  CHECK(world.must(list).settings.at(0).value == "disabled");
}
