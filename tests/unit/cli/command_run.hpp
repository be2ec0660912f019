#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/application.hpp"
#include "cli/terminal.hpp"
#include "support/memory_file_system.hpp"

namespace test {

// An endpoint whose answers the test writes, by operation name, and whose requests it reads.
class ScriptedService final : public cli::AwsService {
 public:
  using Answer = std::function<util::Result<doc::Node, cli::ServiceError>(const doc::Node& input)>;

  explicit ScriptedService(std::map<std::string, Answer, std::less<>> answers)
      : answers_(std::move(answers)) {}

  util::Result<doc::Node, cli::ServiceError> call(const awsapi::Operation& operation,
                                                  const doc::Node& input) override {
    calls.emplace_back(operation.name, input);
    const auto answer = answers_.find(operation.name);
    if (answer == answers_.end()) {
      return util::unexpected(cli::ServiceError{
          cli::ServiceError::Kind::answered, "UnexpectedCall", std::string(operation.name)});
    }
    return answer->second(input);
  }

  [[nodiscard]] std::string region() const override { return "eu-west-1"; }

  std::vector<std::pair<std::string, doc::Node>> calls;

 private:
  std::map<std::string, Answer, std::less<>> answers_;
};

// A command line run in memory.
class CommandRun {
 public:
  class StillClock final : public util::Clock {
   public:
    [[nodiscard]] TimePoint now() const override { return {}; }
  };

  MemoryFileSystem files;
  std::map<std::string, std::string, std::less<>> variables{{"HOME", "/home/u"}};
  std::map<std::string, ScriptedService::Answer, std::less<>> answers;
  std::string stdin_text;
  std::vector<std::pair<std::string, doc::Node>> calls;

  cli::ExitCode run(std::vector<std::string> words);

  std::string out;
  std::string err;
};

// Forwards to a service that outlives it, as the real connection does not.
class BorrowedService final : public cli::AwsService {
 public:
  explicit BorrowedService(ScriptedService& service) : service_(service) {}

  util::Result<doc::Node, cli::ServiceError> call(const awsapi::Operation& operation,
                                                  const doc::Node& input) override {
    return service_.call(operation, input);
  }

  [[nodiscard]] std::string region() const override { return service_.region(); }

 private:
  ScriptedService& service_;
};

inline cli::ExitCode CommandRun::run(std::vector<std::string> words) {
  const util::Environment environment(variables);
  cli::StringOutput out_stream;
  cli::StringOutput err_stream;
  cli::StringInput in(stdin_text);
  const StillClock clock;
  ScriptedService service(answers);
  const cli::ExitCode code = cli::run(
      {out_stream,
       err_stream,
       in,
       environment,
       files,
       clock,
       "/project",
       [&](const cli::Session&,
           const cli::Target&) -> util::Result<std::unique_ptr<cli::AwsService>, cli::Failure> {
         return std::make_unique<BorrowedService>(service);
       }},
      std::move(words));
  out = out_stream.text();
  err = err_stream.text();
  calls = std::move(service.calls);
  return code;
}

}  // namespace test
