#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "deploy/api.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"

namespace test {

// Answers each operation from a list; the last answer of an operation repeats. Records "Operation
// {input}".
class ScriptedApi final : public deploy::Api {
 public:
  void answer(const std::string& operation, std::string_view json) {
    answers_[operation].emplace_back(doc::read_json(json).value());
  }

  void fail(const std::string& operation, deploy::ApiError error) {
    answers_[operation].emplace_back(util::unexpected(std::move(error)));
  }

  void absent(const std::string& operation) {
    fail(operation,
         {deploy::ApiError::Kind::answered, "ValidationError", "Stack with id app does not exist"});
  }

  deploy::ApiResult<doc::Node> call(const awsapi::Operation& operation,
                                    const doc::Node& input) override {
    const std::string name(operation.name);
    calls.push_back(name + " " + doc::to_json(input));
    auto& queue = answers_[name];
    if (queue.empty()) {
      return doc::map({});
    }
    deploy::ApiResult<doc::Node> out = queue.front();
    if (queue.size() > 1) {
      queue.pop_front();
    }
    return out;
  }

  // Inputs of the calls of one operation.
  [[nodiscard]] std::vector<std::string> calls_of(const std::string& operation) const {
    std::vector<std::string> out;
    for (const std::string& call : calls) {
      if (call.starts_with(operation + " ")) {
        out.push_back(call.substr(operation.size() + 1));
      }
    }
    return out;
  }

  std::vector<std::string> calls;

 private:
  std::map<std::string, std::deque<deploy::ApiResult<doc::Node>>> answers_;
};

}  // namespace test
