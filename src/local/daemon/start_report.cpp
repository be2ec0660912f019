#include "local/daemon/start_report.hpp"

#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"

namespace local::daemon {

namespace {

std::string text_of(const doc::Node& report, std::string_view key) {
  const doc::Node* node = report.find(key);
  return node != nullptr && node->as_string() != nullptr ? *node->as_string() : std::string();
}

std::vector<std::string> notices_of(const doc::Node& report) {
  std::vector<std::string> out;
  const doc::Node* notices = report.find("notices");
  if (notices != nullptr && notices->as_sequence() != nullptr) {
    for (const doc::Node& notice : notices->as_sequence()->items) {
      if (notice.as_string() != nullptr) {
        out.push_back(*notice.as_string());
      }
    }
  }
  return out;
}

}  // namespace

std::string ready_report(const std::vector<std::string>& notices) {
  std::vector<doc::Node> texts;
  for (const std::string& notice : notices) {
    texts.emplace_back(notice);
  }
  return doc::to_json(
             doc::map({{"ready", doc::Node(true)}, {"notices", doc::list(std::move(texts))}})) +
         "\n";
}

std::string failure_report(const StartFailure& failure) {
  return doc::to_json(doc::map({{"ready", doc::Node(false)},
                                {"message", doc::Node(failure.message)},
                                {"help", doc::Node(failure.help)},
                                {"running", doc::Node(failure.other_is_running)}})) +
         "\n";
}

StartReport parse_report(std::string_view report) {
  const auto node = doc::read_json(report);
  const doc::Node* ready = node ? node->find("ready") : nullptr;
  if (ready == nullptr || ready->as_bool() == nullptr) {
    return {.failure = StartFailure{.message = "the local engine ended while it started",
                                    .help = "see `docker ecs local logs`"}};
  }
  if (*ready->as_bool()) {
    return {.notices = notices_of(*node)};
  }
  const doc::Node* running = node->find("running");
  return {.failure = StartFailure{.message = text_of(*node, "message"),
                                  .help = text_of(*node, "help"),
                                  .other_is_running = running != nullptr &&
                                                      running->as_bool() != nullptr &&
                                                      *running->as_bool()}};
}

}  // namespace local::daemon
