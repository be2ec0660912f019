#pragma once

#include <optional>
#include <string>

#include "convert/builder.hpp"

namespace convert {

// When something is to happen, as EventBridge Scheduler and Application Auto Scaling write it.
struct ScheduleTime {
  std::string expression;  // cron(…) with six fields, rate(…), at(…)
  std::string timezone;    // IANA; empty: UTC
};

// From a string (crontab's five fields, `@daily`, or one of AWS's expressions) or a mapping with
// one of `cron`, `rate`, `at`, and `timezone`. Reports what is neither.
std::optional<ScheduleTime> schedule_time(Builder& builder, const doc::Node& value);

}  // namespace convert
