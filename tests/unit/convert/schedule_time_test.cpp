#include "convert/schedule_time.hpp"

#include <doctest/doctest.h>

namespace {

std::string expression(const std::string& text) {
  const compose::Project project;
  diag::Bag bag;
  convert::Builder builder(project, bag, convert::read_small_tree);
  const auto time = convert::schedule_time(builder, doc::Node(text));
  return time ? time->expression : "refused";
}

}  // namespace

TEST_CASE("crontab's five fields become EventBridge's six") {
  CHECK(expression("0 3 * * *") == "cron(0 3 * * ? *)");
  CHECK(expression("*/15 * * * *") == "cron(0/15 * * * ? *)");
  CHECK(expression("30 3 1 */2 *") == "cron(30 3 1 1/2 ? *)");
  CHECK(expression("0 3 * * 0") == "cron(0 3 ? * 1 *)");
  CHECK(expression("0 3 * * 7") == "cron(0 3 ? * 1 *)");
  CHECK(expression("0 3 * * 1-5") == "cron(0 3 ? * 2,3,4,5,6 *)");
  CHECK(expression("0 3 * * 5-7") == "cron(0 3 ? * 1,6,7 *)");
  CHECK(expression("0 3 * * mon-fri") == "cron(0 3 ? * MON-FRI *)");
  CHECK(expression("@weekly") == "cron(0 0 ? * 1 *)");
}

TEST_CASE("EventBridge's own expressions are passed on") {
  CHECK(expression("rate(5 minutes)") == "rate(5 minutes)");
  CHECK(expression("at(2027-01-01T00:00:00)") == "at(2027-01-01T00:00:00)");
}

TEST_CASE("what is no schedule is refused") {
  for (const std::string text :
       {"", "daily", "0 3 * *", "0 3 1 * 1", "0 3 * * 8", "0 3 * * 5-1", "0 3 * * */0"}) {
    CAPTURE(text);
    CHECK(expression(text) == "refused");
  }
}
