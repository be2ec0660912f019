#include "convert/logging.hpp"

#include <algorithm>
#include <array>

namespace convert {
namespace {

constexpr std::array<std::string_view, 4> kAwsLogsOptions = {"awslogs-create-group",
                                                             "awslogs-datetime-format",
                                                             "awslogs-multiline-pattern",
                                                             "max-buffer-size"};

bool is_passed_on(std::string_view option) {
  return option == "mode" || option.starts_with("awslogs-") ||
         std::find(kAwsLogsOptions.begin(), kAwsLogsOptions.end(), option) != kAwsLogsOptions.end();
}

const std::string* logging_option(const compose::Service& service, std::string_view name) {
  return service.logging ? compose::find(service.logging->options, name) : nullptr;
}

void check_options(Builder& builder, const compose::Logging& logging) {
  if (logging.driver && logging.driver->value != "awslogs" && logging.driver->value != "none") {
    builder.note("convert.approximated",
                 logging.driver->span,
                 "logging driver `" + logging.driver->value +
                     "` is not used: output goes to CloudWatch Logs");
    return;
  }
  for (const compose::Pair& option : logging.options) {
    if (!is_passed_on(option.name)) {
      builder.warning("convert.ignored",
                      option.span,
                      "logging option `" + option.name +
                          "` is ignored: the awslogs driver has none of that name");
    }
  }
}

}  // namespace

bool writes_logs(const compose::Service& service) {
  return !(service.logging && service.logging->driver && service.logging->driver->value == "none");
}

void report_logging(Builder& builder, const compose::Service& service) {
  if (service.logging && writes_logs(service)) {
    check_options(builder, *service.logging);
  }
}

doc::Node log_configuration(const Builder& builder, const compose::Service& service) {
  doc::Mapping options;
  options.set("awslogs-group", cloudformation::ref("LogGroup"));
  options.set("awslogs-region", cloudformation::ref("AWS::Region"));
  options.set("awslogs-stream-prefix", doc::Node(builder.project().name));
  options.set("mode", doc::Node("non-blocking"));
  options.set("max-buffer-size", doc::Node("25m"));
  if (service.logging) {
    const bool other_driver =
        service.logging->driver && service.logging->driver->value != "awslogs";
    for (const compose::Pair& option : service.logging->options) {
      if (is_passed_on(option.name) && (!other_driver || option.name.starts_with("awslogs-"))) {
        options.set(option.name, doc::Node(option.value));
      }
    }
  }
  return Fields().add("LogDriver", "awslogs").add("Options", doc::Node(std::move(options))).node();
}

doc::Node log_streams_arn(const compose::Service& service) {
  if (!writes_logs(service)) {
    return {};
  }
  const std::string* group = logging_option(service, "awslogs-group");
  if (group == nullptr) {
    return cloudformation::get_att("LogGroup", "Arn");
  }
  return cloudformation::sub(
      "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:" + *group + ":*");
}

}  // namespace convert
