#include "cli/setup/account_settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "awsapi/ecs.hpp"

namespace cli {

util::Result<std::vector<std::string>, ServiceError> disabled_arn_settings(AwsService& service) {
  static constexpr std::array<std::string_view, 3> kNeeded{
      "containerInstanceLongArnFormat", "serviceLongArnFormat", "taskLongArnFormat"};
  std::vector<std::string> disabled;
  awsapi::ecs::ListAccountSettingsRequest request;
  request.effective_settings = true;
  const auto listed =
      service.send_all(request, [&](const awsapi::ecs::ListAccountSettingsResponse& page) {
        for (const awsapi::ecs::Setting& setting : page.settings) {
          const std::string name = setting.name.value_or("");
          const bool needed = std::find(kNeeded.begin(), kNeeded.end(), name) != kNeeded.end();
          if (needed && setting.value.value_or("") == "disabled") {
            disabled.push_back(name);
          }
        }
      });
  if (!listed) {
    return util::unexpected(listed.error());
  }
  std::sort(disabled.begin(), disabled.end());
  return disabled;
}

util::Result<void, ServiceError> enable_settings(AwsService& service,
                                                 const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    awsapi::ecs::PutAccountSettingDefaultRequest request;
    request.name = name;
    request.value = "enabled";
    if (auto answer = service.send(request); !answer) {
      return util::unexpected(std::move(answer.error()));
    }
  }
  return {};
}

}  // namespace cli
