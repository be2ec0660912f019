#include <doctest/doctest.h>

#include "awsapi/sts.hpp"
#include "doc/json_reader.hpp"
#include "local/actions/iam.hpp"
#include "local/actions/sts.hpp"
#include "support/fake_context.hpp"

namespace {

namespace api = awsapi::iam;

local::RoleDefinition role_named(const std::string& name) {
  local::RoleDefinition role;
  role.name = name;
  role.assume_role_policy = *doc::read_json(R"({"Version":"2012-10-17"})");
  role.managed_policy_arns = {
      "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"};
  role.inline_policies.emplace_back("logs", *doc::read_json(R"({"Statement":[]})"));
  return role;
}

struct IamWorld {
  test::FakeContext fake;
  local::ActionTable actions;
  local::Iam iam{fake.context};
  local::Sts sts{fake.context, actions};

  IamWorld() {
    iam.add_actions(actions);
    sts.add_actions(actions);
  }
};

}  // namespace

TEST_CASE("a declared role is shown with its policies, also after a restart") {
  IamWorld world;
  const auto made = world.iam.create_role(role_named("task"));
  REQUIRE(made.has_value());
  CHECK(made->arn == "arn:aws:iam::000000000000:role/task");
  CHECK(made->id.starts_with("AROA"));
  CHECK(world.iam.create_role(role_named("task")).error().code == "EntityAlreadyExists");

  local::Iam again(world.fake.context);
  again.restore();
  local::ActionTable actions;
  again.add_actions(actions);
  api::GetRoleRequest get;
  get.role_name = "task";
  CHECK(actions.call(get)->role.assume_role_policy_document ==
        "%7B%22Version%22%3A%222012-10-17%22%7D");
  api::ListAttachedRolePoliciesRequest attached;
  attached.role_name = "task";
  CHECK(actions.call(attached)->attached_policies.at(0).policy_name ==
        "AmazonECSTaskExecutionRolePolicy");
  api::GetRolePolicyRequest policy;
  policy.role_name = "task";
  policy.policy_name = "logs";
  CHECK(actions.call(policy)->policy_document == "%7B%22Statement%22%3A%5B%5D%7D");
  policy.policy_name = "none";
  CHECK(actions.call(policy).error().http_status == 404);

  again.remove_role("task");
  CHECK(actions.call(get).error().message == "The role with name task cannot be found.");
}

TEST_CASE("roles are listed in pages") {
  IamWorld world;
  for (const char* name : {"a", "b", "c"}) {
    REQUIRE(world.iam.create_role(role_named(name)).has_value());
  }
  api::ListRolesRequest list;
  list.max_items = 2;
  const auto first = world.actions.call(list);
  REQUIRE(first.has_value());
  CHECK(first->is_truncated == true);
  list.marker = first->marker;
  const auto second = world.actions.call(list);
  CHECK(second->roles.size() == 1);
  CHECK(second->is_truncated == false);
  list.marker = "x";
  CHECK(world.actions.call(list).error().code == "InvalidInput");
}

TEST_CASE("the caller is the account's root, who may assume roles that exist") {
  IamWorld world;
  CHECK(world.actions.call(awsapi::sts::GetCallerIdentityRequest{})->arn ==
        "arn:aws:iam::000000000000:root");
  REQUIRE(world.iam.create_role(role_named("task")).has_value());
  awsapi::sts::AssumeRoleRequest assume;
  assume.role_arn = "arn:aws:iam::000000000000:role/task";
  assume.role_session_name = "me";
  const auto answer = world.actions.call(assume);
  REQUIRE(answer.has_value());
  CHECK(answer->assumed_role_user->arn == "arn:aws:sts::000000000000:assumed-role/task/me");
  CHECK(answer->credentials->expiration.millis ==
        world.fake.clock.now().time_since_epoch().count() + 3'600'000);
  assume.role_arn = "arn:aws:iam::000000000000:role/none";
  CHECK(world.actions.call(assume).error().http_status == 403);
}
