#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "local/action_table.hpp"
#include "local/scheduler/ecs_state.hpp"
#include "local/scheduler/service_scheduler.hpp"
#include "local/scheduler/task_runner.hpp"
#include "util/strings.hpp"

// Shared by actions/ecs_*.cpp only.
namespace local::ecs {

struct Modules {
  EcsState& state;
  const ActionTable& actions;
  TaskRunner& runner;
  ServiceScheduler& scheduler;
};

void add_cluster_actions(Modules modules, ActionTable& table);
void add_task_definition_actions(Modules modules, ActionTable& table);
void add_service_actions(Modules modules, ActionTable& table);
void add_task_actions(Modules modules, ActionTable& table);
void add_setting_actions(Modules modules, ActionTable& table);
void add_tag_actions(Modules modules, ActionTable& table);

// One page of `items`; the token is the position in them.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next_token;
};

template <class T>
Answer<Page<T>> page_of(const std::vector<T>& items,
                        const std::optional<std::string>& token,
                        std::int64_t limit) {
  std::int64_t begin = 0;
  if (token && !token->empty()) {
    const auto at = util::parse_int(*token);
    if (!at || *at < 0 || *at > static_cast<std::int64_t>(items.size())) {
      return util::unexpected(invalid_parameter("Invalid token."));
    }
    begin = *at;
  }
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t end = std::min(size, begin + std::max<std::int64_t>(limit, 1));
  Page<T> page;
  page.items.assign(items.begin() + begin, items.begin() + end);
  if (end < size) {
    page.next_token = std::to_string(end);
  }
  return page;
}

api::Failure missing(std::string arn);
bool includes(const std::vector<std::string>& include, std::string_view what);

}  // namespace local::ecs
