#include "cli/debug_log.hpp"

#include <utility>

namespace cli {
namespace {

std::string milliseconds(util::Clock::TimePoint from, util::Clock::TimePoint to) {
  return std::to_string((to - from).count()) + " ms";
}

class LoggedService final : public AwsService {
 public:
  LoggedService(std::unique_ptr<AwsService> service, DebugLog& log)
      : service_(std::move(service)), log_(log) {}

  util::Result<doc::Node, ServiceError> call(const awsapi::Operation& operation,
                                             const doc::Node& input) override {
    const auto start = log_.now();
    auto answer = service_->call(operation, input);
    const std::string outcome = answer                        ? "ok"
                                : answer.error().code.empty() ? answer.error().message
                                                              : answer.error().code;
    log_.line(std::string(operation.service().name) + " " + std::string(operation.name) + ": " +
              outcome + ", " + milliseconds(start, log_.now()));
    return answer;
  }

  [[nodiscard]] std::string region() const override { return service_->region(); }

 private:
  std::unique_ptr<AwsService> service_;
  DebugLog& log_;
};

}  // namespace

void DebugLog::line(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  out_.write("debug: [" + milliseconds(start_, now()) + "] " + std::string(text) + "\n");
}

util::Result<std::string, util::FileError> LoggedFileSystem::read(const std::string& path) const {
  auto text = files_.read(path);
  log_.line("read " + path + ": " +
            (text ? std::to_string(text->size()) + " bytes" : text.error().message));
  return text;
}

std::unique_ptr<AwsService> logged(std::unique_ptr<AwsService> service, DebugLog& log) {
  return std::make_unique<LoggedService>(std::move(service), log);
}

}  // namespace cli
