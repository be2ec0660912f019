#include "local/daemon/start_report.hpp"

#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"

namespace local::daemon {

std::string ready_report() {
  return "{\"ready\":true}\n";
}

std::string failure_report(const StartFailure& failure) {
  return doc::to_json(doc::map({{"ready", doc::Node(false)},
                                {"message", doc::Node(failure.message)},
                                {"help", doc::Node(failure.help)},
                                {"running", doc::Node(failure.other_is_running)}})) +
         "\n";
}

std::optional<StartFailure> parse_report(std::string_view report) {
  const auto node = doc::read_json(report);
  const doc::Node* ready = node ? node->find("ready") : nullptr;
  if (ready == nullptr || ready->as_bool() == nullptr) {
    return StartFailure{.message = "the local engine ended while it started",
                        .help = "see `docker ecs local logs`"};
  }
  if (*ready->as_bool()) {
    return std::nullopt;
  }
  StartFailure failure;
  const doc::Node* message = node->find("message");
  const doc::Node* help = node->find("help");
  const doc::Node* running = node->find("running");
  if (message != nullptr && message->as_string() != nullptr) {
    failure.message = *message->as_string();
  }
  if (help != nullptr && help->as_string() != nullptr) {
    failure.help = *help->as_string();
  }
  failure.other_is_running =
      running != nullptr && running->as_bool() != nullptr && *running->as_bool();
  return failure;
}

}  // namespace local::daemon
