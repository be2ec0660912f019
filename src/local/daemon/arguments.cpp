#include <charconv>

#include "local/daemon/run.hpp"
#include "util/strings.hpp"

namespace local::daemon {

namespace {

std::optional<double> parse_scale(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0 && value <= 1000
             ? std::optional(value)
             : std::nullopt;
}

std::string scale_text(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "1";
}

// False when `text` is not a number from `low` to `high`.
template <class T>
bool set_number(T& target, const std::string& text, std::int64_t low, std::int64_t high) {
  const auto value = util::parse_int(text);
  if (!value || *value < low || *value > high) {
    return false;
  }
  target = static_cast<T>(*value);
  return true;
}

bool set_argument(RunOptions& options, const std::string& name, const std::string& value) {
  if (name == "--state-directory") {
    options.paths.directory = value;
  } else if (name == "--region") {
    options.region = value;
  } else if (name == "--docker-host") {
    options.docker_host = value;
  } else if (name == "--subnets") {
    options.subnets = value;
  } else if (name == "--version") {
    options.version = value;
  } else if (name == "--port") {
    return set_number(options.port, value, 0, 65535);
  } else if (name == "--ready-fd") {
    return set_number(options.ready_fd, value, -1, 1'000'000);
  } else if (name == "--time-scale") {
    const auto scale = parse_scale(value);
    options.time_scale = scale.value_or(0);
    return scale.has_value();
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> to_arguments(const RunOptions& options) {
  return {"--state-directory",
          options.paths.directory,
          "--port",
          std::to_string(options.port),
          "--region",
          options.region,
          "--docker-host",
          options.docker_host,
          "--subnets",
          options.subnets,
          "--time-scale",
          scale_text(options.time_scale),
          "--version",
          options.version,
          "--ready-fd",
          std::to_string(options.ready_fd)};
}

util::Result<RunOptions, std::string> parse_arguments(const std::vector<std::string>& arguments) {
  RunOptions options;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size() || !set_argument(options, arguments[i], arguments[i + 1])) {
      return util::unexpected("bad argument " + arguments[i]);
    }
  }
  if (options.paths.directory.empty()) {
    return util::unexpected(std::string("--state-directory is missing"));
  }
  return options;
}

}  // namespace local::daemon
