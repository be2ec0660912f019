#include "local/actions/cloudformation.hpp"

#include <memory>

#include <doctest/doctest.h>

#include "awsapi/ecs.hpp"
#include "awsapi/ssm.hpp"
#include "doc/json_reader.hpp"
#include "support/fake_context.hpp"
#include "util/strings.hpp"

namespace {

namespace cfn = awsapi::cloudformation;
namespace ecs = awsapi::ecs;
namespace ssm = awsapi::ssm;
using namespace std::chrono_literals;

// Clusters, task definitions and services without anything behind them. A service becomes steady
// when the test says so; task definitions whose family begins with "bad" never do.
struct FakeEcs {
  std::map<std::string, std::string> deployments;  // service ARN -> rollout state
  std::vector<std::string> calls;
  std::string fail_cluster;
  int tags = 0;  // of the last TagResource

  void add_actions(local::ActionTable& actions, local::Context& context) {
    actions.add<ecs::CreateClusterRequest>(
        [&, this](const auto& r) -> util::Result<ecs::CreateClusterResponse, local::ApiError> {
          calls.push_back("create cluster " + r.cluster_name.value_or("?"));
          if (r.cluster_name == fail_cluster) {
            return util::unexpected(local::ApiError{"ClientException", "no more clusters", 400});
          }
          ecs::CreateClusterResponse out;
          out.cluster.emplace();
          out.cluster->cluster_name = r.cluster_name;
          out.cluster->cluster_arn = context.arn("ecs", "cluster/" + *r.cluster_name);
          return out;
        });
    actions.add<ecs::DeleteClusterRequest>(
        [this](const auto& r) -> util::Result<ecs::DeleteClusterResponse, local::ApiError> {
          calls.push_back("delete cluster " + r.cluster);
          return ecs::DeleteClusterResponse{};
        });
    actions.add<ecs::RegisterTaskDefinitionRequest>(
        [&, this](
            const auto& r) -> util::Result<ecs::RegisterTaskDefinitionResponse, local::ApiError> {
          calls.push_back("register " + r.family + " cpu " + r.cpu.value_or(""));
          ecs::RegisterTaskDefinitionResponse out;
          out.task_definition.emplace();
          out.task_definition->task_definition_arn =
              context.arn("ecs", "task-definition/" + r.family + ":" + std::to_string(++revision));
          return out;
        });
    actions.add<ecs::DeregisterTaskDefinitionRequest>(
        [this](
            const auto& r) -> util::Result<ecs::DeregisterTaskDefinitionResponse, local::ApiError> {
          calls.push_back("deregister " + r.task_definition);
          return ecs::DeregisterTaskDefinitionResponse{};
        });
    actions.add<ecs::CreateServiceRequest>(
        [&, this](const auto& r) -> util::Result<ecs::CreateServiceResponse, local::ApiError> {
          calls.push_back("create service");
          const std::string arn = context.arn("ecs", "service/" + r.service_name);
          deployments[arn] = state_for(r.task_definition.value_or(""));
          return ecs::CreateServiceResponse{.service = shape(arn)};
        });
    actions.add<ecs::UpdateServiceRequest>(
        [this](const auto& r) -> util::Result<ecs::UpdateServiceResponse, local::ApiError> {
          calls.push_back("update service to " + r.task_definition.value_or("?"));
          deployments[r.service] = state_for(r.task_definition.value_or(""));
          return ecs::UpdateServiceResponse{.service = shape(r.service)};
        });
    actions.add<ecs::TagResourceRequest>(
        [this](const auto& r) -> util::Result<ecs::TagResourceResponse, local::ApiError> {
          tags = static_cast<int>(r.tags.size());
          return ecs::TagResourceResponse{};
        });
    actions.add<ecs::DescribeServicesRequest>(
        [this](const auto& r) -> util::Result<ecs::DescribeServicesResponse, local::ApiError> {
          ecs::DescribeServicesResponse out;
          for (const std::string& arn : r.services) {
            if (deployments.contains(arn)) {
              out.services.push_back(shape(arn));
            }
          }
          return out;
        });
    actions.add<ecs::DescribeTaskDefinitionRequest>(
        [this](
            const auto& r) -> util::Result<ecs::DescribeTaskDefinitionResponse, local::ApiError> {
          ecs::DescribeTaskDefinitionResponse out;
          out.task_definition.emplace();
          out.task_definition->task_definition_arn = r.task_definition;
          out.task_definition->container_definitions.emplace_back();
          if (probed) {
            out.task_definition->container_definitions[0].health_check.emplace();
            out.task_definition->container_definitions[0].health_check->command = {"CMD", "true"};
          }
          return out;
        });
    actions.add<ecs::ListTasksRequest>(
        [this](const auto&) -> util::Result<ecs::ListTasksResponse, local::ApiError> {
          ecs::ListTasksResponse out;
          if (task) {
            out.task_arns = {"task"};
          }
          return out;
        });
    actions.add<ecs::DescribeTasksRequest>(
        [this](const auto&) -> util::Result<ecs::DescribeTasksResponse, local::ApiError> {
          ecs::DescribeTasksResponse out;
          out.tasks.push_back(*task);
          return out;
        });
    actions.add<ecs::DeleteServiceRequest>(
        [this](const auto& r) -> util::Result<ecs::DeleteServiceResponse, local::ApiError> {
          calls.push_back("delete service");
          deployments.erase(r.service);
          return ecs::DeleteServiceResponse{};
        });
  }

  // Tasks as every service has them; none unless the test says so.
  std::optional<ecs::Task> task;
  bool probed = false;

  void steady() {
    for (auto& [arn, state] : deployments) {
      state = state == "IN_PROGRESS" ? "COMPLETED" : state;
    }
  }

 private:
  static std::string state_for(const std::string& definition) {
    return definition.find("bad") != std::string::npos ? "FAILED" : "IN_PROGRESS";
  }

  ecs::Service shape(const std::string& arn) {
    ecs::Service out;
    out.service_arn = arn;
    out.service_name = arn.substr(arn.rfind('/') + 1);
    out.status = "ACTIVE";
    ecs::Deployment deployment;
    deployment.id = "ecs-svc/1";
    deployment.status = "PRIMARY";
    deployment.rollout_state = deployments[arn];
    out.running_count = 1;
    out.desired_count = 1;
    out.deployments.push_back(deployment);
    return out;
  }

  int revision = 0;
};

void add_parameter_store(local::ActionTable& actions, std::map<std::string, std::string>& held) {
  actions.add<ssm::GetParameterRequest>(
      [&held](const auto& r) -> util::Result<ssm::GetParameterResponse, local::ApiError> {
        if (!held.contains(r.name)) {
          return util::unexpected(local::ApiError{"ParameterNotFound", "", 400});
        }
        ssm::GetParameterResponse out;
        out.parameter.emplace();
        out.parameter->name = r.name;
        out.parameter->value = held[r.name];
        return out;
      });
  actions.add<ssm::PutParameterRequest>(
      [&held](const auto& r) -> util::Result<ssm::PutParameterResponse, local::ApiError> {
        held[r.name] = r.value;
        return ssm::PutParameterResponse{};
      });
  actions.add<ssm::DeleteParameterRequest>(
      [&held](const auto& r) -> util::Result<ssm::DeleteParameterResponse, local::ApiError> {
        held.erase(r.name);
        return ssm::DeleteParameterResponse{};
      });
}

struct CloudFormationWorld {
  std::unique_ptr<test::FakeContext> context = std::make_unique<test::FakeContext>();
  local::ActionTable actions;
  FakeEcs ecs;
  std::map<std::string, std::string> parameters;
  std::unique_ptr<local::CloudFormation> module;

  CloudFormationWorld() { start(); }

  // The engine's process ends and another one begins; only the records stay.
  void restart() {
    auto next = std::make_unique<test::FakeContext>();
    for (const std::string_view kind : {"cloudformation.stack",
                                        "cloudformation.resource",
                                        "cloudformation.change_set",
                                        "cloudformation.event"}) {
      context->store.each(kind, [&](const std::string& id, const doc::Node& body) {
        next->store.put(kind, id, body);
      });
    }
    next->clock.set(context->clock.now());
    module.reset();
    context = std::move(next);
    actions = {};
    start();
  }

  void start() {
    ecs.add_actions(actions, context->context);
    add_parameter_store(actions, parameters);
    module = std::make_unique<local::CloudFormation>(context->context, actions, nullptr);
    module->add_actions(actions);
    module->restore();
  }

  template <class Request>
  auto call(const Request& request) {
    auto out = actions.call(request);
    context->settle();
    return out;
  }

  std::string create(const std::string& name, std::string_view body) {
    cfn::CreateStackRequest request;
    request.stack_name = name;
    request.template_body = util::replace_all(body, "'", "\"");
    auto out = call(request);
    return out ? "" : out.error().message;
  }

  std::string change(const std::string& stack,
                     const std::string& name,
                     std::string_view body,
                     const std::string& type = "UPDATE") {
    cfn::CreateChangeSetRequest request;
    request.stack_name = stack;
    request.change_set_name = name;
    request.change_set_type = type;
    request.template_body = util::replace_all(body, "'", "\"");
    auto out = call(request);
    return out ? "" : out.error().message;
  }

  std::string execute(const std::string& stack, const std::string& name) {
    cfn::ExecuteChangeSetRequest request;
    request.stack_name = stack;
    request.change_set_name = name;
    auto out = call(request);
    return out ? "" : out.error().code + " " + out.error().message;
  }

  void remove(const std::string& name) {
    cfn::DeleteStackRequest request;
    request.stack_name = name;
    REQUIRE(call(request).has_value());
  }

  cfn::Stack stack(const std::string& name) {
    cfn::DescribeStacksRequest request;
    request.stack_name = name;
    auto out = call(request);
    REQUIRE(out.has_value());
    return out->stacks.at(0);
  }

  std::string status(const std::string& name) { return stack(name).stack_status; }

  // "Cluster CREATE_COMPLETE", oldest first, from the n-th on.
  std::vector<std::string> events(const std::string& name, std::size_t from = 0) {
    cfn::DescribeStackEventsRequest request;
    request.stack_name = name;
    std::vector<std::string> out;
    while (true) {
      auto page = call(request);
      REQUIRE(page.has_value());
      for (const cfn::StackEvent& e : page->stack_events) {
        std::string line = *e.logical_resource_id + " " + *e.resource_status;
        if (e.resource_status_reason) {
          line += " (" + *e.resource_status_reason + ")";
        }
        out.insert(out.begin(), line);
      }
      if (!page->next_token) {
        break;
      }
      request.next_token = page->next_token;
    }
    out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(std::min(from, out.size())));
    return out;
  }

  void wait(const std::string& name) {
    for (int i = 0;
         i < 50 && cloudformation::is_in_progress(*cloudformation::stack_status(status(name)));
         ++i) {
      context->advance(100ms);
    }
  }
};

using EventLines = std::vector<std::string>;

constexpr std::string_view kService =
    "{'Resources': {"
    "'Cluster': {'Type': 'AWS::ECS::Cluster', 'Properties': {'ClusterName': 'app'}},"
    "'Task': {'Type': 'AWS::ECS::TaskDefinition', 'Properties': {'Family': 'good', 'Cpu': 256, "
    "'ContainerDefinitions': [{'Name': 'web', 'Image': 'web:1'}]}},"
    "'Web': {'Type': 'AWS::ECS::Service', 'Properties': {'Cluster': {'Ref': 'Cluster'}, "
    "'TaskDefinition': {'Ref': 'Task'}}}},"
    "'Outputs': {'Arn': {'Value': {'Fn::GetAtt': ['Cluster', 'Arn']}, 'Export': {'Name': 'cluster'}}}}";

constexpr std::string_view kTopics =
    "{'Resources': {"
    "'One': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 'one', 'DisplayName': 'a'}},"
    "'Two': {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': 'two', 'DisplayName': {'Ref': "
    "'One'}}}}}";

}  // namespace

TEST_CASE("recorded: a change set creates a stack, with AWS's events in AWS's order") {
  CloudFormationWorld w;
  CHECK(w.change("s", "first", kTopics, "CREATE").empty());
  CHECK(w.status("s") == "REVIEW_IN_PROGRESS");
  CHECK(w.execute("s", "first").empty());
  w.wait("s");
  CHECK(w.events("s") == EventLines{"s REVIEW_IN_PROGRESS (User Initiated)",
                                    "s CREATE_IN_PROGRESS (User Initiated)",
                                    "One CREATE_IN_PROGRESS",
                                    "One CREATE_IN_PROGRESS (Resource creation Initiated)",
                                    "One CREATE_COMPLETE",
                                    "Two CREATE_IN_PROGRESS",
                                    "Two CREATE_IN_PROGRESS (Resource creation Initiated)",
                                    "Two CREATE_COMPLETE",
                                    "s CREATE_COMPLETE"});
}

TEST_CASE("a stack is complete when its services are steady, not before") {
  CloudFormationWorld w;
  CHECK(w.create("s", kService).empty());
  w.context->advance(5s);
  CHECK(w.status("s") == "CREATE_IN_PROGRESS");
  w.ecs.steady();
  w.wait("s");
  const cfn::Stack stack = w.stack("s");
  CHECK(stack.stack_status == "CREATE_COMPLETE");
  REQUIRE(stack.outputs.size() == 1);
  CHECK(stack.outputs[0].output_value == "arn:aws:ecs:us-east-1:000000000000:cluster/app");
  CHECK(stack.outputs[0].export_name == "cluster");
  CHECK(w.ecs.calls == EventLines{"create cluster app", "register good cpu 256", "create service"});
}

TEST_CASE("what depends on a service begins when the service's tasks run and are healthy") {
  const std::string dependent =
      "{'Resources': {"
      "'Web': {'Type': 'AWS::ECS::Service', 'Properties': {'ServiceName': 'web', 'TaskDefinition': "
      "'good:1'}},"
      "'Next': {'Type': 'AWS::ECS::Cluster', 'DependsOn': 'Web', 'Properties': {'ClusterName': "
      "'next'}}}}";
  CloudFormationWorld w;
  const auto begun = [&] {
    return std::count(w.ecs.calls.begin(), w.ecs.calls.end(), "create cluster next") == 1;
  };
  w.ecs.probed = true;
  w.ecs.task.emplace();
  w.ecs.task->started_by = "ecs-svc/1";
  w.ecs.task->last_status = "PENDING";
  w.ecs.task->health_status = "UNKNOWN";
  CHECK(w.create("s", dependent).empty());
  w.context->advance(5s);
  CHECK_FALSE(begun());
  w.ecs.task->last_status = "RUNNING";
  w.context->advance(5s);
  CHECK_FALSE(begun());
  w.ecs.task->health_status = "HEALTHY";

  SUBCASE("at once when it is told that something moved") {
    w.module->wake("AWS::ECS::");
    w.context->advance(1ms);
    CHECK(begun());
  }
  SUBCASE("and goes on after a restart of the engine") {
    w.context->advance(1s);
    CHECK(begun());
    w.restart();
  }
  CHECK(w.status("s") == "CREATE_IN_PROGRESS");
  w.context->advance(1s);
  w.ecs.steady();
  w.wait("s");
  CHECK(w.events("s") == EventLines{"s CREATE_IN_PROGRESS (User Initiated)",
                                    "Web CREATE_IN_PROGRESS",
                                    "Web CREATE_IN_PROGRESS (Resource creation Initiated)",
                                    "Web CREATE_IN_PROGRESS (Eventual consistency check initiated)",
                                    "Next CREATE_IN_PROGRESS",
                                    "Next CREATE_IN_PROGRESS (Resource creation Initiated)",
                                    "Next CREATE_COMPLETE",
                                    "Web CREATE_COMPLETE",
                                    "s CREATE_COMPLETE"});
}

TEST_CASE("what began early is removed when the service does not settle") {
  CloudFormationWorld w;
  w.ecs.task.emplace();
  w.ecs.task->started_by = "ecs-svc/1";
  w.ecs.task->last_status = "RUNNING";
  CHECK(w.create("s",
                 "{'Resources': {"
                 "'Web': {'Type': 'AWS::ECS::Service', 'Properties': {'ServiceName': 'web', "
                 "'TaskDefinition': 'good:1'}},"
                 "'Next': {'Type': 'AWS::ECS::Cluster', 'DependsOn': 'Web', 'Properties': "
                 "{'ClusterName': 'next'}}}}")
            .empty());
  w.context->advance(1s);
  CHECK(w.ecs.calls == EventLines{"create service", "create cluster next"});
  for (auto& [arn, state] : w.ecs.deployments) {
    state = "FAILED";
  }
  w.wait("s");
  CHECK(w.status("s") == "ROLLBACK_COMPLETE");
  CHECK(
      w.ecs.calls ==
      EventLines{"create service", "create cluster next", "delete cluster next", "delete service"});
}

TEST_CASE("a service that the circuit breaker gives up rolls the stack back") {
  CloudFormationWorld w;
  CHECK(w.create("s", util::replace_all(kService, "'good'", "'bad'")).empty());
  w.wait("s");
  CHECK(w.status("s") == "ROLLBACK_COMPLETE");
  const EventLines events = w.events("s");
  const auto failed = std::find_if(events.begin(), events.end(), [](const std::string& line) {
    return line.starts_with("Web CREATE_FAILED");
  });
  REQUIRE(failed != events.end());
  CHECK(failed->starts_with(
      "Web CREATE_FAILED (Resource handler returned message: \"Error occurred during operation 'ECS "
      "Deployment Circuit Breaker was triggered'.\" (RequestToken: "));
  CHECK(failed->ends_with(", HandlerErrorCode: GeneralServiceException))"));
  CHECK(
      *std::next(failed) ==
      "s ROLLBACK_IN_PROGRESS (The following resource(s) failed to create: [Web]. Rollback requested "
      "by user.)");
  CHECK(EventLines(w.ecs.calls.end() - 3, w.ecs.calls.end()) ==
        EventLines{"delete service",
                   "delete cluster app",
                   "deregister arn:aws:ecs:us-east-1:000000000000:task-definition/bad:1"});
  CHECK(events.back() == "s ROLLBACK_COMPLETE");
}

TEST_CASE("the first failure cancels what is in flight") {
  CloudFormationWorld w;
  w.ecs.fail_cluster = "no";
  CHECK(w.create(
             "s",
             "{'Resources': {"
             "'Good': {'Type': 'AWS::ECS::Cluster', 'Properties': {'ClusterName': 'yes'}},"
             "'Service': {'Type': 'AWS::ECS::Service', 'Properties': {'Cluster': {'Ref': 'Good'}, "
             "'TaskDefinition': 'good:1'}},"
             "'Late': {'Type': 'AWS::ECS::Cluster', 'DependsOn': 'Good', 'Properties': "
             "{'ClusterName': 'no'}}}}")
            .empty());
  w.wait("s");
  CHECK(w.status("s") == "ROLLBACK_COMPLETE");
  const EventLines events = w.events("s");
  CHECK(std::find(events.begin(),
                  events.end(),
                  "Service CREATE_FAILED (Resource creation cancelled)") != events.end());
  CHECK(
      std::find_if(events.begin(), events.end(), [](const std::string& line) {
        return line.starts_with(
            "s ROLLBACK_IN_PROGRESS (The following resource(s) failed to create: [Late, Service]. ");
      }) != events.end());
}

TEST_CASE("a stack without rollback stays as it failed") {
  CloudFormationWorld w;
  w.ecs.fail_cluster = "no";
  cfn::CreateStackRequest request;
  request.stack_name = "s";
  request.on_failure = "DO_NOTHING";
  request.template_body =
      R"({"Resources": {"C": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "no"}}}})";
  REQUIRE(w.call(request).has_value());
  w.wait("s");
  CHECK(w.status("s") == "CREATE_FAILED");
  CHECK(w.stack("s").stack_status_reason == "The following resource(s) failed to create: [C]. ");
}

TEST_CASE("recorded: an update in place leaves unchanged resources without events") {
  CloudFormationWorld w;
  CHECK(w.create("s", kTopics).empty());
  w.wait("s");
  const std::size_t before = w.events("s").size();
  CHECK(w.change("s", "c", util::replace_all(kTopics, "'a'", "'b'")).empty());
  CHECK(w.execute("s", "c").empty());
  w.wait("s");
  CHECK(w.events("s", before) == EventLines{"s UPDATE_IN_PROGRESS (User Initiated)",
                                            "One UPDATE_IN_PROGRESS",
                                            "One UPDATE_COMPLETE",
                                            "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                                            "s UPDATE_COMPLETE"});
}

TEST_CASE("recorded: a replacement makes the new one first and removes the old one last") {
  CloudFormationWorld w;
  CHECK(w.create("s", kTopics).empty());
  w.wait("s");
  const std::size_t before = w.events("s").size();
  CHECK(w.change("s", "c", util::replace_all(kTopics, "'one'", "'uno'")).empty());
  CHECK(w.execute("s", "c").empty());
  w.wait("s");
  CHECK(
      w.events("s", before) ==
      EventLines{"s UPDATE_IN_PROGRESS (User Initiated)",
                 "One UPDATE_IN_PROGRESS (Requested update requires the creation of a new physical "
                 "resource; hence creating one.)",
                 "One UPDATE_IN_PROGRESS (Resource creation Initiated)",
                 "One UPDATE_COMPLETE",
                 "Two UPDATE_IN_PROGRESS",
                 "Two UPDATE_COMPLETE",
                 "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                 "One DELETE_IN_PROGRESS",
                 "One DELETE_COMPLETE",
                 "s UPDATE_COMPLETE"});
}

TEST_CASE("documented: a failed update goes back to what ran before and removes what it had made") {
  CloudFormationWorld w;
  CHECK(w.create("s", kService).empty());
  w.ecs.steady();
  w.wait("s");
  const std::size_t before = w.events("s").size();
  w.ecs.calls.clear();
  CHECK(w.change("s", "c", util::replace_all(kService, "'good'", "'bad'")).empty());
  CHECK(w.execute("s", "c").empty());
  w.context->advance(1s);
  w.ecs.steady();
  w.wait("s");
  CHECK(w.status("s") == "UPDATE_ROLLBACK_COMPLETE");
  CHECK(w.ecs.calls ==
        EventLines{"register bad cpu 256",
                   "update service to arn:aws:ecs:us-east-1:000000000000:task-definition/bad:2",
                   "update service to arn:aws:ecs:us-east-1:000000000000:task-definition/good:1",
                   "deregister arn:aws:ecs:us-east-1:000000000000:task-definition/bad:2"});
  const EventLines events = w.events("s", before);
  CHECK(std::find(events.begin(),
                  events.end(),
                  "s UPDATE_ROLLBACK_IN_PROGRESS (The following "
                  "resource(s) failed to update: [Web]. )") != events.end());
  CHECK(events.back() == "s UPDATE_ROLLBACK_COMPLETE");
}

TEST_CASE("new tags of the stack reach its resources") {
  CloudFormationWorld w;
  CHECK(w.create("s", kService).empty());
  w.ecs.steady();
  w.wait("s");
  cfn::UpdateStackRequest request;
  request.stack_name = "s";
  request.use_previous_template = true;
  request.tags = {{"team", "blue"}};
  CHECK(w.call(request).has_value());
  w.context->advance(200ms);
  w.ecs.steady();
  w.wait("s");
  CHECK(w.status("s") == "UPDATE_COMPLETE");
  CHECK(w.ecs.tags == 4);  // and the three of CloudFormation
}

TEST_CASE("recorded: a change set without changes fails and cannot be executed") {
  CloudFormationWorld w;
  CHECK(w.create("s", kTopics).empty());
  w.wait("s");
  CHECK(w.change("s", "c", kTopics).empty());
  cfn::DescribeChangeSetRequest request;
  request.stack_name = "s";
  request.change_set_name = "c";
  auto out = w.call(request);
  REQUIRE(out.has_value());
  CHECK(out->status == "FAILED");
  CHECK(out->execution_status == "UNAVAILABLE");
  CHECK(
      out->status_reason ==
      "The submitted information didn't contain changes. Submit different information to create a "
      "change set.");
  CHECK(w.execute("s", "c") == "InvalidChangeSetStatus ChangeSet [" + *out->change_set_id +
                                   "] cannot be executed in its current status of [FAILED]");
}

TEST_CASE("deleting goes backwards, and the stack is then known by its id only") {
  CloudFormationWorld w;
  CHECK(w.create("s", kService).empty());
  w.ecs.steady();
  w.wait("s");
  const std::string id = *w.stack("s").stack_id;
  w.ecs.calls.clear();
  w.remove("s");
  for (int i = 0; i < 20; ++i) {
    w.context->advance(100ms);
  }
  CHECK(w.status(id) == "DELETE_COMPLETE");
  CHECK(w.ecs.calls ==
        EventLines{"delete service",
                   "delete cluster app",
                   "deregister arn:aws:ecs:us-east-1:000000000000:task-definition/good:1"});
  cfn::DescribeStacksRequest request;
  request.stack_name = "s";
  CHECK(w.call(request).error().message == "Stack with id s does not exist");
}

TEST_CASE("a delete interrupts a creation") {
  CloudFormationWorld w;
  CHECK(w.create("s", kService).empty());
  w.context->advance(1s);
  const std::string id = *w.stack("s").stack_id;
  w.remove("s");
  w.wait(id);
  CHECK(w.status(id) == "DELETE_COMPLETE");
  CHECK(w.ecs.deployments.empty());
}

TEST_CASE("what is to be retained stays") {
  CloudFormationWorld w;
  CHECK(w.create("s",
                 "{'Resources': {'C': {'Type': 'AWS::ECS::Cluster', 'DeletionPolicy': 'Retain', "
                 "'Properties': {'ClusterName': 'kept'}}}}")
            .empty());
  w.wait("s");
  const std::string id = *w.stack("s").stack_id;
  w.remove("s");
  w.wait(id);
  CHECK(w.events(id).at(w.events(id).size() - 2) == "C DELETE_SKIPPED");
  CHECK(w.ecs.calls == EventLines{"create cluster kept"});
}

TEST_CASE("an operation goes on after the engine was killed") {
  CloudFormationWorld w;
  CHECK(w.create("s", kService).empty());
  w.context->advance(1s);
  w.restart();
  w.context->settle();
  w.ecs.steady();
  w.wait("s");
  CHECK(w.status("s") == "CREATE_COMPLETE");
  CHECK(w.ecs.calls == EventLines{"create cluster app", "register good cpu 256", "create service"});
}

TEST_CASE("nothing is created of a template with an unknown type or property") {
  CloudFormationWorld w;
  CHECK(w.create("s", "{'Resources': {'A': {'Type': 'AWS::RDS::DBInstance'}}}") ==
        "Template format error: Unrecognized resource types: [AWS::RDS::DBInstance]");
  CHECK(w.create("s",
                 "{'Resources': {'T': {'Type': 'AWS::ECS::TaskDefinition', 'Properties': "
                 "{'ContainerDefinitions': [{'Name': 'a', 'Imge': 'b'}]}}}}") ==
        "Properties validation failed for resource T with message:\n#/ContainerDefinitions/0: "
        "extraneous key [Imge] is not permitted");
  cfn::DescribeStacksRequest request;
  request.stack_name = "s";
  CHECK_FALSE(w.call(request).has_value());
}

TEST_CASE("a template may be YAML with short tags") {
  CloudFormationWorld w;
  cfn::CreateStackRequest request;
  request.stack_name = "s";
  request.template_body =
      "AWSTemplateFormatVersion: 2010-09-09\nResources:\n  One: {Type: AWS::SNS::Topic}\n  Two:\n"
      "    Type: AWS::SNS::Topic\n    Properties: {DisplayName: !GetAtt One.TopicName}\n";
  REQUIRE(w.call(request).has_value());
  w.wait("s");
  CHECK(w.status("s") == "CREATE_COMPLETE");
  request.stack_name = "t";
  request.template_body = "Resources:\n  One: {Type";
  CHECK(w.call(request).error().message.starts_with(
      "Template format error: YAML not well-formed. (line "));
}

TEST_CASE("a secret's value reaches the resource but no record") {
  CloudFormationWorld w;
  w.parameters["/pw"] = "canary-4711";
  CHECK(
      w.create("s",
               "{'Resources': {'P': {'Type': 'AWS::SSM::Parameter', 'Properties': {'Name': 'copy', "
               "'Type': 'String', 'Value': '{{resolve:ssm:/pw}}'}}}}")
          .empty());
  w.wait("s");
  CHECK(w.parameters["copy"] == "canary-4711");
  cfn::DescribeStackEventsRequest request;
  request.stack_name = "s";
  const auto history = w.call(request);
  REQUIRE(history.has_value());
  for (const cfn::StackEvent& e : history->stack_events) {
    CHECK(e.resource_properties.value_or("").find("canary") == std::string::npos);
  }
}

TEST_CASE("pages of events go on where the last one ended, whatever arrives meanwhile") {
  CloudFormationWorld w;
  std::string body = "{'Resources': {";
  for (int i = 0; i < 40; ++i) {
    body += (i > 0 ? "," : "") + ("'T" + std::to_string(i)) + "': {'Type': 'AWS::SNS::Topic'}";
  }
  CHECK(w.create("s", body + "}}").empty());
  w.wait("s");
  CHECK(w.events("s").size() == 2 + 40 * 3);
  cfn::DescribeStackEventsRequest request;
  request.stack_name = "s";
  auto first = w.call(request);
  CHECK(first->stack_events.size() == 100);
  REQUIRE(first->next_token.has_value());
  request.next_token = first->next_token;
  CHECK(w.call(request)->stack_events.size() == 22);
}

TEST_CASE("exports are used by name and protected while they are") {
  CloudFormationWorld w;
  CHECK(w.create("base",
                 "{'Resources': {'A': {'Type': 'AWS::SNS::Topic'}}, 'Outputs': {'O': {'Value': "
                 "'v', 'Export': {'Name': 'shared'}}}}")
            .empty());
  w.wait("base");
  CHECK(w.create("user",
                 "{'Resources': {'A': {'Type': 'AWS::SNS::Topic', 'Properties': {'DisplayName': "
                 "{'Fn::ImportValue': 'shared'}}}}}")
            .empty());
  w.wait("user");
  cfn::ListImportsRequest imports;
  imports.export_name = "shared";
  CHECK(w.call(imports)->imports == EventLines{"user"});
  cfn::DeleteStackRequest request;
  request.stack_name = "base";
  CHECK(w.call(request).error().message ==
        "Export shared cannot be deleted as it is in use by user");
}

TEST_CASE("termination protection and busy stacks") {
  CloudFormationWorld w;
  CHECK(w.create("s", kService).empty());
  CHECK(w.change("s", "c", kTopics)
            .ends_with(" is in CREATE_IN_PROGRESS state and can not be updated."));
  CHECK(w.create("s", kTopics) == "Stack [s] already exists");
  w.ecs.steady();
  w.wait("s");
  cfn::UpdateTerminationProtectionRequest protect;
  protect.stack_name = "s";
  protect.enable_termination_protection = true;
  CHECK(w.call(protect).has_value());
  cfn::DeleteStackRequest request;
  request.stack_name = "s";
  CHECK(w.call(request).error().message ==
        "Stack [s] cannot be deleted while TerminationProtection is enabled");
}
