#include "deploy/execute.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "scripted_api.hpp"

namespace {

constexpr std::string_view kStackId = "arn:aws:cloudformation:eu-west-1:1:stack/app/1";

class Recorder final : public deploy::Observer {
 public:
  void on_step(const deploy::Step& step) override {
    lines.push_back("step: " + deploy::describe(deploy::Plan{{step}}));
    lines.back().pop_back();
  }

  void on_changes(const std::vector<deploy::PlannedChange>& changes) override {
    lines.push_back("changes: " + std::to_string(changes.size()));
  }

  void on_event(const deploy::StackEvent& event) override {
    lines.push_back(event.logical_id + " " + event.status);
  }

  void on_remark(const std::string& line) override { lines.push_back("remark: " + line); }

  std::vector<std::string> lines;
};

std::string event(int number,
                  const std::string& id,
                  const std::string& status,
                  const std::string& reason = {}) {
  const bool is_stack = id == "app";
  return R"({"StackId":")" + std::string(kStackId) + R"(","StackName":"app","EventId":"e)" +
         std::to_string(number) + R"(","LogicalResourceId":")" + id +
         R"(","PhysicalResourceId":")" +
         (is_stack ? std::string(kStackId) : "arn:aws:ecs:eu-west-1:1:service/app/web-1") +
         R"(","ResourceType":")" + (is_stack ? "AWS::CloudFormation::Stack" : "AWS::ECS::Service") +
         R"(","ResourceStatus":")" + status + R"(","ResourceStatusReason":")" + reason +
         R"(","Timestamp":)" + std::to_string(number) + "}";
}

// Newest first, as the API answers.
std::string page(std::vector<std::string> events) {
  std::string out;
  for (const std::string& e : events) {
    out = e + (out.empty() ? "" : ",") + out;
  }
  return R"({"StackEvents":[)" + out + "]}";
}

std::string stack(const std::string& status) {
  return R"({"Stacks":[{"StackId":")" + std::string(kStackId) +
         R"(","StackName":"app","StackStatus":")" + status +
         R"(","CreationTime":0,"Tags":[{"Key":"com.docker.compose.project","Value":"app"}],)"
         R"("Outputs":[{"OutputKey":"WebTCP80Url","OutputValue":"http://lb"}]}]})";
}

struct Fixture {
  test::ScriptedApi api;
  Recorder recorder;
  int pauses_left = 100;
  int tokens = 0;
  deploy::World world{.api = api,
                      .observer = recorder,
                      .pause = [this](std::chrono::milliseconds) { return --pauses_left >= 0; },
                      .new_token = [this] { return "t" + std::to_string(++tokens); }};

  void script_change_set() {
    api.answer("CreateChangeSet",
               R"({"Id":"arn:cs","StackId":")" + std::string(kStackId) + R"("})");
    api.answer("DescribeChangeSet", R"({"Status":"CREATE_IN_PROGRESS"})");
    api.answer(
        "DescribeChangeSet",
        R"({"Status":"CREATE_COMPLETE","Changes":[{"Type":"Resource","ResourceChange":)"
        R"({"Action":"Add","LogicalResourceId":"WebService","ResourceType":"AWS::ECS::Service"}}]})");
  }
};

const deploy::Intent kProject{"app", "app", "{}", {{"VpcId", "vpc-1"}}};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a new stack is created by a change set and followed to its end") {
  api.absent("DescribeStacks");
  api.answer("DescribeStacks", stack("CREATE_COMPLETE"));
  script_change_set();
  const std::string review = event(1, "app", "REVIEW_IN_PROGRESS");
  const std::string begun = event(2, "app", "CREATE_IN_PROGRESS");
  api.answer("DescribeStackEvents", page({review}));
  api.answer("DescribeStackEvents",
             page({review, begun, event(3, "WebService", "CREATE_IN_PROGRESS")}));
  api.answer("DescribeStackEvents",
             page({review,
                   begun,
                   event(3, "WebService", "CREATE_IN_PROGRESS"),
                   event(4, "WebService", "CREATE_COMPLETE"),
                   event(5, "app", "CREATE_COMPLETE")}));

  const auto outcome = deploy::up(world, kProject);
  REQUIRE(outcome);
  CHECK(outcome->result == deploy::UpResult::created);
  CHECK(outcome->stack.outputs.front().value == "http://lb");
  CHECK(recorder.lines == std::vector<std::string>{"step: create the stack",
                                                   "changes: 1",
                                                   "app CREATE_IN_PROGRESS",
                                                   "WebService CREATE_IN_PROGRESS",
                                                   "WebService CREATE_COMPLETE",
                                                   "app CREATE_COMPLETE"});
  const std::string request = api.calls_of("CreateChangeSet").front();
  CHECK(request.find(R"("ChangeSetType":"CREATE")") != std::string::npos);
  CHECK(request.find(R"("ClientToken":"docker-ecs-t1")") != std::string::npos);
  CHECK(request.find(R"({"ParameterKey":"VpcId","ParameterValue":"vpc-1"})") != std::string::npos);
  CHECK(request.find("CAPABILITY_IAM") != std::string::npos);
  CHECK(request.find("com.docker.compose.project") != std::string::npos);
  CHECK(api.calls_of("ExecuteChangeSet").front().find("docker-ecs-t2") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "no change is success, and the empty change set is removed") {
  api.answer("DescribeStacks", stack("UPDATE_COMPLETE"));
  api.answer("CreateChangeSet", R"({"Id":"arn:cs","StackId":"arn:s"})");
  api.answer(
      "DescribeChangeSet",
      R"({"Status":"FAILED","StatusReason":"The submitted information didn't contain changes. Submit different information to create a change set."})");
  const auto outcome = deploy::up(world, kProject);
  REQUIRE(outcome);
  CHECK(outcome->result == deploy::UpResult::unchanged);
  CHECK(api.calls_of("DeleteChangeSet").size() == 1);
  CHECK(api.calls_of("DeleteStack").empty());
  CHECK(api.calls_of("ExecuteChangeSet").empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "a failed creation names the first cause, and what the failing task said") {
  api.absent("DescribeStacks");
  script_change_set();
  api.answer("DescribeStackEvents", page({}));
  api.answer(
      "DescribeStackEvents",
      page(
          {event(1, "app", "CREATE_IN_PROGRESS"),
           event(2, "OtherService", "CREATE_FAILED", "Resource creation cancelled"),
           event(
               3,
               "WebService",
               "CREATE_FAILED",
               R"(Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException))"),
           event(4, "app", "ROLLBACK_IN_PROGRESS"),
           event(5, "app", "ROLLBACK_COMPLETE")}));
  api.answer("ListTasks", R"({"taskArns":["arn:aws:ecs:eu-west-1:1:task/app/t1"]})");
  api.answer(
      "DescribeTasks",
      R"({"tasks":[{"taskArn":"arn:aws:ecs:eu-west-1:1:task/app/t1","stoppedReason":"Essential container in task exited",)"
      R"("stopCode":"EssentialContainerExited","taskDefinitionArn":"td","containers":[{"name":"web","exitCode":7}]}]})");
  api.answer(
      "DescribeTaskDefinition",
      R"({"taskDefinition":{"containerDefinitions":[{"name":"web","logConfiguration":{"logDriver":"awslogs",)"
      R"("options":{"awslogs-group":"g","awslogs-stream-prefix":"app"}}}]}})");
  api.answer("GetLogEvents", R"({"events":[{"timestamp":1,"message":"no database\n"}]})");

  const auto outcome = deploy::up(world, kProject);
  REQUIRE_FALSE(outcome);
  const auto* failed = std::get_if<deploy::Failed>(&outcome.error());
  REQUIRE(failed != nullptr);
  CHECK(failed->message ==
        "stack `app` ended in ROLLBACK_COMPLETE: WebService: Error occurred during operation 'ECS "
        "Deployment Circuit Breaker was triggered'.");
  CHECK(failed->details ==
        std::vector<std::string>{"task t1 stopped: Essential container in task exited",
                                 "  web: exit code 7",
                                 "last log lines:",
                                 "  web | no database"});
  CHECK(std::count(
            recorder.lines.begin(),
            recorder.lines.end(),
            "remark: WebService: task t1 stopped: Essential container in task exited (web: exit "
            "code 7)") == 1);
  CHECK(api.calls_of("GetLogEvents").front().find(R"("logStreamName":"app/web/t1")") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the leftover of a failed creation is explained, deleted and replaced") {
  api.answer("DescribeStacks", stack("ROLLBACK_COMPLETE"));
  api.absent("DescribeStacks");
  api.answer("DescribeStacks", stack("CREATE_COMPLETE"));
  const std::string old = event(1, "app", "CREATE_IN_PROGRESS");
  const std::string broken = event(2, "WebService", "CREATE_FAILED", "no such image");
  const std::string rolled_back = event(3, "app", "ROLLBACK_COMPLETE");
  api.answer("DescribeStackEvents", page({old, broken, rolled_back}));
  api.answer("DescribeStackEvents", page({old, broken, rolled_back}));
  api.answer("DescribeStackEvents", page({old, broken, rolled_back}));
  api.answer("DescribeStackEvents",
             page({old, broken, rolled_back, event(4, "app", "DELETE_COMPLETE")}));
  script_change_set();
  api.answer("DescribeStackEvents", page({}));
  api.answer("DescribeStackEvents", page({event(5, "app", "CREATE_COMPLETE")}));
  const auto outcome = deploy::up(world, kProject);
  REQUIRE(outcome);
  CHECK(outcome->result == deploy::UpResult::created);
  CHECK(recorder.lines.at(0) == "step: delete what is left of the stack (ROLLBACK_COMPLETE)");
  CHECK(
      recorder.lines.at(1) ==
      "remark: the last deployment of `app` failed (ROLLBACK_COMPLETE): WebService: no such image");
  CHECK(recorder.lines.at(2) == "app DELETE_COMPLETE");
}

TEST_CASE_FIXTURE(Fixture,
                  "an operation under way is followed from its beginning before anything else") {
  api.answer("DescribeStacks", stack("UPDATE_IN_PROGRESS"));
  api.answer("DescribeStacks", stack("UPDATE_COMPLETE"));
  const std::string created = event(1, "app", "CREATE_COMPLETE");
  const std::string begun = event(2, "app", "UPDATE_IN_PROGRESS");
  api.answer("DescribeStackEvents", page({created, begun}));
  api.answer("DescribeStackEvents", page({created, begun, event(3, "app", "UPDATE_COMPLETE")}));
  api.answer("CreateChangeSet", R"({"Id":"arn:cs","StackId":"arn:s"})");
  api.answer("DescribeChangeSet",
             R"({"Status":"FAILED","StatusReason":"No updates are to be performed."})");
  const auto outcome = deploy::up(world, kProject);
  REQUIRE(outcome);
  CHECK(recorder.lines ==
        std::vector<std::string>{"step: wait for the operation under way (UPDATE_IN_PROGRESS)",
                                 "app UPDATE_IN_PROGRESS",
                                 "app UPDATE_COMPLETE",
                                 "step: update the stack"});
}

TEST_CASE_FIXTURE(Fixture, "who stops waiting is told so, and nothing is deleted") {
  api.absent("DescribeStacks");
  script_change_set();
  api.answer("DescribeStackEvents", page({}));
  pauses_left = 3;
  const auto outcome = deploy::up(world, kProject);
  REQUIRE_FALSE(outcome);
  CHECK(std::get<deploy::Detached>(outcome.error()).stack_name == "app");
  CHECK(api.calls_of("DeleteStack").empty());
}

TEST_CASE_FIXTURE(Fixture, "down lists what its template retains") {
  api.answer("DescribeStacks", stack("CREATE_COMPLETE"));
  api.answer("DescribeStackEvents", page({event(1, "app", "CREATE_COMPLETE")}));
  api.answer("DescribeStackEvents",
             page({event(1, "app", "CREATE_COMPLETE"),
                   event(2, "app", "DELETE_IN_PROGRESS"),
                   event(3, "Data", "DELETE_SKIPPED"),
                   event(4, "app", "DELETE_COMPLETE")}));
  const auto outcome = deploy::down(world, "app", "app");
  REQUIRE(outcome);
  CHECK(outcome->was_there);
  REQUIRE(outcome->kept.size() == 1);
  CHECK(outcome->kept.front().starts_with("Data (AWS::ECS::Service"));
}

TEST_CASE_FIXTURE(Fixture, "down of what does not exist is not an error") {
  api.absent("DescribeStacks");
  const auto outcome = deploy::down(world, "app", "app");
  REQUIRE(outcome);
  CHECK_FALSE(outcome->was_there);
  CHECK(api.calls_of("DeleteStack").empty());
}

TEST_CASE_FIXTURE(Fixture, "a short silence of the endpoint does not end the waiting") {
  api.answer("DescribeStacks", stack("CREATE_COMPLETE"));
  api.answer("DescribeStackEvents", page({event(1, "app", "CREATE_COMPLETE")}));
  api.fail("DescribeStackEvents", {deploy::ApiError::Kind::unreachable, "", "connection refused"});
  api.answer("DescribeStackEvents",
             page({event(1, "app", "CREATE_COMPLETE"), event(2, "app", "DELETE_COMPLETE")}));
  CHECK(deploy::down(world, "app", "app"));
}
