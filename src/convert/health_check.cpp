#include "convert/health_check.hpp"

#include <algorithm>
#include <chrono>

namespace convert {
namespace {

using std::chrono::seconds;

struct SecondsRange {
  std::string_view name;
  seconds least;
  seconds most;
  seconds otherwise;
};

// ECS: HealthCheck; Compose: the defaults.
constexpr SecondsRange kInterval = {"interval", seconds{5}, seconds{300}, seconds{30}};
constexpr SecondsRange kTimeout = {"timeout", seconds{2}, seconds{60}, seconds{30}};
constexpr SecondsRange kStartPeriod = {"start_period", seconds{0}, seconds{300}, seconds{0}};
constexpr std::int64_t kMostRetries = 10;

std::int64_t in_range(Builder& builder,
                      const std::optional<compose::Duration>& given,
                      const SecondsRange& range) {
  if (!given) {
    return range.otherwise.count();
  }
  const seconds rounded = std::chrono::ceil<seconds>(given->value);
  const seconds value = std::clamp(rounded, range.least, range.most);
  if (value != given->value) {
    builder.note("convert.approximated",
                 given->span,
                 "`" + std::string(range.name) + "` becomes " + std::to_string(value.count()) +
                     " s: ECS takes whole seconds from " + std::to_string(range.least.count()) +
                     " to " + std::to_string(range.most.count()));
  }
  return value.count();
}

std::int64_t retries(Builder& builder, const compose::HealthCheck& check) {
  if (!check.retries) {
    return 3;
  }
  const std::int64_t value = std::clamp<std::int64_t>(check.retries->value, 1, kMostRetries);
  if (value != check.retries->value) {
    builder.note("convert.approximated",
                 check.retries->span,
                 "`retries` becomes " + std::to_string(value) + ": ECS takes 1 to 10");
  }
  return value;
}

bool is_off(const compose::HealthCheck& check) {
  return check.disable ||
         (check.test && !check.test->empty() && check.test->front().value == "NONE");
}

}  // namespace

doc::Node health_check(Builder& builder, const compose::Service& service) {
  if (!service.healthcheck || is_off(*service.healthcheck)) {
    return {};
  }
  const compose::HealthCheck& check = *service.healthcheck;
  if (!check.test || check.test->empty()) {
    builder.warning("convert.ignored",
                    check.span,
                    "the health check of `" + service.name + "` is ignored: it has no `test`",
                    "copy the image's HEALTHCHECK here; ECS does not read it from the image");
    return {};
  }
  doc::Sequence command;
  for (const compose::Text& word : *check.test) {
    command.items.emplace_back(word.value);
  }
  Fields out;
  out.add("Command", doc::Node(std::move(command)))
      .add("Interval", in_range(builder, check.interval, kInterval))
      .add("Timeout", in_range(builder, check.timeout, kTimeout))
      .add("Retries", retries(builder, check));
  if (check.start_period) {
    out.add("StartPeriod", in_range(builder, check.start_period, kStartPeriod));
  }
  return std::move(out).node();
}

}  // namespace convert
