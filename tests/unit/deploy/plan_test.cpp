#include "deploy/plan.hpp"

#include <doctest/doctest.h>

#include "support/golden.hpp"

namespace {

const deploy::Intent kIntent{"app", "app", "{}", {}};

std::string text_of(const util::Result<deploy::Plan, deploy::Refusal>& plan) {
  if (!plan) {
    return "refused: " + plan.error().message + "\n  help: " + plan.error().help + "\n";
  }
  const std::string steps = deploy::describe(*plan);
  return steps.empty() ? "nothing\n" : steps;
}

deploy::RemoteStack stack_in(const std::string& status, const std::string& project) {
  return {"arn:aws:cloudformation:eu-west-1:1:stack/app/1", "app", status, "", project, {}};
}

}  // namespace

TEST_CASE("what up and down do in every state of a stack") {
  std::string text = "# absent\nup: " + text_of(plan_up(kIntent, std::nullopt)) +
                     "down: " + text_of(deploy::plan_down("app", std::nullopt));
  for (const std::string status : {"REVIEW_IN_PROGRESS",
                                   "CREATE_IN_PROGRESS",
                                   "CREATE_COMPLETE",
                                   "CREATE_FAILED",
                                   "ROLLBACK_COMPLETE",
                                   "ROLLBACK_FAILED",
                                   "UPDATE_IN_PROGRESS",
                                   "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                                   "UPDATE_COMPLETE",
                                   "UPDATE_ROLLBACK_COMPLETE",
                                   "UPDATE_ROLLBACK_FAILED",
                                   "DELETE_IN_PROGRESS",
                                   "DELETE_FAILED"}) {
    text += "# " + status + "\nup: " + text_of(plan_up(kIntent, stack_in(status, "app"))) +
            "down: " + text_of(deploy::plan_down("app", stack_in(status, "app")));
  }
  test::check_golden("tests/golden/plans/by-state.txt", text);
}

TEST_CASE("a stack of somebody else is left alone") {
  for (const std::string owner : {"", "other"}) {
    CHECK_FALSE(plan_up(kIntent, stack_in("CREATE_COMPLETE", owner)));
    CHECK_FALSE(deploy::plan_down("app", stack_in("CREATE_COMPLETE", owner)));
  }
}

TEST_CASE("a template that a request cannot carry is refused before anything is done") {
  deploy::Intent intent = kIntent;
  intent.template_body = std::string(1'000'001, 'x');
  CHECK_FALSE(plan_up(intent, std::nullopt));
  intent.template_body.pop_back();
  CHECK(plan_up(intent, std::nullopt));
}
