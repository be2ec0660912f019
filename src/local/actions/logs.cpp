#include "local/actions/logs.hpp"

#include <algorithm>
#include <array>

#include "local/actions/paging.hpp"
#include "local/store.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

namespace api_logs = awsapi::logs;

constexpr std::string_view kGroupRecord = "logs.group";
constexpr std::int64_t kLogDay = std::int64_t{24} * 60 * 60 * 1000;
constexpr auto kTrimEvery = std::chrono::minutes(10);
constexpr std::array<std::int64_t, 22> kRetentionDays = {
    1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
    365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

util::unexpected<ApiError> logs_error(std::string code, std::string message) {
  return util::unexpected(ApiError{std::move(code), std::move(message), 400});
}

util::unexpected<ApiError> logs_unavailable() {
  return util::unexpected(
      ApiError{"ServiceUnavailableException",
               "The local engine could not write to its log storage. Is the disk full?",
               500});
}

util::unexpected<ApiError> bad_logs_token() {
  return logs_error("InvalidParameterException", "The specified nextToken is invalid.");
}

api_logs::LogStream shown_stream(const LogStreamInfo& info, const std::string& group_arn) {
  api_logs::LogStream stream;
  stream.log_stream_name = info.name;
  stream.creation_time = info.created;
  stream.first_event_timestamp = info.first;
  stream.last_event_timestamp = info.last;
  stream.last_ingestion_time = info.ingested;
  stream.arn = group_arn + ":log-stream:" + info.name;
  stream.stored_bytes = 0;  // CloudWatch reports nothing else since 2019
  return stream;
}

}  // namespace

std::int64_t Logs::now_ms() const {
  return context_.now().time_since_epoch().count();
}

std::int64_t Logs::horizon(const Group& group) const {
  const auto& days = group.about.retention_in_days;
  return days ? now_ms() - *days * kLogDay : 0;
}

Logs::Answer<Logs::Group*> Logs::find(const std::string& name) {
  const auto at = groups_.find(name);
  if (at == groups_.end()) {
    return logs_error("ResourceNotFoundException", "The specified log group does not exist.");
  }
  return &at->second;
}

Logs::Answer<std::string> Logs::name_in(const std::optional<std::string>& name,
                                        const std::optional<std::string>& identifier) {
  if (name.has_value() == identifier.has_value()) {
    return logs_error("InvalidParameterException",
                      name ? "LogGroup name and LogGroup ARN are mutually exclusive parameters."
                           : "Either logGroupName or logGroupIdentifier must be specified.");
  }
  std::string wanted = name ? *name : *identifier;
  const std::string prefix = context_.arn("logs", "log-group:");
  if (wanted.starts_with(prefix)) {
    wanted.erase(0, prefix.size());
    if (wanted.ends_with(":*")) {
      wanted.resize(wanted.size() - 2);
    }
  }
  const auto group = find(wanted);
  if (!group) {
    return util::unexpected(group.error());
  }
  return wanted;
}

Logs::Answer<void> Logs::check_stream(const std::string& group, const std::string& stream) {
  if (const auto found = find(group); !found) {
    return util::unexpected(found.error());
  }
  if (!storage_.has_stream(group, stream)) {
    return logs_error("ResourceNotFoundException", "The specified log stream does not exist.");
  }
  return {};
}

void Logs::save(const Group& group) {
  doc::Mapping tags;
  for (const auto& [key, value] : group.tags) {
    tags.set(key, doc::Node(value));
  }
  context_.store.put(kGroupRecord,
                     *group.about.log_group_name,
                     doc::map({{"about", group.about.to_node(awsapi::EmptyLists::omit)},
                               {"tags", doc::Node(std::move(tags))}}));
}

void Logs::restore() {
  context_.store.each(kGroupRecord, [this](const std::string& name, const doc::Node& body) {
    Group& group = groups_[name];
    if (const doc::Node* about = body.find("about")) {
      group.about = api_logs::LogGroup::from_node(*about);
    }
    const doc::Node* tags = body.find("tags");
    if (tags != nullptr && tags->as_mapping() != nullptr) {
      for (const doc::Entry& tag : tags->as_mapping()->entries) {
        group.tags[tag.key.value] = tag.value.as_string() == nullptr ? "" : *tag.value.as_string();
      }
    }
  });
  trim_regularly();
}

void Logs::trim_regularly() {
  for (const auto& [name, group] : groups_) {
    storage_.trim(name, horizon(group));
  }
  context_.timers.at(context_.now() + kTrimEvery, [this] { trim_regularly(); });
}

Logs::Answer<api_logs::CreateLogGroupResponse> Logs::create_group(
    const api_logs::CreateLogGroupRequest& request) {
  if (groups_.contains(request.log_group_name)) {
    return logs_error("ResourceAlreadyExistsException", "The specified log group already exists");
  }
  if (request.log_group_name.starts_with("aws/")) {
    return logs_error("InvalidParameterException",
                      "Log groups starting with AWS/ are reserved for AWS.");
  }
  storage_.remove_group(request.log_group_name);  // lines of a group that a lost database knew
  Group& group = groups_[request.log_group_name];
  api_logs::LogGroup& about = group.about;
  about.log_group_name = request.log_group_name;
  about.creation_time = now_ms();
  about.metric_filter_count = 0;
  about.log_group_arn = context_.arn("logs", "log-group:" + request.log_group_name);
  about.arn = *about.log_group_arn + ":*";
  about.kms_key_id = request.kms_key_id;
  about.log_group_class = request.log_group_class.value_or("STANDARD");
  about.deletion_protection_enabled = request.deletion_protection_enabled;
  group.tags = request.tags;
  save(group);
  return api_logs::CreateLogGroupResponse{};
}

Logs::Answer<api_logs::DescribeLogGroupsResponse> Logs::describe_groups(
    const api_logs::DescribeLogGroupsRequest& request) {
  if (request.log_group_name_prefix && request.log_group_name_pattern) {
    return logs_error(
        "InvalidParameterException",
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  }
  const std::string pattern = util::to_lower(request.log_group_name_pattern.value_or(""));
  std::vector<api_logs::LogGroup> all;
  for (const auto& [name, group] : groups_) {
    const bool named = request.log_group_identifiers.empty() ||
                       std::any_of(request.log_group_identifiers.begin(),
                                   request.log_group_identifiers.end(),
                                   [&](const std::string& id) {
                                     return id == name || id == group.about.log_group_arn;
                                   });
    if (named && name.starts_with(request.log_group_name_prefix.value_or("")) &&
        util::to_lower(name).find(pattern) != std::string::npos &&
        (!request.log_group_class || request.log_group_class == group.about.log_group_class)) {
      all.push_back(group.about);
    }
  }
  auto page = take_page(std::move(all), request.next_token, request.limit.value_or(50));
  if (!page) {
    return bad_logs_token();
  }
  for (api_logs::LogGroup& group : page->items) {
    group.stored_bytes = storage_.bytes(*group.log_group_name);
  }
  return api_logs::DescribeLogGroupsResponse{std::move(page->items), std::move(page->next)};
}

Logs::Answer<api_logs::DescribeLogStreamsResponse> Logs::describe_streams(
    const api_logs::DescribeLogStreamsRequest& request) {
  const auto group = name_in(request.log_group_name, request.log_group_identifier);
  if (!group) {
    return util::unexpected(group.error());
  }
  const bool by_time = request.order_by == "LastEventTime";
  if (by_time && request.log_stream_name_prefix) {
    return logs_error("InvalidParameterException",
                      "Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  std::vector<LogStreamInfo> streams = storage_.streams(*group);
  std::erase_if(streams, [&](const LogStreamInfo& stream) {
    return !stream.name.starts_with(request.log_stream_name_prefix.value_or(""));
  });
  if (by_time) {
    std::stable_sort(
        streams.begin(), streams.end(), [](const LogStreamInfo& a, const LogStreamInfo& b) {
          return a.last < b.last;
        });
  }
  if (request.descending.value_or(false)) {
    std::reverse(streams.begin(), streams.end());
  }
  auto page = take_page(std::move(streams), request.next_token, request.limit.value_or(50));
  if (!page) {
    return bad_logs_token();
  }
  api_logs::DescribeLogStreamsResponse response;
  for (const LogStreamInfo& stream : page->items) {
    response.log_streams.push_back(
        shown_stream(stream, context_.arn("logs", "log-group:" + *group)));
  }
  response.next_token = std::move(page->next);
  return response;
}

Logs::Answer<api_logs::PutRetentionPolicyResponse> Logs::put_retention(
    const api_logs::PutRetentionPolicyRequest& request) {
  const auto group = find(request.log_group_name);
  if (!group) {
    return util::unexpected(group.error());
  }
  if (std::find(kRetentionDays.begin(), kRetentionDays.end(), request.retention_in_days) ==
      kRetentionDays.end()) {
    std::string known;
    for (const std::int64_t days : kRetentionDays) {
      known += (known.empty() ? "" : ", ") + std::to_string(days);
    }
    return logs_error(
        "InvalidParameterException",
        "1 validation error detected: Value '" + std::to_string(request.retention_in_days) +
            "' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [" +
            known + "]");
  }
  (*group)->about.retention_in_days = request.retention_in_days;
  save(**group);
  return api_logs::PutRetentionPolicyResponse{};
}

void Logs::add_actions(ActionTable& actions) {
  add_group_actions(actions);
  add_stream_actions(actions);
  actions.add<api_logs::PutLogEventsRequest>(
      [this](const auto& request) { return put_events(request); });
  actions.add<api_logs::FilterLogEventsRequest>(
      [this](const auto& request) { return filter_events(request); });
  actions.add<api_logs::GetLogEventsRequest>(
      [this](const auto& request) { return get_events(request); });
}

void Logs::add_group_actions(ActionTable& actions) {
  actions.add<api_logs::CreateLogGroupRequest>(
      [this](const auto& request) { return create_group(request); });
  actions.add<api_logs::DescribeLogGroupsRequest>(
      [this](const auto& request) { return describe_groups(request); });
  actions.add<api_logs::PutRetentionPolicyRequest>(
      [this](const auto& request) { return put_retention(request); });
  actions.add<api_logs::DeleteRetentionPolicyRequest>(
      [this](const auto& request) -> Answer<api_logs::DeleteRetentionPolicyResponse> {
        const auto group = find(request.log_group_name);
        if (!group) {
          return util::unexpected(group.error());
        }
        (*group)->about.retention_in_days.reset();
        save(**group);
        return api_logs::DeleteRetentionPolicyResponse{};
      });
  actions.add<api_logs::DeleteLogGroupRequest>(
      [this](const auto& request) -> Answer<api_logs::DeleteLogGroupResponse> {
        const auto group = find(request.log_group_name);
        if (!group) {
          return util::unexpected(group.error());
        }
        if ((*group)->about.deletion_protection_enabled.value_or(false)) {
          return logs_error(
              "ValidationException",
              "The log group is protected from deletion. Disable deletion protection first.");
        }
        if (!storage_.remove_group(request.log_group_name)) {
          return logs_unavailable();
        }
        context_.store.remove(kGroupRecord, request.log_group_name);
        groups_.erase(request.log_group_name);
        return api_logs::DeleteLogGroupResponse{};
      });
  actions.add<api_logs::ListTagsForResourceRequest>(
      [this](const auto& request) -> Answer<api_logs::ListTagsForResourceResponse> {
        const auto name = name_in(std::nullopt, request.resource_arn);
        if (!name) {
          return util::unexpected(name.error());
        }
        return api_logs::ListTagsForResourceResponse{groups_[*name].tags};
      });
}

void Logs::add_stream_actions(ActionTable& actions) {
  actions.add<api_logs::DescribeLogStreamsRequest>(
      [this](const auto& request) { return describe_streams(request); });
  actions.add<api_logs::CreateLogStreamRequest>(
      [this](const auto& request) -> Answer<api_logs::CreateLogStreamResponse> {
        const auto group = find(request.log_group_name);
        if (!group) {
          return util::unexpected(group.error());
        }
        if (storage_.has_stream(request.log_group_name, request.log_stream_name)) {
          return logs_error("ResourceAlreadyExistsException",
                            "The specified log stream already exists");
        }
        if (!storage_.create_stream(request.log_group_name, request.log_stream_name, now_ms())) {
          return logs_unavailable();
        }
        return api_logs::CreateLogStreamResponse{};
      });
  actions.add<api_logs::DeleteLogStreamRequest>(
      [this](const auto& request) -> Answer<api_logs::DeleteLogStreamResponse> {
        if (const auto checked = check_stream(request.log_group_name, request.log_stream_name);
            !checked) {
          return util::unexpected(checked.error());
        }
        if (!storage_.remove_stream(request.log_group_name, request.log_stream_name)) {
          return logs_unavailable();
        }
        return api_logs::DeleteLogStreamResponse{};
      });
}

}  // namespace local
