#include <array>
#include <cstdint>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "cloudformation/fargate_sizes.hpp"
#include "local/actions/ecs_validation.hpp"
#include "local/scheduler/log_shipper.hpp"
#include "local/scheduler/pause_image.hpp"
#include "local/scheduler/task_networks.hpp"
#include "local/scheduler/task_secrets.hpp"

using namespace local::ecs;

TEST_CASE("ranges of addresses") {
  const auto pool = parse_range("10.213.7.9/16");
  REQUIRE(pool);
  CHECK(to_text(*pool) == "10.213.0.0/16");
  CHECK(!parse_range("10.213.0.0"));
  CHECK(!parse_range("10.213.0.256/16"));
  CHECK(!parse_range("10.213.0.0/33"));
  CHECK(parse_range("10.0.0.0/8")->overlaps(*pool));
  CHECK(!parse_range("10.214.0.0/16")->overlaps(*pool));
}

TEST_CASE("a task network avoids what is taken") {
  const auto subnets =
      free_subnets(*parse_range("10.213.0.0/22"),
                   {*parse_range("10.213.0.0/24"), *parse_range("10.213.2.128/25")});
  REQUIRE(subnets.size() == 2);
  CHECK(to_text(subnets[0]) == "10.213.1.0/24");
  CHECK(to_text(subnets[1]) == "10.213.3.0/24");
  CHECK(free_subnets(*parse_range("10.213.0.0/16"), {*parse_range("10.0.0.0/8")}).empty());
}

TEST_CASE("a reference to a secret may name a key of it, a stage and a version") {
  const std::string arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf";
  CHECK(parse_secret_reference(arn).id == arn);
  CHECK(parse_secret_reference(arn).json_key.empty());
  const SecretReference full = parse_secret_reference(arn + ":password:AWSPREVIOUS:v1");
  CHECK(full.id == arn);
  CHECK(full.json_key == "password");
  CHECK(full.version_stage == "AWSPREVIOUS");
  CHECK(full.version_id == "v1");
  CHECK(parse_secret_reference(arn + ":password::").json_key == "password");
  CHECK(parse_secret_reference("db").id == "db");
}

TEST_CASE("the registry of an image") {
  CHECK(registry_of("redis:7").empty());
  CHECK(registry_of("me/app").empty());
  CHECK(registry_of("localhost/app") == "localhost");
  CHECK(registry_of("127.0.0.1:5056/me/app:1") == "127.0.0.1:5056");
  CHECK(registry_of("ghcr.io/me/app@sha256:ab") == "ghcr.io");
}

TEST_CASE("Docker's times in nanoseconds") {
  CHECK(parse_docker_time("1970-01-01T00:00:01.000000002Z") == 1'000'000'002);
  CHECK(parse_docker_time("2026-01-02T03:04:05Z") == 1'767'323'045'000'000'000);
  CHECK(parse_docker_time("2026-01-02T03:04:05.5Z") == 1'767'323'045'500'000'000);
  CHECK(parse_docker_time("soon") == 0);
}

TEST_CASE("Fargate's sizes") {
  CHECK(cloudformation::is_fargate_size(256, 512));
  CHECK(cloudformation::is_fargate_size(256, 2048));
  CHECK(!cloudformation::is_fargate_size(256, 1536));
  CHECK(!cloudformation::is_fargate_size(256, 4096));
  CHECK(cloudformation::is_fargate_size(1024, 3072));
  CHECK(!cloudformation::is_fargate_size(8192, 18 * 1024));
  CHECK(cloudformation::is_fargate_size(8192, 20 * 1024));
  CHECK(!cloudformation::is_fargate_size(300, 512));
  CHECK(normal_cpu("0.5 vCPU") == "512");
  CHECK(normal_memory("2 GB") == "2048");
  CHECK(normal_memory("512") == "512");
}

TEST_CASE("the pause program runs until a signal ends it") {
  const std::string program = pause_program();
  const int file = memfd_create("pause", MFD_CLOEXEC);
  REQUIRE(write(file, program.data(), program.size()) == static_cast<ssize_t>(program.size()));
  const pid_t child = fork();
  if (child == 0) {
    std::array<char*, 1> none{nullptr};
    fexecve(file, none.data(), none.data());
    _exit(127);
  }
  int status = 0;
  usleep(20'000);
  CHECK(waitpid(child, &status, WNOHANG) == 0);
  kill(child, SIGTERM);
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
  close(file);
  CHECK(pause_archive().size() % 512 == 0);
}
