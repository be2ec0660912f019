#include <algorithm>
#include <array>

#include "local/actions/ecs-impl.hpp"

// Account settings and tags.
namespace local::ecs {
namespace {

struct SettingDefault {
  std::string_view name;
  std::string_view value;
  std::string_view allowed;  // "a|b"; empty = any
};

// The long ARN formats cannot be switched off any more, and accounts made since 2021 have them on.
constexpr std::array<SettingDefault, 10> kSettings{{
    {"serviceLongArnFormat", "enabled", "enabled|disabled"},
    {"taskLongArnFormat", "enabled", "enabled|disabled"},
    {"containerInstanceLongArnFormat", "enabled", "enabled|disabled"},
    {"awsvpcTrunking", "disabled", "enabled|disabled"},
    {"containerInsights", "disabled", "enabled|disabled|enhanced"},
    {"fargateFIPSMode", "disabled", "enabled|disabled"},
    {"tagResourceAuthorization", "on", "on|off"},
    {"fargateTaskRetirementWaitPeriod", "7", "0|7|14"},
    {"guardDutyActivate", "off", "on|off"},
    {"defaultLogDriverMode", "non-blocking", "blocking|non-blocking"},
}};

std::string root_arn(EcsState& state) {
  return "arn:aws:iam::" + state.context().account + ":root";
}

api::Setting setting_of(EcsState& state, std::string_view name, std::string_view value) {
  api::Setting out;
  out.name = std::string(name);
  out.value = std::string(value);
  out.principal_arn = root_arn(state);
  out.type = name == "guardDutyActivate" ? "aws_managed" : "user";
  return out;
}

Answer<api::ListAccountSettingsResponse> list_settings(
    EcsState& state,
    const api::ListAccountSettingsRequest& request) {
  std::vector<api::Setting> settings;
  for (const SettingDefault& setting : kSettings) {
    const auto put = state.settings.find(setting.name);
    const bool effective = request.effective_settings.value_or(false);
    if (put == state.settings.end() && !effective) {
      continue;
    }
    const std::string_view value =
        put == state.settings.end() ? setting.value : std::string_view(put->second);
    if ((!request.name || *request.name == setting.name) &&
        (!request.value || *request.value == value)) {
      settings.push_back(setting_of(state, setting.name, value));
    }
  }
  auto page = page_of(settings, request.next_token, request.max_results.value_or(10));
  if (!page) {
    return util::unexpected(page.error());
  }
  api::ListAccountSettingsResponse response;
  response.settings = std::move(page->items);
  response.next_token = page->next_token;
  return response;
}

Answer<api::Setting> put_setting(EcsState& state,
                                 const std::string& name,
                                 const std::string& value) {
  const auto* known = std::find_if(
      kSettings.begin(), kSettings.end(), [&](const SettingDefault& s) { return s.name == name; });
  if (known == kSettings.end()) {
    return util::unexpected(invalid_parameter("Unknown account setting: " + name + "."));
  }
  const std::vector<std::string> allowed = util::split(known->allowed, '|');
  if (!includes(allowed, value)) {
    return util::unexpected(invalid_parameter("Invalid setting value " + value + " for " + name +
                                              ": allowed are " + util::join(allowed, ", ") + "."));
  }
  state.settings[name] = value;
  state.save_setting(name);
  return setting_of(state, name, value);
}

// The tags of whatever `arn` names; null when there is no such thing.
struct Tagged {
  std::vector<api::Tag>* tags = nullptr;
  ClusterRecord* cluster = nullptr;
  ServiceRecord* service = nullptr;
  TaskRecord* task = nullptr;
  api::TaskDefinition* definition = nullptr;
};

Tagged find_tagged(EcsState& state, const std::string& arn) {
  Tagged out;
  for (auto& [name, cluster] : state.clusters) {
    if (cluster.wire.cluster_arn == arn) {
      out.cluster = &cluster;
      out.tags = &cluster.wire.tags;
    }
  }
  for (auto& [key, service] : state.services) {
    if (service.wire.service_arn == arn) {
      out.service = &service;
      out.tags = &service.wire.tags;
    }
  }
  for (auto& [id, task] : state.tasks) {
    if (task.wire.task_arn == arn) {
      out.task = &task;
      out.tags = &task.wire.tags;
    }
  }
  api::TaskDefinition* definition =
      arn.find(":task-definition/") == std::string::npos ? nullptr : state.task_definition(arn);
  if (definition != nullptr) {
    out.definition = definition;
    out.tags = &state.task_definition_tags[*definition->task_definition_arn];
  }
  return out;
}

void save(EcsState& state, const Tagged& tagged) {
  if (tagged.cluster != nullptr) {
    state.save(*tagged.cluster);
  } else if (tagged.service != nullptr) {
    state.save(*tagged.service);
  } else if (tagged.task != nullptr) {
    state.save(*tagged.task);
  } else if (tagged.definition != nullptr) {
    state.save(*tagged.definition);
  }
}

ApiError no_such_resource() {
  return invalid_parameter(
      "The specified resource is not found. Specify a valid resource and try again.");
}

Answer<api::ListTagsForResourceResponse> list_tags(EcsState& state,
                                                   const api::ListTagsForResourceRequest& request) {
  const Tagged tagged = find_tagged(state, request.resource_arn);
  if (tagged.tags == nullptr) {
    return util::unexpected(no_such_resource());
  }
  api::ListTagsForResourceResponse response;
  response.tags = *tagged.tags;
  return response;
}

Answer<api::TagResourceResponse> tag(EcsState& state, const api::TagResourceRequest& request) {
  const Tagged tagged = find_tagged(state, request.resource_arn);
  if (tagged.tags == nullptr) {
    return util::unexpected(no_such_resource());
  }
  for (const api::Tag& fresh : request.tags) {
    std::erase_if(*tagged.tags, [&](const api::Tag& t) { return t.key == fresh.key; });
    tagged.tags->push_back(fresh);
  }
  save(state, tagged);
  return api::TagResourceResponse{};
}

Answer<api::UntagResourceResponse> untag(EcsState& state,
                                         const api::UntagResourceRequest& request) {
  const Tagged tagged = find_tagged(state, request.resource_arn);
  if (tagged.tags == nullptr) {
    return util::unexpected(no_such_resource());
  }
  std::erase_if(*tagged.tags,
                [&](const api::Tag& t) { return includes(request.tag_keys, t.key.value_or("")); });
  save(state, tagged);
  return api::UntagResourceResponse{};
}

}  // namespace

void add_setting_actions(Modules modules, ActionTable& table) {
  EcsState& state = modules.state;
  table.add<api::ListAccountSettingsRequest>(
      [&state](const auto& r) { return list_settings(state, r); });
  table.add<api::PutAccountSettingRequest>(
      [&state](const auto& r) -> Answer<api::PutAccountSettingResponse> {
        auto setting = put_setting(state, r.name, r.value);
        if (!setting) {
          return util::unexpected(setting.error());
        }
        return api::PutAccountSettingResponse{std::move(*setting)};
      });
  table.add<api::PutAccountSettingDefaultRequest>(
      [&state](const auto& r) -> Answer<api::PutAccountSettingDefaultResponse> {
        auto setting = put_setting(state, r.name, r.value);
        if (!setting) {
          return util::unexpected(setting.error());
        }
        return api::PutAccountSettingDefaultResponse{std::move(*setting)};
      });
}

void add_tag_actions(Modules modules, ActionTable& table) {
  EcsState& state = modules.state;
  table.add<api::ListTagsForResourceRequest>(
      [&state](const auto& r) { return list_tags(state, r); });
  table.add<api::TagResourceRequest>([&state](const auto& r) { return tag(state, r); });
  table.add<api::UntagResourceRequest>([&state](const auto& r) { return untag(state, r); });
}

}  // namespace local::ecs
