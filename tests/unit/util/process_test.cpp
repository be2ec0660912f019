#include "util/process.hpp"

#include <doctest/doctest.h>

using std::chrono::milliseconds;

TEST_CASE("a program's output, errors and exit code are collected") {
  const auto result =
      util::run_process({"sh", "-c", "echo out; echo err >&2; cat; exit 3"}, milliseconds{5'000});
  REQUIRE(result);
  CHECK(result->exit_code == 3);
  CHECK(result->out == "out\n");
  CHECK(result->err == "err\n");
}

TEST_CASE("a program that is missing, hangs or floods is an error") {
  CHECK(util::run_process({"/does/not/exist"}, milliseconds{1'000}).error() ==
        "cannot run /does/not/exist: no such file or directory");
  CHECK(util::run_process({"sleep", "10"}, milliseconds{50}).error() ==
        "sleep did not finish in time");
  CHECK(util::run_process({"cat", "/dev/zero"}, milliseconds{10'000}).error() ==
        "cat wrote too much");
  CHECK(util::run_process({}, milliseconds{1'000}).error() == "there is no command to run");
  CHECK(util::run_process({"sh", "-c", "kill -9 $$"}, milliseconds{5'000})->exit_code == 137);
}

TEST_CASE("a command line is split like a shell would") {
  using Words = std::vector<std::string>;
  CHECK(*util::split_command(R"(/opt/get creds  --name "a b" 'c "d' e\ f "")") ==
        Words{"/opt/get", "creds", "--name", "a b", "c \"d", "e f", ""});
  CHECK(*util::split_command(R"("a\"b\c")") == Words{R"(a"b\c)"});
  CHECK(util::split_command("   ")->empty());
  CHECK_FALSE(util::split_command("a 'b"));
  CHECK_FALSE(util::split_command("a\\"));
}
